package org.pointwise.format;

/** What can be said of one planned object of an output. */
public enum StoredState {
  /** There, and as its receipt says. */
  WHOLE("whole"),
  /** Rightly not there: all nodata. */
  EMPTY("empty"),
  /** Not there, and nothing says that it is empty by right. */
  NEVER_WRITTEN("neverWritten"),
  /** It ends too early. */
  TORN("torn"),
  /** Its length is right, its bytes are not. */
  CORRUPT("corrupt"),
  /** Intact, but not what this plan stored: something else wrote it. */
  FOREIGN("foreign"),
  /** There, and no receipt has its hash: nothing shows that this plan stored it. */
  UNPROVEN("unproven"),
  /** There, but no object of the plan. */
  LEFT_OVER("leftOver");

  private final String json;

  StoredState(String json) {
    this.json = json;
  }

  /** Name in reports. */
  public String json() {
    return json;
  }

  /** For people. */
  public String words() {
    return switch (this) {
      case EMPTY -> "empty by right";
      case NEVER_WRITTEN -> "never written";
      case LEFT_OVER -> "left over";
      default -> json;
    };
  }

  /** Whether something is wrong. */
  public boolean wrong() {
    return this != WHOLE && this != EMPTY;
  }

  /** Whether deleting the object lets the next run write it again, or loses nothing. */
  public boolean deletable() {
    return this == TORN || this == CORRUPT || this == FOREIGN || this == LEFT_OVER;
  }
}
