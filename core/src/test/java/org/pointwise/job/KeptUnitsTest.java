package org.pointwise.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.KernelProvider;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.plan.EvaluationPlan;
import org.pointwise.plan.EvaluationPlan.Candidate;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.plan.VerificationPlan;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Seed;
import org.pointwise.work.UnitResultCache;
import org.pointwise.work.UnitWorker;

/** Results of long units are kept until their pass ends, and are reused only while valid. */
class KeptUnitsTest {
  private static final Extent CHUNK = new Extent(1, 16, 16);
  private static final int CHANNELS = 8;

  @TempDir Path folder;

  private final Random random = Seed.random("kept");

  private static final Runnable NEVER_CANCELLED =
      () -> {
        throw new IllegalStateException("computed");
      };

  private String array(String name) throws IOException {
    return Arrays4.random(random, new FeatureShape(3, 32, 32, CHANNELS))
        .zarr(folder + "/" + name, 3, "n,y,x,c", CHUNK, CHUNK);
  }

  private static PointwiseLayer layer(int out, int in, Random random) {
    float[] weights = new float[out * in];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    return PointwiseLayer.of(weights, new float[out], Activation.NONE);
  }

  private EvaluationPlan evaluation(String input, PointwiseLayer layer) {
    FeatureSource source = Formats.open(ByteStores.LOCAL, input, null, null);
    return EvaluationPlan.of(
        folder + "/report.html",
        source.info(),
        List.of(new Candidate("layer", layer, layer(CHANNELS, 2, new Random(1)))),
        List.of(),
        HoldoutSplit.ALL,
        new double[0],
        new double[0]);
  }

  private static double[] numbers(UnitWorker worker, double[] parameters, Runnable checkCancelled) {
    try (worker) {
      return worker.unit(0, () -> {}).run(parameters, checkCancelled).numbers();
    }
  }

  private double[] evaluate(EvaluationPlan plan, Duration min, Runnable checkCancelled) {
    KernelProvider provider = KernelProvider.forThisJvm();
    return numbers(
        new Evaluator(plan, ByteStores.LOCAL, provider, min), new double[0], checkCancelled);
  }

  private static void touch(Path file, Duration ago) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(ago)));
  }

  private List<Path> kept(String destination) throws IOException {
    Path numbers = folder.resolve(destination + ".pointwise/numbers");
    try (Stream<Path> files = Files.exists(numbers) ? Files.walk(numbers) : Stream.empty()) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void evaluationReusesKeptUnits() throws Exception {
    String input = array("in.zarr");
    PointwiseLayer layer = layer(2, CHANNELS, random);
    EvaluationPlan plan = evaluation(input, layer);
    double[] computed = evaluate(plan, Duration.ZERO, () -> {});
    assertThat(kept("report.html")).hasSize(1);
    assertThat(evaluate(plan, Duration.ZERO, NEVER_CANCELLED)).containsExactly(computed);

    EvaluationPlan other = evaluation(input, layer(2, CHANNELS, random));
    assertThatThrownBy(() -> evaluate(other, Duration.ZERO, NEVER_CANCELLED))
        .hasMessage("computed");

    Path object = Path.of(input, "c/0/0/0/0");
    FileTime before = Files.getLastModifiedTime(object);
    touch(object, Duration.ofMinutes(1));
    assertThatThrownBy(() -> evaluate(plan, Duration.ZERO, NEVER_CANCELLED)).hasMessage("computed");
    Files.setLastModifiedTime(object, before);
    assertThat(evaluate(plan, Duration.ZERO, NEVER_CANCELLED)).containsExactly(computed);

    UnitResultCache.delete(plan.destination(), ByteStores.LOCAL);
    assertThat(kept("report.html")).isEmpty();
    assertThat(evaluate(plan, Duration.ofDays(1), () -> {})).containsExactly(computed);
    assertThat(kept("report.html")).isEmpty(); // the units took less than a day
  }

  @Test
  void oldDamagedOrUnstorableUnitsAreComputed() throws Exception {
    EvaluationPlan plan = evaluation(array("in.zarr"), layer(2, CHANNELS, random));
    double[] computed = evaluate(plan, Duration.ZERO, () -> {});
    Path kept = kept("report.html").get(0);
    touch(kept, Duration.ofDays(8));
    assertThatThrownBy(() -> evaluate(plan, Duration.ZERO, NEVER_CANCELLED)).hasMessage("computed");
    touch(kept, Duration.ofDays(1));
    assertThat(evaluate(plan, Duration.ZERO, NEVER_CANCELLED)).containsExactly(computed);
    byte[] bytes = Files.readAllBytes(kept);
    for (byte[] damaged : List.of(Arrays.copyOf(bytes, 5), Arrays.copyOf(bytes, 80), flip(bytes))) {
      Files.write(kept, damaged);
      assertThatThrownBy(() -> evaluate(plan, Duration.ZERO, NEVER_CANCELLED))
          .hasMessage("computed");
    }
    UnitResultCache.delete(plan.destination(), ByteStores.LOCAL);
    Path place = folder.resolve("report.html.pointwise");
    ByteStores.LOCAL.open(place.toString()).delete("");
    Files.writeString(place, "a file where the folder would be");
    assertThat(evaluate(plan, Duration.ZERO, () -> {})).containsExactly(computed);
  }

  private byte[] flip(byte[] bytes) {
    byte[] flipped = bytes.clone();
    flipped[random.nextInt(bytes.length)] ^= 1;
    return flipped;
  }

  @Test
  void verificationReusesKeptUnits() throws Exception {
    String group = folder + "/out.zarr";
    String input = array("out.zarr");
    VerificationPlan plan =
        new VerificationPlan(
            "zarr3", group, "data", Axes.parse("n,y,x,c"), 3, 0, 12, true, false, 1 << 20);
    double[] expected = new double[12 * VerificationWorker.NUMBERS_PER_OBJECT];
    Arrays.fill(expected, -1); // no receipt has a hash
    double[] found =
        numbers(new VerificationWorker(plan, ByteStores.LOCAL, Duration.ZERO), expected, () -> {});
    assertThat(kept("out.zarr")).hasSize(1);
    assertThat(
            numbers(
                new VerificationWorker(plan, ByteStores.LOCAL, Duration.ZERO),
                expected,
                NEVER_CANCELLED))
        .containsExactly(found);

    double[] others = expected.clone();
    others[0] = 1; // of a receipt written since
    assertThatThrownBy(
            () ->
                numbers(
                    new VerificationWorker(plan, ByteStores.LOCAL, Duration.ZERO),
                    others,
                    NEVER_CANCELLED))
        .hasMessage("computed");
    touch(Path.of(input, "c/1/0/1/0"), Duration.ofMinutes(1));
    assertThatThrownBy(
            () ->
                numbers(
                    new VerificationWorker(plan, ByteStores.LOCAL, Duration.ZERO),
                    expected,
                    NEVER_CANCELLED))
        .hasMessage("computed");
  }
}
