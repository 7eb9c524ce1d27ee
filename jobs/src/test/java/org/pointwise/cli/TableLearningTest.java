package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.parquet.Tables;
import org.pointwise.testing.Seed;

/** Tests that tables and arrays of the same vectors give the same layers, moments and measures. */
class TableLearningTest {
  private static final int CHANNELS = 6;

  @TempDir Path folder;

  private final Random random = Seed.random("table learning");
  private final float[][] vectors = new float[400][];

  @BeforeEach
  void write() throws Exception {
    for (int row = 0; row < vectors.length; row++) {
      vectors[row] = row > 0 && random.nextInt(5) == 0 ? null : new float[CHANNELS];
      for (int c = 0; vectors[row] != null && c < CHANNELS; c++) {
        vectors[row][c] = (float) random.nextGaussian() * (c + 1) + row % 3;
      }
    }
    Tables.write(
        folder.resolve("t.parquet"), vectors, CompressionCodecName.ZSTD, WriterVersion.PARQUET_1_0);
    writeArrays();
  }

  private void writeArrays() throws Exception {
    ByteBuffer features =
        ByteBuffer.allocate(vectors.length * CHANNELS * 4).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer labels = ByteBuffer.allocate(vectors.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int row = 0; row < vectors.length; row++) {
      for (int c = 0; c < CHANNELS; c++) {
        features.putFloat(vectors[row] == null ? Float.NaN : vectors[row][c]);
      }
      labels.putInt(row % 3);
    }
    npy("x.npy", "<f4", "(%d, %d)".formatted(vectors.length, CHANNELS), features.array());
    npy("labels.npy", "<i4", "(%d,)".formatted(vectors.length), labels.array());
  }

  private void npy(String name, String type, String shape, byte[] numbers) throws Exception {
    String header = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }".formatted(type, shape);
    header = header + " ".repeat(117 - header.length()) + "\n";
    byte[] start = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0};
    try (OutputStream out = Files.newOutputStream(folder.resolve(name))) {
      out.write(start);
      out.write(header.getBytes(StandardCharsets.US_ASCII));
      out.write(numbers);
    }
  }

  private String run(boolean isTable, String command, String... more) {
    List<String> args = new ArrayList<>(List.of(command));
    args.add(folder + (isTable ? "/t.parquet" : "/x.npy"));
    args.addAll(List.of(more));
    args.addAll(
        isTable ? List.of("--column", "embedding") : List.of("--axes", "x,c", "--nodata", "nan"));
    args.addAll(List.of("--quiet", "--runner", "local"));
    Cli done = Cli.run(args.toArray(String[]::new));
    assertThat(done.code()).as(done.err()).isZero();
    return done.out();
  }

  private String file(boolean isTable, String name) {
    return folder + (isTable ? "/table-" : "/array-") + name + ".safetensors";
  }

  private void requireSame(String name) throws Exception {
    assertThat(Files.readAllBytes(Path.of(file(true, name))))
        .isEqualTo(Files.readAllBytes(Path.of(file(false, name))));
  }

  @Test
  void layersAndMomentsAreTheSame() throws Exception {
    for (boolean isTable : new boolean[] {true, false}) {
      String labels = folder + (isTable ? "/t.parquet#label" : "/labels.npy");
      run(isTable, "fit", file(isTable, "pca"), "--method", "pca", "--channels", "2");
      run(isTable, "moments", file(isTable, "moments"));
      run(
          isTable,
          "fit",
          file(isTable, "lda"),
          "--method",
          "lda",
          "--channels",
          "2",
          "--labels",
          labels);
    }
    requireSame("pca");
    requireSame("moments");
    requireSame("lda");
    String[] measured = {"--hold-out-block", "10", "--json", "--weights", file(true, "pca")};
    String ofTable = run(true, "evaluate", with(measured, "--report", folder + "/t.html"));
    String ofArray = run(false, "evaluate", with(measured, "--report", folder + "/x.html"));
    assertThat(psnr(ofTable)).isNotEmpty().isEqualTo(psnr(ofArray));
  }

  private static String[] with(String[] args, String... more) {
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  /** Returns the measures of a report that depend on all pixels. */
  private static List<String> psnr(String json) {
    return json.lines()
        .filter(line -> line.contains("\"psnr\"") || line.contains("\"relativeError\""))
        .toList();
  }

  @Test
  void inspectShowsTheColumn() {
    assertThat(Cli.run("inspect", folder + "/t.parquet", "--column", "embedding").out())
        .contains("Parquet, column embedding", "{\"x\":400,\"c\":6}", "zstd");
  }
}
