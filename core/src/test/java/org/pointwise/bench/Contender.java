package org.pointwise.bench;

/** One implementation of a benchmark case, set up and ready to run repeatedly. */
interface Contender {
  /** Reduces one tile, or does the equivalent work. */
  void run();
}
