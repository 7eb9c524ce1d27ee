package org.pointwise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.StoredState;
import org.pointwise.plan.Existing;
import org.pointwise.plan.UnitPlan;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Seed;
import org.pointwise.work.Progress;
import org.pointwise.work.Runner;

/**
 * Tests the jobs of the Java API. The results are tested through the command line, which calls it.
 */
class PointwiseTest {
  private static final Extent CHUNK = new Extent(1, 8, 8);
  private static final int CHANNELS = 12;

  @TempDir Path folder;

  private final Random random = Seed.random("api");
  private final Pointwise pointwise = Pointwise.local(2);
  private InputSpec input;
  private String weights;

  @BeforeEach
  void write() throws Exception {
    Arrays4 array = Arrays4.random(random, new FeatureShape(4, 24, 17, CHANNELS));
    input = InputSpec.of(array.zarr(folder + "/in.zarr", 3, "n,y,x,c", CHUNK, CHUNK));
    weights = folder + "/w.safetensors";
  }

  @AfterEach
  void close() {
    pointwise.close();
  }

  private FitSpec.Builder fit() {
    return FitSpec.of(input, weights).channels(3).pixels(PixelsSpec.ALL.withHoldOut(0.3));
  }

  private OutputSpec output() {
    return OutputSpec.of(folder + "/out.zarr");
  }

  @Test
  void everyJobReturnsItsReport() throws Exception {
    MomentsReport moments = pointwise.moments(MomentsSpec.of(input, folder + "/all.safetensors"));
    assertThat(moments.moments().channels()).isEqualTo(CHANNELS);
    assertThat(moments.pixelsUsed()).isEqualTo(moments.moments().count()).isEqualTo(4 * 24 * 17);
    assertThat(moments.output()).isEqualTo(folder + "/all.safetensors");

    FitReport layer = pointwise.fit(fit().build());
    assertThat(layer.layer().outChannels()).isEqualTo(3);
    assertThat(layer.decoder().outChannels()).isEqualTo(CHANNELS);
    assertThat(layer.explainedVariance()).isBetween(0.0, 1.0);
    assertThat(layer.accuracy()).isNaN();
    assertThat(layer.files()).containsExactly(weights);
    assertThat(layer.passed()).isTrue();

    EvaluateReport kept = pointwise.evaluate(EvaluateSpec.of(input, weights).build());
    assertThat(kept.explainedVariance()).isBetween(0.0, 1.0);
    assertThat(kept.heldOutPixels()).isPositive().isLessThan(moments.pixelsUsed());
    assertThat(kept.warnings()).isEmpty();
    assertThat(kept.file()).isEqualTo(folder + "/w.report.json");
    assertThat(kept.page()).isNull();
    assertThat(folder.resolve("w.report.json")).exists();
    assertThat(folder.resolve("w.report.html")).doesNotExist(); // no page was requested

    ReduceReport reduced =
        pointwise.reduce(
            ReduceSpec.of(input, output().withType(ElementType.FLOAT16)).head(weights).build());
    assertThat(reduced.pixels()).isEqualTo(4 * 24 * 17);
    assertThat(reduced.bytesIn()).isEqualTo(reduced.pixels() * CHANNELS * Float.BYTES);
    assertThat(reduced.shardsWritten()).isEqualTo(reduced.shards());
    assertThat(reduced.json()).contains("\"fingerprint\" : \"" + reduced.fingerprint());

    VerifyReport whole =
        pointwise.verify(VerifySpec.of(folder + "/out.zarr").deeply().against(input, weights));
    assertThat(whole.problems()).isEmpty();
    assertThat(whole.whole()).isTrue();
    assertThat(whole.objects(StoredState.WHOLE)).isEqualTo(reduced.shards());
    assertThat(whole.comparedPixels()).isEqualTo(reduced.pixels());
    assertThat(whole.worstErrorOfBound()).isBetween(0.0, 1.0);

    ReconstructSpec spec =
        ReconstructSpec.of(
            InputSpec.of(folder + "/out.zarr"), weights, OutputSpec.of(folder + "/back.zarr"));
    assertThat(pointwise.plan(spec).notes()).isEmpty();
    ReduceReport back = pointwise.reconstruct(spec);
    assertThat(back.pixels()).isEqualTo(reduced.pixels());
    assertThat(back.decoder()).isEqualTo(weights + "#decoder.weight");
    assertThat(reduced.decoder()).isEmpty();
  }

  @Test
  void sameSpecContinuesAndOtherSpecIsRefused() throws Exception {
    pointwise.fit(fit().build());
    ReduceSpec spec = ReduceSpec.of(input, output()).head(weights).build();
    long shards = pointwise.reduce(spec).shards();
    assertThat(pointwise.reduce(spec).shardsAlreadyStored()).isEqualTo(shards);
    ReduceSpec.Builder others =
        ReduceSpec.of(input, output().withType(ElementType.FLOAT64)).head(weights);
    ReduceSpec other = others.build();
    assertThatThrownBy(() -> pointwise.reduce(other))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("holds the output of another plan");
    assertThat(pointwise.reduce(others.existing(Existing.OVERWRITE).build()).shardsWritten())
        .isEqualTo(shards);
  }

