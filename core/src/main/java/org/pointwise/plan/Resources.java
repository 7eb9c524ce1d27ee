package org.pointwise.plan;

/**
 * What the machines of a run have.
 *
 * @param tasks units computed at once over all machines
 * @param bytesPerTask memory that one of them may use
 * @param knob for people: the option that gives a task more memory
 */
public record Resources(int tasks, long bytesPerTask, String knob) {}
