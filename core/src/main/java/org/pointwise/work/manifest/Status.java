package org.pointwise.work.manifest;

import java.util.Locale;

/** Whether an output is complete, as its own metadata records it. */
public enum Status {
  /** All objects are stored. */
  COMPLETE,
  /** A first run has not ended, or objects were deleted. */
  INCOMPLETE,
  /** Complete but for the images that are being appended. */
  APPENDING,
  /** None of these. */
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
