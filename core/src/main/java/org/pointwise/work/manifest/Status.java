package org.pointwise.work.manifest;

import java.util.Locale;

/** The completeness of an output, as its own metadata records it. */
public enum Status {
  /** All objects are stored. */
  COMPLETE,
  /** The first run has not ended, or objects were deleted. */
  INCOMPLETE,
  /** Complete except for the images that are being appended. */
  APPENDING,
  /** Any other text. */
  UNKNOWN;

  static Status of(String text) {
    for (Status status : values()) {
      if (status.toString().equals(text)) {
        return status;
      }
    }
    return UNKNOWN;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
