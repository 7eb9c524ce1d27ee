package org.pointwise.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.esotericsoftware.kryo.Kryo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.serializer.KryoRegistrator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.InputSpec;
import org.pointwise.OutputSpec;
import org.pointwise.ReduceSpec;
import org.pointwise.cli.Cli;
import org.pointwise.cli.Main;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;

/** Runs in an existing Spark, as in a notebook, with any of its settings, and keeps it running. */
class JoinedSparkTest {
  private static final Extent CHUNK = new Extent(1, 8, 16);

  @TempDir Path folder;

  private final Random random = Seed.random("joined");
  private final Arrays4 array = Arrays4.random(random, new FeatureShape(6, 40, 33, 20));
  private String input;
  private String weights;

  /** Registers a class that these tests do not need. */
  public static final class Registrator implements KryoRegistrator {
    @Override
    public void registerClasses(Kryo kryo) {
      kryo.register(Path.class);
    }
  }

  @BeforeEach
  void write() throws Exception {
    input = array.zarr(folder + "/in.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    weights = folder + "/w.safetensors";
    float[] values = new float[60];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    PointwiseLayer layer = PointwiseLayer.of(values, new float[3], Activation.NONE);
    WeightsWriter.write(ByteStores.LOCAL, weights, layer, Map.of());
  }

  private static SparkConf conf() {
    return new SparkConf()
        .setMaster("local[2]")
        .setAppName("somebody else's")
        .set("spark.ui.enabled", "false")
        .set("spark.driver.host", "127.0.0.1")
        .set("spark.driver.bindAddress", "127.0.0.1");
  }

  private String[] reduce(String output, String... more) {
    List<String> args = new ArrayList<>(List.of("reduce", input, folder + "/" + output));
    args.addAll(List.of("--weights", weights, "--shard-size", "0.01MiB", "--quiet"));
    args.addAll(Arrays.asList(more));
    return args.toArray(String[]::new);
  }

  private static void run(String... args) {
    Cli done = Cli.run(args);
    assertThat(done.code()).as(done.err()).isZero();
  }

  /** Runs every kind of job: units, sums of units, sums on executors, results of units. */
  private Map<String, String> everything(String name, String... runner) throws Exception {
    run(reduce(name + "/out", runner));
    for (String method : List.of("pca", "bottleneck")) {
      List<String> fit = new ArrayList<>(List.of("fit", input, folder + "/" + name + "/" + method));
      fit.set(2, fit.get(2) + ".safetensors");
      fit.addAll(List.of("--method", method, "--channels", "2", "--max-iter", "3", "--quiet"));
      fit.addAll(Arrays.asList(runner));
      run(fit.toArray(String[]::new));
    }
    List<String> verify = new ArrayList<>(List.of("verify", folder + "/" + name + "/out"));
    verify.addAll(List.of("--deep", "--quiet"));
    verify.addAll(runner.length == 0 ? List.of("--runner", "spark") : Arrays.asList(runner));
    run(verify.toArray(String[]::new));
    Map<String, String> hashes = Folders.hashes(folder.resolve(name + "/out"), "/c/");
    for (String method : List.of("pca", "bottleneck")) {
      byte[] layer = Files.readAllBytes(folder.resolve(name + "/" + method + ".safetensors"));
      hashes.put(method, Arrays.toString(layer));
    }
    return hashes;
  }

  @Test
  void worksWithAnySerializerAndKeepsSparkRunning() throws Exception {
    Map<String, String> expected = everything("plain", "--runner", "local", "--threads", "2");
    List<SparkConf> sparks =
        List.of(
            conf()
                .set("spark.serializer", "org.apache.spark.serializer.JavaSerializer")
                .set("spark.default.parallelism", "400"), // more than the tasks that run at once
            conf()
                .set("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
                .set("spark.kryo.registrationRequired", "true")
                .set("spark.kryo.registrator", Registrator.class.getName()));
    for (SparkConf conf : sparks) {
      try (JavaSparkContext spark = new JavaSparkContext(conf)) {
        String name = "joined" + sparks.indexOf(conf);
        assertThat(everything(name)).isEqualTo(expected);
        Main.main(reduce(name + "/main"));
        assertThatThrownBy(() -> Main.main(reduce(name + "/main", "--dtype", "int8")))
            .hasMessageContaining("exit code 2");
        Cli other = Cli.run(reduce(name + "/other", "--master", "local[3]"));
        assertThat(other.code()).isEqualTo(3);
        assertThat(other.errorLine()).contains("a Spark runs in this process already, on local[2]");
        assertThat(spark.sc().isStopped()).isFalse();
        assertThat(spark.parallelize(List.of(1L, 2L)).count()).isEqualTo(2);
      }
    }
  }

  @Test
  void jobsAreNamedAndCancelledByJobGroupOfThread() {
    try (JavaSparkContext spark = new JavaSparkContext(conf())) {
      ConcurrentLinkedQueue<String> descriptions = new ConcurrentLinkedQueue<>();
      boolean[] cancel = {false};
      spark
          .sc()
          .addSparkListener(
              new SparkListener() {
                @Override
                public void onJobStart(SparkListenerJobStart job) {
                  descriptions.add(
                      job.properties().getProperty("spark.jobGroup.id", "")
                          + ": "
                          + job.properties().getProperty("spark.job.description"));
                }

                @Override
                public void onTaskStart(SparkListenerTaskStart task) {
                  if (cancel[0]) {
                    spark.cancelJobGroup("mine");
                  }
                }
              });
      spark.setJobGroup("mine", "my own work");
      run(reduce("done"));
      assertThat(descriptions)
          .anySatisfy(
              text -> assertThat(text).startsWith("mine: Pointwise: ").contains(folder + "/done"));
      assertThat(spark.getLocalProperty("spark.job.description")).isEqualTo("my own work");
      spark.clearJobGroup();
      run(reduce("done"));
      assertThat(descriptions).anySatisfy(text -> assertThat(text).startsWith("pointwise-"));
      assertThat(spark.getLocalProperty("spark.jobGroup.id")).isNull();
      spark.setJobGroup("mine", "my own work");
      cancel[0] = true;
      Cli cancelled = Cli.run(reduce("cancelled"));
      assertThat(cancelled.code()).as(cancelled.err()).isEqualTo(4);
      assertThat(cancelled.errorLine()).contains("run the same command again to continue");
      cancel[0] = false;
      run(reduce("cancelled"));
      run("verify", folder + "/cancelled", "--deep", "--quiet");
    }
  }

  /** Interrupts the thread, as stopping a notebook cell does. */
  @Test
  void interruptedThreadEndsItsJobsWithOneLine() throws Exception {
    try (JavaSparkContext spark = new JavaSparkContext(conf())) {
      Thread caller = Thread.currentThread();
      boolean[] interrupt = {true};
      spark
          .sc()
          .addSparkListener(
              new SparkListener() {
                @Override
                public void onTaskStart(SparkListenerTaskStart task) {
                  if (interrupt[0]) {
                    interrupt[0] = false;
                    caller.interrupt();
                  }
                }
              });
      ReduceSpec spec =
          ReduceSpec.of(InputSpec.of(input), OutputSpec.of(folder + "/out.zarr").withShardBytes(0))
              .head(weights)
              .build();
      assertThatThrownBy(() -> Pointwise.on(spark).reduce(spec))
          .isInstanceOf(IncompleteRunException.class)
          .hasMessageContaining("run the same command again to continue");
      assertThat(Thread.interrupted()).isTrue();
      Pointwise.on(spark).reduce(spec);
      run("verify", folder + "/out.zarr", "--deep", "--quiet");
      spark.stop();
      assertThatThrownBy(() -> Pointwise.on(spark))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("is stopped");
    }
  }
}
