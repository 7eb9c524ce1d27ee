package org.pointwise.spark;

/** Keeps Spark running while commands join it one after another, because starting takes seconds. */
public final class HeldSpark implements AutoCloseable {
  private final SparkRunner runner;

  public HeldSpark(String master) {
    this.runner = SparkRunner.open("tests", master, detected -> detected);
  }

  @Override
  public void close() {
    runner.close();
  }
}
