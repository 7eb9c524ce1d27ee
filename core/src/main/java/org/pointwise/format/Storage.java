package org.pointwise.format;

/** The distribution of an array's pixels over stored objects. */
public enum Storage {
  /** Objects of a regular grid. Each object may hold a part of an image or several images. */
  GRID,
  /** One file that holds the whole array. */
  FILE,
  /** A folder of files with one image each. The images may differ in height and width. */
  IMAGES
}
