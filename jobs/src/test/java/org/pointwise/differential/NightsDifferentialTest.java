package org.pointwise.differential;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.spark.HeldSpark;
import org.pointwise.testing.Seed;

/**
 * Appends nights of images through interruptions and damage, and compares each state of the output
 * with NumPy. {@code -Dtests.cases=N} runs N cases.
 */
class NightsDifferentialTest {
  private static final int CASES = Integer.getInteger("tests.cases", 30);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @Test
  void nightsAreAppendedWhateverHappens() throws Exception {
    long first = Seed.random("nights").nextInt(1_000_000_000);
    try (Reference reference = Reference.start();
        HeldSpark spark = new HeldSpark(Commands.MASTER)) {
      Session session = new Session(Kind.NIGHTS, reference, folder);
      for (int i = 0; i < CASES; i++) {
        session.run(Kind.NIGHTS.testCase(first + i));
      }
      assertThat(session.findings()).as(session.summary()).isEmpty();
    }
  }
}
