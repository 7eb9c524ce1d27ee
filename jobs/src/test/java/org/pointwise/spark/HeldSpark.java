package org.pointwise.spark;

/** A Spark that stays while commands join it one after another: starting one takes seconds. */
public final class HeldSpark implements AutoCloseable {
  private final SparkRunner runner;

  public HeldSpark(String master) {
    this.runner = SparkRunner.open("tests", master, found -> found);
  }

  @Override
  public void close() {
    runner.close();
  }
}
