package org.pointwise.format;

/** How an array's pixels are shared out among stored objects. */
public enum Storage {
  /** Objects of a regular grid, each of which may hold a part of an image or several images. */
  GRID,
  /** One file that holds all of it. */
  FILE,
  /** A folder of files that hold one image each; their height and width may differ. */
  IMAGES
}