  @Test
  void planWritesNothing() throws Exception {
    pointwise.fit(fit().build());
    ReduceJob job = pointwise.plan(ReduceSpec.of(input, output()).head(weights).build());
    assertThat(job.json()).contains("\"fingerprint\"");
    assertThat(job.requireFits().tasks()).isEqualTo(2);
    assertThat(job.existing()).isEmpty();
    assertThat(job.missing().missing()).isZero();
    assertThat(pointwise.plan(MomentsSpec.of(input, folder + "/m.safetensors")).json())
        .contains("\"fingerprint\"");
    assertThat(folder.resolve("out.zarr")).doesNotExist();
    assertThat(folder.resolve("out.zarr.pointwise")).doesNotExist();
    assertThat(folder.resolve("m.safetensors")).doesNotExist();
  }

  @Test
  void listenerReceivesEveryUnitAndStep() throws Exception {
    List<String> events = new ArrayList<>();
    long[] pixels = new long[1];
    Listener listener =
        new Listener() {
          @Override
          public Progress begin(UnitPlan plan, Runner runner) {
            events.add(plan.getClass().getSimpleName());
            return new Progress() {
              @Override
              public synchronized void done(long units, long morePixels, long bytesIn) {
                pixels[0] += morePixels;
              }

              @Override
              public void close() {
                events.add("closed");
              }
            };
          }

          @Override
          public void step(int step, double loss) {
            if (step == 0) {
              events.add("step");
            }
          }
        };
    FitSpec trained = fit().method(FitMethod.BOTTLENECK).build();
    pointwise.with(listener).fit(trained);
    assertThat(events).containsExactly("MomentsPlan", "closed", "step");
    events.clear();
    pixels[0] = 0;
    pointwise.with(listener).reduce(ReduceSpec.of(input, output()).head(weights).build());
    assertThat(events).containsExactly("ReducePlan", "closed");
    assertThat(pixels[0]).isEqualTo(4 * 24 * 17);
  }

  @Test
  void jobRunsOnceAndReportsWarnings() throws Exception {
    List<String> warnings = new ArrayList<>();
    Listener listener =
        new Listener() {
          @Override
          public void warning(String line) {
            warnings.add(line);
          }
        };
    pointwise.fit(fit().build());
    Pointwise withListener = pointwise.with(listener);
    InputSpec scaled = input.withScaling("0.5", "1");
    ReduceJob job = withListener.plan(ReduceSpec.of(scaled, output()).head(weights).build());
    job.run();
    assertThat(warnings).hasSize(1).first().asString().contains("was fitted on numbers with");
    assertThatThrownBy(job::run).isInstanceOf(IllegalStateException.class);
  }

  /** Neither run deletes an object that the other is about to rename. */
  @Test
  void concurrentRunsOfOneSpecBothSucceed() throws Exception {
    pointwise.fit(fit().build());
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      for (int i = 0; i < 20; i++) {
        OutputSpec to = OutputSpec.of(folder + "/out" + i + ".zarr").withShardBytes(0);
        ReduceSpec spec = ReduceSpec.of(input, to).head(weights).build();
        Callable<Long> run = () -> Pointwise.local(1).reduce(spec).pixels();
        for (Future<Long> ended : pool.invokeAll(List.of(run, run))) {
          assertThat(ended.get()).isEqualTo(4 * 24 * 17);
        }
        assertThat(pointwise.verify(VerifySpec.of(to.uri()).deeply()).problems()).isEmpty();
      }
    } finally {
      pool.shutdownNow();
    }
  }

  /** Results of a previous verification are reused only on request. */
  @Test
  void verificationRestartsUnlessContinuing() throws Exception {
    pointwise.fit(fit().build());
    pointwise.reduce(ReduceSpec.of(input, output()).head(weights).build());
    Path numbers = folder.resolve("out.zarr.pointwise/numbers");
    List<Boolean> recordsExisted = new ArrayList<>();
    Listener listener =
        new Listener() {
          @Override
          public Progress beginObjects() {
            return (units, pixels, bytesIn) -> recordsExisted.add(Files.exists(numbers));
          }
        };
    VerifySpec spec = VerifySpec.of(folder + "/out.zarr");
    for (VerifySpec one : List.of(spec, spec.continuing())) {
      Files.createDirectories(numbers);
      Files.writeString(numbers.resolve("kept"), "by an earlier one");
      recordsExisted.clear();
      assertThat(pointwise.with(listener).verify(one).whole()).isTrue();
      assertThat(recordsExisted).isNotEmpty().containsOnly(one.continued());
      assertThat(numbers).doesNotExist();
    }
  }

  @Test
  void invalidSpecsAreRefused() {
    assertThatThrownBy(() -> ReduceSpec.of(input, output()).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--weights");
    ReduceSpec two = ReduceSpec.of(input, output()).head("a", weights).head("b", weights).build();
    assertThatThrownBy(() -> new ReconstructSpec(two))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("one decoder but 2 are given");
    assertThatThrownBy(() -> Pointwise.local(0)).isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> input.withScaling("abc", "0"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'abc' is neither a number");
    assertThatThrownBy(
            () -> ReduceSpec.of(input, output()).head("a", weights).head("a", weights).build())
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> fit().method(FitMethod.LDA).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("give --labels");
    assertThat(Files.exists(folder.resolve("w.safetensors"))).isFalse();
  }
}
