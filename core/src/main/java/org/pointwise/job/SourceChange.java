package org.pointwise.job;

/**
 * The sources of an output when an append of new images was planned, and those once it has ended.
 */
public record SourceChange(SourceList before, SourceList after) {}
