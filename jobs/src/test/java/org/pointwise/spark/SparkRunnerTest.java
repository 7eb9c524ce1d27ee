package org.pointwise.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.cli.Cli;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.format.Compression;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.OutputFormats;
import org.pointwise.format.ReadOptions;
import org.pointwise.format.StoredLayout;
import org.pointwise.learn.Network;
import org.pointwise.plan.AppendLayout;
import org.pointwise.plan.EvaluationPlan;
import org.pointwise.plan.EvaluationPlan.Candidate;
import org.pointwise.plan.Head;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.plan.ImageDigestPlan;
import org.pointwise.plan.InputDigestPlan;
import org.pointwise.plan.InputVersionPlan;
import org.pointwise.plan.MomentsMergePlan;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.PixelSelection;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.Reduction;
import org.pointwise.plan.TrainingPlan;
import org.pointwise.plan.TrainingTiles;
import org.pointwise.plan.UnitPlan;
import org.pointwise.plan.VerificationPlan;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.quantise.Overflow;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.PixelSample;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Reductions;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;
import org.pointwise.work.LocalRunner;
import org.pointwise.work.Progress;
import org.pointwise.work.RunTotals;
import org.pointwise.work.Runner;

/** Compares Spark with plain threads. */
class SparkRunnerTest {
  @TempDir Path folder;

  private final Random random = Seed.random("spark");
  private final Arrays4 array = Arrays4.random(random, new FeatureShape(3, 40, 33, 20));

  private PointwiseLayer layer(int out) {
    float[] weights = new float[20 * out];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    float[] slopes = new float[out];
    for (int i = 0; i < out; i++) {
      slopes[i] = i / 10f;
    }
    return PointwiseLayer.of(weights, new float[out], Activation.prelu(slopes));
  }

  @Test
  void storesSameBytesAsThreadsForEveryPartitioning() throws Exception {
    Extent chunk = new Extent(1, 8, 16);
    String input = array.zarr(folder + "/in.zarr", 3, "n,y,x,c", chunk, chunk);
    String wide = folder + "/wide.safetensors";
    String narrow = folder + "/narrow.safetensors";
    WeightsWriter.write(ByteStores.LOCAL, wide, layer(9), Map.of());
    WeightsWriter.write(ByteStores.LOCAL, narrow, layer(2), Map.of());
    Map<String, String> expected = null;
    for (String[] runner :
        List.of(
            new String[] {"--runner", "local", "--threads", "1"},
            new String[] {"--master", "local[2]"},
            new String[] {"--master", "local[5]"})) {
      String output = folder + "/out" + String.join("", runner).replaceAll("\\W", "");
      Cli done =
          Cli.run(
              "reduce",
              input,
              output,
              "--weights",
              wide,
              "--weights",
              narrow,
              "--shard-size",
              "0.01MiB",
              runner[0],
              runner[1],
              runner.length > 2 ? runner[2] : "--quiet",
              runner.length > 2 ? runner[3] : "--json");
      assertThat(done.code()).as(done.err()).isZero();
      Map<String, String> hashes = Folders.hashes(Path.of(output), "/c/");
      expected = expected == null ? hashes : expected;
      assertThat(hashes).hasSizeGreaterThan(20).isEqualTo(expected);
      assertThat(Cli.run("verify", output).code()).isZero();
    }
  }

  @Test
  void failureOnExecutorIsReportedInOneLine() throws Exception {
    Extent chunk = new Extent(1, 8, 16);
    String input = array.zarr(folder + "/torn.zarr", 3, "n,y,x,c", chunk, new Extent(1, 16, 16));
    java.nio.file.Files.write(Path.of(input, "c/1/1/1/0"), new byte[99]);
    String weights = folder + "/w.safetensors";
    WeightsWriter.write(ByteStores.LOCAL, weights, layer(3), Map.of());
    Cli done =
        Cli.run(
            "reduce",
            input,
            folder + "/out.zarr",
            "--weights",
            weights,
            "--master",
            "local[2]",
            "--quiet");
    assertThat(done.code()).isEqualTo(3);
    assertThat(done.err().lines().filter(line -> line.startsWith("Cannot"))).hasSize(1);
    assertThat(done.err()).contains("c/1/1/1/0");
  }

  @Test
  void invalidMasterIsReportedInOneLine() throws Exception {
    Extent chunk = new Extent(1, 8, 16);
    String input = array.zarr(folder + "/in.zarr", 3, "n,y,x,c", chunk, chunk);
    String weights = folder + "/w.safetensors";
    WeightsWriter.write(ByteStores.LOCAL, weights, layer(3), Map.of());
    Cli done =
        Cli.run(
            "reduce",
            input,
            folder + "/out.zarr",
            "--weights",
            weights,
            "--master",
            "nonsense",
            "--quiet");
    assertThat(done.code()).isEqualTo(3);
    assertThat(done.err()).contains("Cannot start Spark on nonsense: ");
    assertThat(Path.of(folder + "/out.zarr")).doesNotExist();
  }

