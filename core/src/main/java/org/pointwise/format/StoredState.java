package org.pointwise.format;

/** The state of one planned object of an output. */
public enum StoredState {
  /** The object is stored as its receipt records it. */
  WHOLE("whole"),
  /** The object is correctly absent: all its pixels are nodata. */
  EMPTY("empty"),
  /** The object is absent, and no receipt records it as empty. */
  NEVER_WRITTEN("neverWritten"),
  /** The object is truncated. */
  TORN("torn"),
  /** The length of the object is correct, but its bytes are not. */
  CORRUPT("corrupt"),
  /** The object is intact, but something other than this plan stored it. */
  FOREIGN("foreign"),
  /** The object is stored, but no receipt has its hash. Nothing proves that this plan stored it. */
  UNPROVEN("unproven"),
  /** The object is stored, but is not an object of the plan. */
  LEFT_OVER("leftOver");

  private final String json;

  StoredState(String json) {
    this.json = json;
  }

  /** Returns the name in reports. */
  public String json() {
    return json;
  }

  /** Returns the name in messages for users. */
  public String label() {
    return switch (this) {
      case EMPTY -> "correctly empty";
      case NEVER_WRITTEN -> "never written";
      case LEFT_OVER -> "left over";
      default -> json;
    };
  }

  /** Returns whether the state is an error. */
  public boolean isError() {
    return this != WHOLE && this != EMPTY;
  }

  /** Returns whether deleting the object lets the next run write it again, or loses nothing. */
  public boolean deletable() {
    return this == TORN || this == CORRUPT || this == FOREIGN || this == LEFT_OVER;
  }
}
