package org.pointwise.jobs;

/** The main class under its name of version 0.1, for jobs written for that version. */
public final class Main {
  private Main() {}

  /** Calls {@link org.pointwise.cli.Main#main}. */
  public static void main(String[] args) {
    org.pointwise.cli.Main.main(args);
  }
}
