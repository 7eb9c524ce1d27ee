package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.parquet.Tables;
import org.pointwise.store.ByteStores;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;

/** Tests that tables which cannot be reduced are refused in one line that says why. */
class TableRefusalTest {
  private static final int CHANNELS = 4;

  @TempDir Path folder;

  private final Random random = Seed.random("refusals");
  private final float[][] vectors = new float[130][CHANNELS];
  private Path table;
  private String layer;

  @BeforeEach
  void write() throws Exception {
    table = folder.resolve("in.parquet");
    layer = layer("w", CHANNELS);
    for (float[] vector : vectors) {
      for (int c = 0; c < CHANNELS; c++) {
        vector[c] = (float) random.nextGaussian();
      }
    }
    write("a.parquet");
  }

  private void write(String name) throws Exception {
    Tables.write(
        table.resolve(name), vectors, CompressionCodecName.SNAPPY, WriterVersion.PARQUET_1_0);
  }

  private String layer(String name, int channels) throws IOException {
    String file = folder + "/" + name + ".safetensors";
    PointwiseLayer made = PointwiseLayer.of(new float[channels], new float[1], Activation.NONE);
    WeightsWriter.write(ByteStores.LOCAL, file, made, Map.of());
    return file;
  }

  private String refused(String input, String weights, String... more) {
    Path output = folder.resolve("out.parquet");
    String[] args = {
      "reduce", input, output.toString(), "--weights", weights, "--quiet", "--runner", "local"
    };
    String[] all = Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    Cli done = Cli.run(all);
    assertThat(done.code()).as(done.err()).isEqualTo(3);
    assertThat(output.resolve("b.parquet")).doesNotExist();
    return done.errorLine();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          embeding  | there is no such column; name one of embedding, other; did you mean embedding?
          id        | it has utf8 but needs lists of float or double; cast it, or name another with --column or TABLE#COLUMN
          label     | it has int32 but needs lists of float or double; cast it, or name another with --column or TABLE#COLUMN
          """)
  void otherColumn(String column, String reason) {
    assertThat(refused(table.toString(), layer, "--column", column))
        .isEqualTo(
            "Cannot read the column %s of %s: %s".formatted(column, table + "/a.parquet", reason));
  }

  @Test
  void columnOfWhatHasNone() throws Exception {
    Path other = Files.copy(table.resolve("a.parquet"), folder.resolve("a.pq"));
    assertThat(refused(other.toString(), layer, "--column", "embedding"))
        .isEqualTo(
            "Cannot read the column embedding of %s: its name does not end with .parquet, .geoparquet, .gpq; rename it if it is a Parquet file, or leave out --column"
                .formatted(other));
    assertThat(refused(table + "#embedding", layer, "--column", "other"))
        .isEqualTo(
            "Cannot read %s#embedding with --column other: the name after # is that of a column or an array; leave out one of them"
                .formatted(table));
  }

  @Test
  void unnamedColumnOfSeveral() {
    assertThat(refused(table.toString(), layer))
        .isEqualTo(
            "Cannot read %s: it has several columns of lists of float or double (embedding, other); name one with --column or TABLE#COLUMN"
                .formatted(table + "/a.parquet"));
  }

  @Test
  void otherNumberOfChannels() throws Exception {
    assertThat(refused(table.toString(), layer("five", 5), "--column", "embedding"))
        .contains("reads 5 channels but the input has 4");
  }

  @Test
  void raggedVectors() throws Exception {
    vectors[77] = new float[] {1};
    write("b.parquet");
    assertThat(refused(table.toString(), layer, "--column", "embedding"))
        .startsWith(
            "Cannot read %s: row 77 of the column embedding has 1 numbers but needs 4; make it null"
                .formatted(table + "/b.parquet"));
  }

  /** In damaged pages it is unknown which rows are null. */
  @Test
  void damageAsNodata() throws Exception {
    String[] nodata = {"--column", "embedding", "--on-bad-input", "nodata"};
    assertThat(refused(table.toString(), layer, nodata))
        .isEqualTo(
            "Cannot store what is damaged in %s#embedding as parquet: which of its rows are null is unknown; leave out --on-bad-input, and restore or move out damaged files"
                .formatted(table));
    vectors[77] = new float[] {1};
    write("b.parquet");
    assertThat(refused(table.toString(), layer, "--column", "embedding"))
        .endsWith("has 1 numbers but needs 4; make it null");
  }

  @Test
  void truncatedFile() throws Exception {
    write("b.parquet");
    Path file = table.resolve("b.parquet");
    byte[] whole = Files.readAllBytes(file);
    int length = 20 + random.nextInt(whole.length - 21);
    Files.write(file, Arrays.copyOf(whole, length));
    assertThat(refused(table.toString(), layer, "--column", "embedding"))
        .isEqualTo(
            "Cannot read %s: it has %d bytes and ends without PAR1, the end of a complete Parquet file; copy the whole file again"
                .formatted(file, length));
    Files.write(file, Arrays.copyOfRange(whole, whole.length - 100, whole.length));
    assertThat(refused(table.toString(), layer, "--column", "embedding"))
        .startsWith("Cannot read %s: it has 100 bytes but its metadata alone".formatted(file));
    Files.write(file, new byte[0]);
    assertThat(refused(table.toString(), layer, "--column", "embedding"))
        .startsWith("Cannot read %s: it has 0 bytes but".formatted(file));
  }

  /** No damage may end in a failure of ours, or take memory that the file does not fill. */
  @Test
  void damagedFile() throws Exception {
    write("b.parquet");
    Path file = table.resolve("b.parquet");
    byte[] whole = Files.readAllBytes(file);
    Path output = folder.resolve("out.parquet");
    for (int i = 0; i < 150; i++) {
      byte[] bytes = whole.clone();
      int from = random.nextBoolean() ? 0 : whole.length - 1200;
      for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
        bytes[from + random.nextInt(whole.length - from)] = (byte) random.nextInt(256);
      }
      Files.write(file, bytes);
      Cli done =
          Cli.run(
              "reduce",
              table.toString(),
              output.toString(),
              "--column",
              "embedding",
              "--weights",
              layer,
              "--quiet",
              "--overwrite",
              "--runner",
              "local");
      assertThat(done.code()).as("damage %d: %s", i, done.err()).isIn(0, 3, 4);
      if (done.code() != 0) {
        assertThat(done.err().lines().count()).as(done.err()).isEqualTo(1);
      }
    }
  }

  @Test
  void outputsWithinFolderOfInput() throws Exception {
    Path plain = Files.move(table, folder.resolve("plain"));
    Path file = plain.resolve("a.parquet");
    byte[] before = Files.readAllBytes(file);
    for (Path output : List.of(file, plain.resolve("out.parquet"), plain)) {
      for (String command : List.of("moments", "reduce")) {
        List<String> args = new ArrayList<>(List.of(command, plain.toString(), output.toString()));
        args.addAll(List.of("--column", "embedding", "--overwrite", "--quiet"));
        args.addAll(command.equals("reduce") ? List.of("--weights", layer) : List.of());
        Cli done = Cli.run(args.toArray(String[]::new));
        assertThat(done.code()).as(done.err()).isEqualTo(3);
        assertThat(done.errorLine())
            .startsWith("Cannot write to %s: it ".formatted(output))
            .contains("the input %s".formatted(plain));
      }
    }
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    assertThat(plain.resolve("out.parquet")).doesNotExist();
  }

  @Test
  void partOfRows() {
    assertThat(refused(table.toString(), layer, "--column", "embedding", "--bbox", "0:1,0:10"))
        .endsWith("each file has the rows of its input; leave out --bbox");
  }
}
