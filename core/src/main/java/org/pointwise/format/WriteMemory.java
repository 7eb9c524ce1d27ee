package org.pointwise.format;

/**
 * Memory that assembling one object takes at most.
 *
 * @param heap bytes of the heap
 * @param nativeBytes bytes beside the heap, as of the longest write; a codec's context not counted
 */
public record WriteMemory(long heap, long nativeBytes) {}
