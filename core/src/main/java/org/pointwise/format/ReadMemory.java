package org.pointwise.format;

/**
 * The maximum memory of one reader of an array.
 *
 * @param heap bytes on the heap: a decoded tile and the buffers for decoding it
 * @param nativeBytes bytes outside the heap, for example for the longest read and a codec's library
 */
public record ReadMemory(long heap, long nativeBytes) {}