  /** Each unit has a gradient of 26 kB, of which the driver's limit allows only a few. */
  @Test
  void executorsAddSumsInSameOrderAsThreads() throws Exception {
    int units = 13 + random.nextInt(12);
    Arrays4 many = Arrays4.random(random, new FeatureShape(units, 256, 256, 20));
    Extent image = new Extent(1, 256, 256); // 5 MiB: one unit each
    String input = many.zarr(folder + "/many.zarr", 3, "n,y,x,c", image, image);
    FeatureSource source = Reductions.open(input);
    Network network = new Network(20, 80, 20, Network.Objective.SQUARED_ERROR);
    PixelSelection spec =
        new PixelSelection(
            folder + "/m", null, 0, null, new PixelSample(0.001, 7), HoldoutSplit.ALL);
    TrainingPlan plan = TrainingPlan.of(spec, source.info(), null, network, units * 65L);
    assertThat(plan.unitCount()).isEqualTo(units);
    double[] parameters = random.doubles(network.parameters()).toArray();
    double[] expected;
    try (Runner.Session session = new LocalRunner(ByteStores.LOCAL, 3).open(plan)) {
      expected = session.sum(parameters, Progress.SILENT);
      assertThat(session.sum(parameters, Progress.SILENT)).isEqualTo(expected);
    }
    int bytes = expected.length * Double.BYTES;
    System.setProperty("spark.driver.maxResultSize", 12 * bytes + "b");
    try (SparkRunner runner = SparkRunner.open("sums", "local[5]", found -> found)) {
      for (long limit : new long[] {bytes, 3L * bytes}) {
        try (Runner.Session session = runner.withDriverBytes(limit).open(plan)) {
          assertThat(session.sum(parameters, Progress.SILENT)).isEqualTo(expected);
        }
      }
    } finally {
      System.clearProperty("spark.driver.maxResultSize");
    }
    try (SparkRunner runner = SparkRunner.open("sums", "local[2]", found -> found);
        Runner.Session session = runner.open(plan)) {
      assertThat(session.sum(parameters, Progress.SILENT)).isEqualTo(expected);
    }
  }

  @Test
  void reductionSurvivesSerialisation() throws Exception {
    String files = array.npyFolder(folder + "/npy", "y,x,c");
    FeatureSource source = Formats.open(ByteStores.LOCAL, files, Axes.parse("y,x,c"), "-1");
    Reduction spec =
        new Reduction(
            folder + "/out",
            OutputFormats.named("npy"),
            List.of(
                new Head("a", "file a", layer(7)),
                new Head("b", "file b", layer(3), "node", Head.UNKNOWN)),
            ElementType.FLOAT16,
            Overflow.SATURATE,
            new Compression(Compression.Kind.BLOSC, 3),
            Axes.parse("n,c,y,x"),
            4096);
    roundTrip(ReducePlan.of(spec, source.info()));
    String stored =
        array.zarr(folder + "/z", 2, "c,y,n,x", new Extent(1, 7, 9), new Extent(1, 7, 9));
    FeatureSource zarr =
        Formats.open(
            ByteStores.LOCAL,
            stored,
            new ReadOptions(
                null,
                null,
                true,
                "nan",
                new double[] {0.5},
                new double[] {-2},
                MissingChunks.NODATA,
                List.of()));
    Reduction fresh = Reductions.spec(folder + "/o", new Head("features", "w", layer(4)));
    roundTrip(ReducePlan.of(fresh, zarr.info()));
    AppendLayout appendLayout =
        new AppendLayout(
            new StoredLayout(new Extent(1, 8, 8), new Extent(2, 8, 8), true), 1, List.of(1L, 2L));
    ReducePlan grown = ReducePlan.of(fresh.growing(appendLayout), zarr.info());
    roundTrip(grown);
    assertThat(((ReducePlan) deserialised(grown)).spec().appendLayout()).isEqualTo(appendLayout);
    AppendLayout elsewhere =
        new AppendLayout(appendLayout.layout(), 3, List.of(3L), List.of("input in float32"), 4);
    FeatureSource after = Formats.appended(zarr, true, 3, List.of(), "identity");
    ReducePlan appended = ReducePlan.of(fresh.growing(elsewhere), after.info());
    roundTrip(appended);
    assertThat(((ReducePlan) deserialised(appended)).input()).isEqualTo(after.info());
  }

