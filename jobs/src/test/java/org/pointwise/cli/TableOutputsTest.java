package org.pointwise.cli;

import static java.nio.file.StandardOpenOption.APPEND;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.parquet.Tables;
import org.pointwise.store.ByteStores;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;

/** Tests outputs in Parquet as inputs of other commands, and with a mask. */
class TableOutputsTest {
  private static final int CHANNELS = 6;

  @TempDir Path folder;

  private final Random random = Seed.random("table outputs");
  private Path output;
  private String layer;

  @BeforeEach
  void write() throws Exception {
    output = folder.resolve("out.parquet");
    layer = folder + "/w.safetensors";
    float[] weights = new float[2 * CHANNELS];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    PointwiseLayer made = PointwiseLayer.of(weights, new float[2], Activation.NONE);
    WeightsWriter.write(ByteStores.LOCAL, layer, made, Map.of());
  }

  private static Cli run(String command) {
    return Cli.run((command + " --runner local --quiet").split(" "));
  }

  private static void reduce(String arguments) {
    succeed(run("reduce --column embedding " + arguments));
  }

  private static Cli inspect(Path input) {
    return Cli.run("inspect", input.toString(), "--column", "embedding");
  }

  private static void succeed(Cli cli) {
    assertThat(cli.code()).as(cli.err()).isZero();
  }

  /** The table has partitions, and the name of the output has no ending. */
  @Test
  void outputsAreInputs() throws Exception {
    Path other = folder.resolve("out");
    Path table = folder.resolve("t.parquet");
    float[][] rows = new float[100][CHANNELS];
    for (float[] row : rows) {
      for (int c = 0; c < CHANNELS; c++) {
        row[c] = (float) random.nextGaussian();
      }
    }
    for (String name : List.of("year=1/month=2/a.parquet", "year=2/month=1/b.parquet")) {
      Tables.write(
          table.resolve(name), rows, CompressionCodecName.SNAPPY, WriterVersion.PARQUET_1_0);
    }
    reduce("%s %s --head a=%s --head b=%s".formatted(table, output, layer, layer));
    Cli both = inspect(output);
    assertThat(both.code()).isEqualTo(3);
    assertThat(both.errorLine()).contains(output + "/a as a part of " + output);
    succeed(inspect(output.resolve("a")));
    reduce("%s %s --weights %s --format parquet".formatted(table, other, layer));
    succeed(inspect(other));
    succeed(
        run(
            "evaluate %s --column embedding --weights %s --output %s --report %s/r.html --hold-out-block 10"
                .formatted(table, layer, other, folder)));
  }

  /** A mask hides a vector that is longer by as many values as a null row is shorter. */
  @Test
  void nullRowsUnderMaskStayNull() throws Exception {
    float[][] rows = {new float[CHANNELS], new float[2 * CHANNELS - 1], null};
    Path in = folder.resolve("in.parquet");
    Tables.write(in, rows, CompressionCodecName.SNAPPY, WriterVersion.PARQUET_1_0);
    Path mask = folder.resolve("mask.npy");
    String header = "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }";
    byte[] start = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0};
    Files.write(mask, start);
    Files.writeString(mask, header + " ".repeat(117 - header.length()) + "\n", APPEND);
    Files.write(mask, new byte[3], APPEND);
    reduce("%s %s --weights %s --mask %s".formatted(in, output, layer, mask));
    try (ParquetReader<Group> reader = Tables.reader(output.resolve("in.parquet"))) {
      for (int present : new int[] {1, 1, 0}) {
        assertThat(reader.read().getFieldRepetitionCount("embedding")).isEqualTo(present);
      }
    }
  }
}
