package org.pointwise.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Runs commands in this JVM and stores their output. */
public record Cli(int code, String out, String err) {
  /**
   * Runs a command.
   *
   * @throws AssertionError if it ends with the exit code of a fault, which no command may
   */
  public static Cli run(String... args) {
    PrintStream oldOut = System.out;
    PrintStream oldErr = System.err;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
      int code = Main.run(args);
      Cli done =
          new Cli(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
      if (code == 1) {
        throw new AssertionError(String.join(" ", args) + ": " + done.err);
      }
      return done;
    } finally {
      System.setOut(oldOut);
      System.setErr(oldErr);
    }
  }

  /** Returns the only line on stderr. */
  public String errorLine() {
    if (err.lines().count() != 1) {
      throw new AssertionError("One line was expected on stderr: " + err);
    }
    return err.strip();
  }
}
