package org.pointwise.errors;

/** Stored bytes contradict their own description: truncated, altered or hostile. Exit code 3. */
public final class CorruptDataException extends InvalidInputException {
  private static final long serialVersionUID = 1;

  public CorruptDataException(String message) {
    super(message);
  }

  public CorruptDataException(String message, Throwable cause) {
    super(message, cause);
  }
}
