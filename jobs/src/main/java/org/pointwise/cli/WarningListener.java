package org.pointwise.cli;

import java.io.PrintWriter;
import org.pointwise.Listener;

/** Prints the warnings of a job on stderr, and nothing else. */
class WarningListener implements Listener {
  private final PrintWriter err;

  WarningListener(PrintWriter err) {
    this.err = err;
  }

  @Override
  public final void warning(String line) {
    err.println("Warning: " + line);
  }
}
