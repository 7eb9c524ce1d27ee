package org.pointwise.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.plan.EvaluationPlan;
import org.pointwise.plan.EvaluationPlan.Candidate;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Seed;

/** Tests workers that process several units while the input changes. */
class WorkersTest {
  @TempDir Path folder;

  /** Readers keep the description of a file from unit to unit. */
  @Test
  void fileChangedBetweenUnitsIsRefused() throws Exception {
    FeatureShape shape = new FeatureShape(4, 1024, 512, 8);
    Arrays4 array = Arrays4.random(Seed.random("workers"), shape);
    String file = array.npyFile(folder.toString(), "in.npy", "n,y,x,c");
    Arrays4 other = Arrays4.random(Seed.random("others"), new FeatureShape(4, 512, 1024, 8));
    Path changed = Path.of(other.npyFile(folder.toString(), "other.npy", "n,y,x,c"));
    FeatureSource source = Formats.open(ByteStores.LOCAL, file, Axes.parse("n,y,x,c"), null);
    PointwiseLayer layer =
        PointwiseLayer.of(new float[] {1, 1, 1, 1, 1, 1, 1, 1}, new float[1], Activation.NONE);
    PointwiseLayer decoder = PointwiseLayer.of(new float[8], new float[8], Activation.NONE);
    EvaluationPlan plan =
        EvaluationPlan.of(
            "",
            source.info(),
            List.of(new Candidate("layer", layer, decoder)),
            List.of(),
            HoldoutSplit.ALL,
            new double[0],
            new double[0]);
    assertThat(plan.unitCount()).isGreaterThan(1);
    long[] next = {0};
    LongSupplier units =
        () -> {
          if (next[0] == 1) {
            move(changed, Path.of(file));
          }
          return next[0] < plan.unitCount() ? next[0]++ : Workers.END;
        };
    Workers.Share share = new Workers.Share("", "", true, false, new double[0], () -> {});
    try (Workers workers = new Workers(plan, ByteStores.LOCAL)) {
      assertThatThrownBy(
              () -> workers.run(share, units, null, (unit, numbers) -> {}, Progress.SILENT))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("in.npy");
    }
    assertThat(next[0]).isEqualTo(2);
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
