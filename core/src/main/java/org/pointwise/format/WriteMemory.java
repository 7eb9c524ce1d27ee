package org.pointwise.format;

/**
 * The maximum memory for assembling one object.
 *
 * @param heap bytes on the heap
 * @param nativeBytes bytes outside the heap, for example for the longest write; without a codec's
 *     context
 */
public record WriteMemory(long heap, long nativeBytes) {}
