package org.pointwise.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.jspecify.annotations.Nullable;
import org.pointwise.cli.HdfsProcesses;
import org.pointwise.cli.Processes;
import org.pointwise.cli.S3Server;
import org.pointwise.cli.SparkHome;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.weights.WeightsWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Compares reductions by this jar and by an earlier one, from and to each kind of store. */
@Command(
    name = "scripts/bench stores",
    mixinStandardHelpOptions = true,
    description = {
      "256 → 16 channels of random numbers through spark-submit on local[2]: on the local disk, on",
      "HDFS (a name node and a data node) and on S3 (s3proxy over a local folder), all of this",
      "machine. Seconds are the report's, from the command's first line; rounds alternate."
    })
public final class StoresBench implements Callable<Integer> {
  @Option(names = "--before", paramLabel = "JAR", required = true, description = "the earlier jar")
  Path before = Path.of("");

  @Option(names = "--images", paramLabel = "N", description = "16 MiB each (${DEFAULT-VALUE})")
  int images = 24;

  @Option(names = "--rounds", paramLabel = "N", description = "paired rounds (${DEFAULT-VALUE})")
  int rounds = 3;

  @Option(names = "--json", paramLabel = "FILE", description = "append one JSON object a case")
  @Nullable Path json;

  private final Path folder;
  private int runs;

  private StoresBench(Path folder) {
    this.folder = folder;
  }

  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory("stores-bench");
    System.exit(new CommandLine(new StoresBench(folder)).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    SparkHome distribution = SparkHome.ofBuild();
    String log = distribution.home().resolve("conf/log4j2.properties").toUri().toString();
    SparkHome spark = new SparkHome(distribution.home(), "-Dlog4j2.configurationFile=" + log);
    write();
    try (HdfsProcesses hdfs = HdfsProcesses.start(folder, 1);
        S3Server s3 = S3Server.start(folder)) {
      try (FileSystem files = FileSystem.newInstance(URI.create(hdfs.uri()), new Configuration())) {
        for (String name : List.of("in.zarr", "w.safetensors")) {
          files.copyFromLocalFile(
              new org.apache.hadoop.fs.Path(folder.resolve(name).toString()),
              new org.apache.hadoop.fs.Path("/data/" + name));
        }
      }
      s3.upload(spark, folder, folder.resolve("in.zarr"));
      s3.upload(spark, folder, folder.resolve("w.safetensors"));
      Map<String, List<String>> stores = new LinkedHashMap<>(); // options by root
      stores.put(folder.toString(), List.of());
      stores.put(hdfs.uri() + "/data", HdfsProcesses.options());
      stores.put("s3a://data", S3Server.options(s3.port(), S3Server.SECRET));
      System.out.println(Machine.describe());
      System.out.println(Result.header());
      for (Map.Entry<String, List<String>> store : stores.entrySet()) {
        compare(spark, store.getKey(), store.getValue());
      }
    }
    return 0;
  }

  private void write() throws Exception {
    Random random = new Random(1);
    FeatureShape shape = new FeatureShape(images, 128, 128, 256);
    Arrays4.random(random, shape)
        .zarr(folder + "/in.zarr", 3, "n,y,x,c", new Extent(1, 32, 32), new Extent(1, 128, 128));
    float[] weights = new float[256 * 16];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    PointwiseLayer layer = PointwiseLayer.of(weights, new float[16], Activation.RELU);
    WeightsWriter.write(ByteStores.LOCAL, folder + "/w.safetensors", layer, Map.of());
  }

  private void compare(SparkHome spark, String root, List<String> options) throws Exception {
    Path now = Processes.root().resolve("jobs/target/pointwise.jar");
    double[] ours = new double[rounds];
    double[] theirs = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      boolean first = round % 2 == 0;
      theirs[round] = first ? seconds(spark, before, root, options) : 0;
      ours[round] = seconds(spark, now, root, options);
      theirs[round] += first ? 0 : seconds(spark, before, root, options);
    }
    String scheme = root.startsWith("/") ? "local disk" : root.replaceAll(":.*", "");
    Result.ofRounds("reduce 256 → 16, " + scheme, ours, theirs, "the earlier jar", false)
        .print(json);
  }

  private double seconds(SparkHome spark, Path jar, String root, List<String> options)
      throws Exception {
    List<String> all = new ArrayList<>(List.of("--master", "local[2]", "--driver-memory", "2g"));
    all.addAll(options);
    List<String> command =
        List.of(
            "reduce",
            root + "/in.zarr/data",
            root + "/out" + runs++,
            "--weights",
            root + "/w.safetensors",
            "--shard-size",
            "1MiB",
            "--compressor",
            "zstd",
            "--json",
            "--quiet");
    ProcessBuilder builder = spark.submit(folder, all, command);
    builder.environment().put("POINTWISE_JAR", jar.toString());
    Processes done = Processes.awaitEnd(builder);
    if (done.code() != 0) {
      throw new IllegalStateException(jar + ": " + done.err());
    }
    JsonNode report = JsonText.parse(done.out().getBytes(StandardCharsets.UTF_8), "report");
    return report.path("seconds").asDouble();
  }
}
