package org.pointwise.differential;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.spark.HeldSpark;
import org.pointwise.testing.Seed;

/**
 * Compares whole reductions in every combination of options with float64. {@code -Dtests.cases=N}
 * runs N of them, N / 5 each that are stopped, that append and that are reconstructed, and N / 10
 * that append images of further inputs.
 */
class ReduceDifferentialTest {
  private static final int CASES = Integer.getInteger("tests.cases", Cases.BLOCK);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  /** Returns the first case of a block that is random or follows from {@code -Dtests.seed}. */
  private static long firstOfAnyBlock() {
    return (long) Seed.random("differential").nextInt(1_000_000) * Cases.BLOCK;
  }

  @Test
  void everyPairOfValuesOccursTenTimesInABlock() {
    PairCounts pairs = Cases.pairs(Cases.block(firstOfAnyBlock() / Cases.BLOCK));
    assertThat(pairs.incompletePairs()).isEmpty();
  }

  @Test
  void reductionsMatchReference() throws Exception {
    run(Kind.REDUCE, CASES);
  }

  @Test
  void reductionContinuesAfterAnyStop() throws Exception {
    run(Kind.STOP, CASES / 5);
  }

  @Test
  void reconstructionsMatchReference() throws Exception {
    run(Kind.RECONSTRUCT, CASES / 5);
  }

  @Test
  void appendsGrowingInput() throws Exception {
    run(Kind.APPEND, CASES / 5);
  }

  @Test
  void appendsImagesOfFurtherInputs() throws Exception {
    run(Kind.APPEND_NEW, CASES / 10);
  }

  private void run(Kind kind, int cases) throws Exception {
    long first = firstOfAnyBlock();
    try (Reference reference = Reference.start();
        HeldSpark spark = new HeldSpark(Commands.MASTER)) {
      Session session = new Session(kind, reference, folder);
      for (long number = first; number < first + cases; number++) {
        session.run(kind.testCase(number));
      }
      assertThat(session.findings()).as(session.summary()).isEmpty();
    }
  }
}
