package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.parquet.Tables;
import org.pointwise.testing.Seed;

/** Runs the commands of docs/tables.md, in their order. */
class TablesPageTest {
  private static final String PROGRAM = "pointwise ";

  @TempDir Path folder;

  private static List<String> commands() throws Exception {
    return PageBlocks.of("docs/tables.md", "bash").stream().flatMap(String::lines).toList();
  }

  @Test
  void commandsRun() throws Exception {
    Random random = Seed.random("page of tables");
    for (int file = 0; file < 2; file++) {
      float[][] vectors = new float[200][12];
      for (float[] vector : vectors) {
        for (int c = 0; c < vector.length; c++) {
          vector[c] = (float) random.nextGaussian() * (c + 1);
        }
      }
      Tables.write(
          folder.resolve("table.parquet/part-%d.parquet".formatted(file)),
          vectors,
          CompressionCodecName.ZSTD,
          WriterVersion.PARQUET_1_0);
    }
    List<String> commands = commands();
    assertThat(commands).hasSizeGreaterThan(5);
    for (String command : commands) {
      String placed =
          command
              .substring(PROGRAM.length())
              .replaceAll("(?<=[ =])(\\w+\\.(parquet|safetensors|html))", folder + "/$1");
      Cli done = Cli.run(placed.split(" "));
      assertThat(done.code()).as("%s: %s", command, done.err()).isZero();
    }
    assertThat(folder.resolve("small.parquet.pointwise/_SUCCESS")).exists();
    assertThat(folder.resolve("heads.parquet/lda/part-1.parquet")).exists();
  }
}
