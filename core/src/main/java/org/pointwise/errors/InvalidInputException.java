package org.pointwise.errors;

/** The input, the weights or the plan is invalid; nothing was written. Exit code 3. */
public class InvalidInputException extends PointwiseException {
  private static final long serialVersionUID = 1;

  public InvalidInputException(String message) {
    super(message);
  }

  public InvalidInputException(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public int exitCode() {
    return 3;
  }
}