  @Test
  void plansOfEveryKindSurviveSerialisation() throws Exception {
    Extent chunk = new Extent(1, 8, 16);
    FeatureSource source =
        Reductions.open(array.zarr(folder + "/in.zarr", 3, "n,y,x,c", chunk, chunk));
    Arrays4 classes = Arrays4.random(random, array.shape().withChannels(1));
    FeatureSource labels =
        Formats.openLabels(
            ByteStores.LOCAL,
            classes.zarr(folder + "/labels.zarr", 2, "n,y,x,c", chunk, chunk),
            null,
            source.info());
    HoldoutSplit split = new HoldoutSplit(0.25, 9, 2, HoldoutSplit.Part.TEST);
    PixelSelection pixels =
        new PixelSelection("m", labels.info(), 5, 3, new PixelSample(0.5, 7), split, 1);
    MomentsPlan moments = MomentsPlan.of(pixels, source.info());
    PointwiseLayer layer = layer(6);
    TrainingPlan training =
        TrainingPlan.of(
            pixels,
            source.info(),
            layer,
            new Network(6, 4, 5, Network.Objective.CROSS_ENTROPY),
            99);
    EvaluationPlan evaluation =
        EvaluationPlan.of(
            "page.html",
            source.info(),
            List.of(
                new Candidate("a", layer, layer(20), source.info(), 0),
                new Candidate("b", layer(2), layer(20))),
            List.of(new TrainingTiles(source.info(), split)),
            split,
            new double[] {1, 2},
            new double[] {3, 4});
    ReducePlan reduce =
        ReducePlan.of(
            Reductions.spec(folder + "/o", new Head("features", "w", layer)), source.info());
    List<UnitPlan> plans =
        List.of(
            reduce,
            moments,
            training,
            evaluation,
            new MomentsMergePlan("o", "parts", 2, 33, 4000, 7),
            InputDigestPlan.of(source.info(), new Extent(2, 8, 8), 3, 2),
            new InputVersionPlan(source.info(), new Extent(2, 8, 8), 300),
            new ImageDigestPlan(source.info(), 1, 2, true),
            new VerificationPlan(
                "zarr3", "o", "features", Axes.parse("n,y,x,c"), 7, 128, 300, true, false, 9));
    Set<Class<?>> kinds = new HashSet<>();
    plans.forEach(plan -> kinds.add(plan.getClass()));
    assertThat(kinds).isEqualTo(leaves(UnitPlan.class));
    for (UnitPlan plan : plans) {
      assertThat(written(deserialised(plan))).isEqualTo(written(plan));
    }
    assertThat(((MomentsPlan) deserialised(moments)).fingerprintInputs())
        .isEqualTo(moments.fingerprintInputs());
    assertThat(((MomentsPlan) deserialised(moments)).spec()).isEqualTo(pixels);
    assertThat(((EvaluationPlan) deserialised(evaluation)).fingerprintInputs())
        .isEqualTo(evaluation.fingerprintInputs());
    TrainingPlan trained = (TrainingPlan) deserialised(training);
    assertThat(Objects.requireNonNull(trained.layer()).sha256()).isEqualTo(layer.sha256());
    assertThat(trained.network()).isEqualTo(training.network());
    assertThat(trained.pixels()).isEqualTo(pixels);
    assertThat(trained.expected()).isEqualTo(99);
    for (UnitPlan plan : plans.subList(4, 7)) {
      assertThat(deserialised(plan)).isEqualTo(plan);
    }
  }

  /** Returns the final classes of a sealed hierarchy. */
  private static Set<Class<?>> leaves(Class<?> type) {
    if (!type.isSealed()) {
      return Set.of(type);
    }
    Set<Class<?>> leaves = new HashSet<>();
    for (Class<?> permitted : type.getPermittedSubclasses()) {
      leaves.addAll(leaves(permitted));
    }
    return leaves;
  }

  private static byte[] written(UnitPlan plan) {
    Output out = new Output(1024, -1);
    PlanWire.write(out, plan);
    return out.toBytes();
  }

  private static UnitPlan deserialised(UnitPlan plan) {
    return PlanWire.read(new Input(written(plan)));
  }

  private static void roundTrip(ReducePlan plan) {
    ReducePlan back = (ReducePlan) deserialised(plan);
    assertThat(back.fingerprintInputs()).isEqualTo(plan.fingerprintInputs());
    assertThat(back.input()).isEqualTo(plan.input());
    assertThat(back.output()).isEqualTo(plan.output());
    assertThat(back.quantisations()).isEqualTo(plan.quantisations());
    assertThat(back.units().count()).isEqualTo(plan.units().count());
    assertThat(back.spec().heads())
        .extracting(Head::name, Head::source, Head::ends, Head::decoderOf)
        .isEqualTo(
            plan.spec().heads().stream()
                .map(head -> tuple(head.name(), head.source(), head.ends(), head.decoderOf()))
                .toList());
  }

  @Test
  void totalsAddUpInAnyOrder() {
    long[] fields = new RunTotals().toArray();
    for (int i = 0; i < fields.length; i++) {
      fields[i] = 100L + i;
    }
    RunTotals one = RunTotals.of(fields);
    RunTotals sum = RunTotals.of(fields).add(RunTotals.of(fields)).add(new RunTotals());
    assertThat(sum.units()).isEqualTo(200);
    assertThat(sum.bytesOut()).isGreaterThan(200).isEqualTo(2 * one.bytesOut());
    assertThat(sum.tileSeconds()).isEqualTo(0.001);
    assertThat(new RunTotals().add(sum).toArray()).isEqualTo(sum.toArray());
  }
}
