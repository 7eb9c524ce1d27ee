package org.pointwise.format.zarr;

/** A run within a byte array that somebody else owns. */
record Slice(byte[] array, int offset, int length) {}
