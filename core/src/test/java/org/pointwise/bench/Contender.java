package org.pointwise.bench;

/** One way to do the work of a benchmark case, set up and ready to run again and again. */
interface Contender {
  /** Reduces one tile, or does what stands for it. */
  void run();
}
