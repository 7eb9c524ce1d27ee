package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.differential.FailingStores;
import org.pointwise.errors.PointwiseException;
import org.pointwise.parquet.Tables;
import org.pointwise.store.ByteStores;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;

/** Tests reductions of tables on the command line. */
class TableReduceTest {
  private static final int CHANNELS = 6;
  private static final int OUT = 2;
  private static final int[] ROWS = {120, 1, 333};

  @TempDir Path folder;

  private final Random random = Seed.random("tables");
  private final float[][][] vectors = new float[ROWS.length][][];
  private final float[] weights = new float[OUT * CHANNELS];
  private Path table;
  private Path output;
  private String layer;

  @BeforeEach
  void write() throws Exception {
    table = folder.resolve("t.parquet");
    output = folder.resolve("out.parquet");
    layer = folder + "/w.safetensors";
    for (int file = 0; file < ROWS.length; file++) {
      vectors[file] = new float[ROWS[file]][];
      for (int row = 0; row < ROWS[file]; row++) {
        if (row == 0 || random.nextInt(4) > 0) {
          vectors[file][row] = new float[CHANNELS];
          for (int c = 0; c < CHANNELS; c++) {
            vectors[file][row][c] = (float) random.nextGaussian();
          }
        }
      }
      Tables.write(
          table.resolve("part-" + file + ".parquet"),
          vectors[file],
          List.of(
                  CompressionCodecName.SNAPPY,
                  CompressionCodecName.ZSTD,
                  CompressionCodecName.UNCOMPRESSED)
              .get(file),
          file == 1 ? WriterVersion.PARQUET_2_0 : WriterVersion.PARQUET_1_0);
    }
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    PointwiseLayer made = PointwiseLayer.of(weights, new float[OUT], Activation.NONE);
    WeightsWriter.write(ByteStores.LOCAL, layer, made, Map.of());
  }

  private Cli run(String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--runner", "local", "--quiet"));
    return Cli.run(all.toArray(String[]::new));
  }

  private void reduce() {
    Cli cli =
        run(
            "reduce",
            table.toString(),
            output.toString(),
            "--column",
            "embedding",
            "--weights",
            layer);
    assertThat(cli.code()).as(cli.err()).isZero();
  }

  private static List<Group> rows(Path file) throws Exception {
    List<Group> rows = new ArrayList<>();
    try (ParquetReader<Group> reader = Tables.reader(file)) {
      for (Group row = reader.read(); row != null; row = reader.read()) {
        rows.add(row);
      }
    }
    return rows;
  }

  private void requireReduced(Path out) throws Exception {
    for (int file = 0; file < ROWS.length; file++) {
      String name = "part-" + file + ".parquet";
      List<Group> before = rows(table.resolve(name));
      List<Group> after = rows(out.resolve(name));
      assertThat(after).hasSameSizeAs(before);
      for (int row = 0; row < after.size(); row++) {
        Group now = after.get(row);
        for (String column : List.of("id", "other", "label")) {
          assertThat(now.getType().getType(column)).isNotNull();
        }
        assertThat(now.getString("id", 0)).isEqualTo(before.get(row).getString("id", 0));
        assertThat(now.getInteger("label", 0)).isEqualTo(row % 3);
        assertThat(now.getGroup("other", 0).toString())
            .isEqualTo(before.get(row).getGroup("other", 0).toString());
        float[] vector = vectors[file][row];
        assertThat(now.getFieldRepetitionCount("embedding")).isEqualTo(vector == null ? 0 : 1);
        for (int o = 0; vector != null && o < OUT; o++) {
          double sum = 0;
          for (int c = 0; c < CHANNELS; c++) {
            sum += (double) weights[o * CHANNELS + c] * vector[c];
          }
          Group list = now.getGroup("embedding", 0);
          assertThat(list.getFieldRepetitionCount("list")).isEqualTo(OUT);
          assertThat((double) list.getGroup("list", o).getFloat("element", 0))
              .isCloseTo(sum, Offset.offset(1e-4));
        }
      }
    }
  }

  @Test
  void otherColumnsAndNullsAreKept() throws Exception {
    reduce();
    requireReduced(output);
    Cli verified = run("verify", output.toString(), "--deep");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
  }

  /** Replaces a file by one of the same length before any of its reads. */
  @Test
  void fileThatChangesDuringItsUnitIsNotStored() throws Exception {
    String name = "part-2.parquet";
    Path file = table.resolve(name);
    byte[] old = Files.readAllBytes(file);
    reduce();
    byte[] oldReduced = Files.readAllBytes(output.resolve(name));
    byte[] other =
        new String(old, StandardCharsets.ISO_8859_1)
            .replace("part-2", "PART-2") // in identifiers
            .getBytes(StandardCharsets.ISO_8859_1);
    Files.write(file, other);
    run(
        "reduce",
        table + "",
        output + "",
        "--column",
        "embedding",
        "--weights",
        layer,
        "--overwrite");
    byte[] otherReduced = Files.readAllBytes(output.resolve(name));
    int refused = 0;
    for (int at = 1; at < 20; at++) {
      Files.write(file, old);
      Path out = folder.resolve("out%d.parquet".formatted(at));
      String[] command = {
        "reduce", table + "", out + "", "--column", "embedding", "--weights", layer, "--quiet"
      };
      try {
        StoppedReduction.run(replacing(file, other, at), command);
        byte[] reduced = Files.readAllBytes(out.resolve(name));
        boolean whole = Arrays.equals(reduced, oldReduced) || Arrays.equals(reduced, otherReduced);
        assertThat(whole).as("read %d", at).isTrue();
      } catch (PointwiseException e) {
        refused++;
        assertThat(e.exitCode()).as("read %d: %s", at, e).isIn(3, 4);
        assertThat(out.resolve(name)).doesNotExist();
      }
    }
    assertThat(refused).isGreaterThan(2);
  }

  /** Returns stores in which a file is replaced before one of its reads. */
  private static FailingStores replacing(Path file, byte[] by, int at) {
    AtomicInteger reads = new AtomicInteger();
    return new FailingStores(FailingStores.Failure.REFUSED, Integer.MAX_VALUE) {
      @Override
      protected void beforeRead(String key) throws IOException {
        if (key.equals(file.getFileName().toString()) && reads.incrementAndGet() == at) {
          Files.write(file, by);
        }
      }
    };
  }

  @Test
  void damagedFileIsFoundAndStoredAgain() throws Exception {
    reduce();
    Path damaged = output.resolve("part-0.parquet");
    byte[] bytes = Files.readAllBytes(damaged);
    bytes[100] ^= 1;
    Files.write(damaged, bytes);
    Cli verified = run("verify", output.toString(), "--deep", "--delete-corrupt");
    assertThat(verified.code()).as(verified.out()).isEqualTo(4);
    assertThat(verified.out()).contains("part-0.parquet");
    assertThat(damaged).doesNotExist();
    reduce();
    bytes[100] ^= 1;
    assertThat(Files.readAllBytes(damaged)).isEqualTo(bytes);
    requireReduced(output);
  }
}
