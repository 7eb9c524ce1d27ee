package org.pointwise.jobs;

/** The name by which jobs written for version 0.1 start the command line. */
public final class Main {
  private Main() {}

  /** As {@link org.pointwise.cli.Main#main}. */
  public static void main(String[] args) {
    org.pointwise.cli.Main.main(args);
  }
}
