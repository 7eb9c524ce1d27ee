package org.pointwise.errors;

/**
 * The run stopped before its end, or a verification found errors. Everything stored is complete;
 * running the same command again continues. Exit code 4.
 */
public final class IncompleteRunException extends PointwiseException {
  private static final long serialVersionUID = 1;

  public IncompleteRunException(String message) {
    super(message);
  }

  public IncompleteRunException(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public int exitCode() {
    return 4;
  }
}
