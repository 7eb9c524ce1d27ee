package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.parquet.Tables;
import org.pointwise.store.ByteStores;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;

/**
 * Tests that pointwise.jar reduces tables with the Parquet library of each Spark. Bytes are those
 * of this JVM where the library is as new; they do not depend on the JVM.
 */
@Tag("full")
class TablesIT {
  private static final int CHANNELS = 5;

  @TempDir Path folder;

  @Test
  void sameJarReducesTablesOnNewestAndOldestSpark() throws Exception {
    Random random = Seed.random("tables of Sparks");
    for (int file = 0; file < 3; file++) {
      float[][] vectors = new float[60 + 50 * file][];
      for (int row = 0; row < vectors.length; row++) {
        vectors[row] = row > 0 && random.nextInt(4) == 0 ? null : new float[CHANNELS];
        for (int c = 0; vectors[row] != null && c < CHANNELS; c++) {
          vectors[row][c] = random.nextInt(100);
        }
      }
      Tables.write(
          folder.resolve("in.parquet/part-%d.parquet".formatted(file)),
          vectors,
          CompressionCodecName.UNCOMPRESSED, // the sizes of others depend on libraries
          file == 1 ? WriterVersion.PARQUET_2_0 : WriterVersion.PARQUET_1_0);
    }
    float[] weights = new float[2 * CHANNELS];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = random.nextInt(10); // exact sums, with every kernel
    }
    PointwiseLayer layer = PointwiseLayer.of(weights, new float[2], Activation.NONE);
    WeightsWriter.write(ByteStores.LOCAL, folder + "/w.safetensors", layer, Map.of());
    Cli here = Cli.run(reduce("here").toArray(String[]::new));
    assertThat(here.code()).as(here.err()).isZero();
    for (String version : new String[] {"4.2.0", "3.5.6"}) {
      SparkHome spark =
          version.equals("3.5.6") ? SparkHome.of(version, "--yarn") : SparkHome.of(version);
      ProcessBuilder builder =
          spark.submit(folder, List.of("--master", "local[2]"), reduce(version));
      Processes done = Processes.awaitEnd(builder, builder.start());
      assertThat(done.code()).as(done.err()).isZero();
      Cli verified = Cli.run("verify", output(version), "--deep", "--quiet", "--runner", "local");
      assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
      if (version.startsWith("4")) {
        assertThat(hashes(version)).isEqualTo(hashes("here"));
      } else {
        assertThat(hashes(version)).hasSameSizeAs(hashes("here"));
      }
    }
  }

  private String output(String name) {
    return folder + "/" + name + ".parquet";
  }

  private List<String> reduce(String name) {
    return List.of(
        "reduce",
        folder + "/in.parquet",
        output(name),
        "--column",
        "embedding",
        "--weights",
        folder + "/w.safetensors",
        "--quiet");
  }

  private Map<String, String> hashes(String name) throws Exception {
    return Folders.hashes(Path.of(output(name)), "");
  }
}
