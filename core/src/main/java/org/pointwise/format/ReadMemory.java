package org.pointwise.format;

/**
 * Memory that one reader of an array takes at most.
 *
 * @param heap bytes of the heap: a decoded cell, and what decoding it needs beside it
 * @param nativeBytes bytes beside the heap, as of the longest read and of a codec's library
 */
public record ReadMemory(long heap, long nativeBytes) {}
