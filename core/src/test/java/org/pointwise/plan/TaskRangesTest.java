package org.pointwise.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.pointwise.testing.Seed;

/** Tests that units are distributed so that no task runs alone at the end. */
class TaskRangesTest {
  private final Random random = Seed.random("batches");

  @Test
  void everyUnitIsInOneRangeAndLastRangesAreShort() {
    for (int i = 0; i < 500; i++) {
      int tasks = 1 + random.nextInt(300);
      long units = random.nextInt(1 << random.nextInt(21));
      TaskRanges batches = TaskRanges.of(units, tasks);
      long next = 0;
      for (int run = 0; run < batches.count(); run++) {
        assertThat(batches.first(run)).isEqualTo(next);
        assertThat(batches.end(run)).isGreaterThan(next);
        next = batches.end(run);
      }
      assertThat(next).isEqualTo(units);
      for (int run = Math.max(0, batches.count() - tasks); run < batches.count(); run++) {
        assertThat(batches.end(run) - batches.first(run)).isEqualTo(1);
      }
      assertThat(batches.count()).isLessThan(32 * tasks + 4 * tasks * 22 + 2);
    }
  }

  /**
   * Half of the store was never written and costs almost nothing; the other units differ in cost.
   */
  @Test
  void unequalUnitsFinishTogether() {
    for (int i = 0; i < 200; i++) {
      int tasks = 2 + random.nextInt(63);
      int units = 40 * tasks + random.nextInt(5000);
      int from = random.nextInt(units);
      double[] costs = new double[units];
      for (int unit = 0; unit < units; unit++) {
        boolean missing = (unit - from + units) % units < units / 2;
        costs[unit] = missing ? 0.01 : 0.5 + random.nextDouble();
      }
      double even = Arrays.stream(costs).sum() / tasks;
      double[] ends = new double[tasks];
      TaskRanges batches = TaskRanges.of(units, tasks);
      for (int run = 0; run < batches.count(); run++) {
        int first = 0; // the first idle task takes the next range
        for (int task = 1; task < tasks; task++) {
          first = ends[task] < ends[first] ? task : first;
        }
        for (long unit = batches.first(run); unit < batches.end(run); unit++) {
          ends[first] += costs[(int) unit];
        }
      }
      double last = Arrays.stream(ends).max().orElse(0);
      // One unit of the most expensive kind after the others, and a margin for ranges of several.
      assertThat(last).isLessThan(even * 1.1 + 1.5);
    }
  }
}
