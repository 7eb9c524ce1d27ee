package org.pointwise.format.zarr;

/** A range of a byte array that is owned by another object. */
record Slice(byte[] array, int offset, int length) {}
