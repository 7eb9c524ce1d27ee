package org.pointwise.errors;

/**
 * A failure with a message meant for the user: one line, {@code Cannot X: it has A but needs B; do
 * C}.
 */
public abstract class PointwiseException extends RuntimeException {
  private static final long serialVersionUID = 1;

  PointwiseException(String message) {
    super(PrintableText.of(message));
  }

  PointwiseException(String message, Throwable cause) {
    super(PrintableText.of(message), cause);
  }

  /** Returns the exit code of a command that ends with this failure. */
  public abstract int exitCode();
}
