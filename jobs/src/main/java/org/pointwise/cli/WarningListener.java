package org.pointwise.cli;

import java.io.PrintWriter;
import org.pointwise.Listener;

/** Prints the warnings of a job on stderr, and nothing else. */
class WarningListener implements Listener {
  /** Describes the option that selects this listener. */
  static final String QUIET =
      "Print only results, warnings and errors. Results are on stdout, warnings and errors on stderr. The plan and progress are not printed.";

  private final PrintWriter err;

  WarningListener(PrintWriter err) {
    this.err = err;
  }

  @Override
  public final void warning(String line) {
    err.println("Warning: " + line);
  }
}
