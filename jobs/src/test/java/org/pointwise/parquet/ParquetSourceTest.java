package org.pointwise.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.parquet.schema.Type;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.Storage;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.Tile;
import org.pointwise.testing.Seed;

/** Tests tables as feature arrays. */
class ParquetSourceTest {
  private static final int CHANNELS = 5;
  private static final int ROWS = 173;

  @TempDir Path folder;

  private final Random random = Seed.random("tables");
  private final float[][] vectors = new float[ROWS][];
  private Path table;

  @BeforeEach
  void draw() {
    table = folder.resolve("t.parquet");
    for (int row = 0; row < ROWS; row++) {
      if (random.nextInt(5) > 0) {
        vectors[row] = new float[CHANNELS];
        for (int c = 0; c < CHANNELS; c++) {
          vectors[row][c] = (float) random.nextGaussian();
        }
      }
    }
    vectors[random.nextInt(ROWS)] = new float[CHANNELS];
  }

  private void write(String name) throws Exception {
    Tables.write(
        table.resolve(name), vectors, CompressionCodecName.SNAPPY, WriterVersion.PARQUET_1_0);
  }

  private FeatureSource open(String uri) {
    return Formats.open(ByteStores.LOCAL, uri, null, null);
  }

  private void requireRows(FeatureSource.Reader reader, long image, int from, int to)
      throws Exception {
    Tile tile = reader.read(new Box(image, image + 1, 0, 1, from, to));
    for (int row = from; row < to; row++) {
      boolean hidden =
          tile.nodata() || (tile.mask() != null && tile.mask().isHidden(tile.box(), row - from));
      assertThat(hidden).as("row %d", row).isEqualTo(vectors[row] == null);
      for (int c = 0; c < CHANNELS && !hidden; c++) {
        int at = tile.blocks().get(0).byteOffset(0, 0, row - from, c);
        assertThat(ElementAccess.float32At(tile.blocks().get(0).bytes(), at))
            .isEqualTo(vectors[row][c]);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "UNCOMPRESSED, PARQUET_1_0",
    "SNAPPY, PARQUET_2_0",
    "GZIP, PARQUET_1_0",
    "ZSTD, PARQUET_2_0",
    "LZ4_RAW, PARQUET_1_0"
  })
  void anyRowsOfFileAreRead(CompressionCodecName codec, WriterVersion version) throws Exception {
    Tables.write(table, vectors, codec, version);
    FeatureSource source = open(table + "#embedding");
    assertThat(source.info().storage()).isEqualTo(Storage.FILE);
    assertThat(source.info().shape().x()).isEqualTo(ROWS);
    assertThat(source.info().shape().c()).isEqualTo(CHANNELS);
    try (FeatureSource.Reader reader = Formats.reopen(ByteStores.LOCAL, source.info()).reader()) {
      requireRows(reader, 0, 0, ROWS);
      for (int i = 0; i < 20; i++) {
        int from = random.nextInt(ROWS);
        requireRows(reader, 0, from, from + 1 + random.nextInt(ROWS - from));
      }
    }
  }

  @Test
  void filesOfFolderAreImages() throws Exception {
    write("b.parquet");
    write("a.gpq");
    write("_c.parquet");
    Files.createFile(table.resolve("_SUCCESS"));
    FeatureSource source = open(table + "#embedding");
    assertThat(source.info().imageNames()).containsExactly("a.gpq", "b.parquet");
    try (FeatureSource.Reader reader = source.reader()) {
      requireRows(reader, 1, 60, 70);
      requireRows(reader, 0, 10, 150);
    }
    Path plain = Files.move(table, folder.resolve("plain"));
    FeatureSource moved = open(ParquetFormat.uri(plain.toString(), "embedding"));
    assertThat(moved.info().imageNames()).containsExactly("a.gpq", "b.parquet");
  }

  @Test
  void columnsAreNamed() throws Exception {
    write("a.parquet");
    assertThatThrownBy(() -> open(table.toString()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("several columns")
        .hasMessageContaining("(embedding, other)");
    assertThatThrownBy(() -> open(table + "#embeding"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("did you mean embedding?");
    assertThatThrownBy(() -> open(table + "#label")).isInstanceOf(InvalidInputException.class);
    assertThat(open(table + "#other").info().shape().c()).isEqualTo(1);
  }

  /** Of files with one column of vectors each, other names are other columns. */
  @Test
  void columnOfFirstFileIsThatOfTable() throws Exception {
    writeNumbers("a.parquet", "repeated float v;");
    writeNumbers("b.parquet", "repeated float v; repeated float w;");
    FeatureSource source = open(table.toString());
    assertThat(source.info().uri()).isEqualTo(table + "#v");
    assertThat(Formats.reopen(ByteStores.LOCAL, source.info()).info()).isEqualTo(source.info());
    writeNumbers("b.parquet", "repeated float w;");
    assertThatThrownBy(() -> open(table.toString()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "Cannot read the column v of %s/b.parquet: there is no such column; name one of w",
            table);
  }

  @Test
  void nameOfTwoColumnsIsRefused() throws Exception {
    writeNumbers("a.parquet", "optional group a { repeated float b; } repeated float a.b;");
    assertThatThrownBy(() -> open(table + "#a.b"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "Cannot read the column a.b of %s/a.parquet: 2 columns have this name, because names contain dots; rename one",
            table);
  }

  @Test
  void listOfStructuresIsNamed() throws Exception {
    String list = "optional group v (LIST) { repeated group list { required group element { ";
    MessageType schema =
        MessageTypeParser.parseMessageType(
            "message t { " + list + "required float x; required float y; } } } }");
    Files.createDirectories(table);
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(table.resolve("a.parquet")))
            .withType(schema)
            .build()) {
      writer.write(new SimpleGroup(schema));
    }
    assertThatThrownBy(() -> open(table + "#v"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("it has lists of structures of float but needs lists of float");
  }

  @Test
  void vectorsOfOtherLengthInAnotherFileAreRefused() throws Exception {
    vectors[0] = null;
    vectors[1] = null;
    vectors[2] = new float[CHANNELS];
    write("a.parquet");
    writeNumbers("b.parquet", "optional group embedding (LIST) { repeated float list; }");
    assertThatThrownBy(() -> open(table + "#embedding"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "Cannot read %1$s/b.parquet with its neighbours: row 0 of the column embedding has 3 numbers but row 2 of %1$s/a.parquet has 5; keep vectors of one length in a table",
            table);
  }

  @Test
  void filesWithoutRowsAreLeftOut() throws Exception {
    Tables.write(
        table.resolve("0.parquet"),
        new float[0][],
        CompressionCodecName.SNAPPY,
        WriterVersion.PARQUET_1_0);
    assertThatThrownBy(() -> open(table + "#embedding"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("it has no rows");
    write("a.parquet");
    FeatureSource source = open(table + "#embedding");
    assertThat(source.info().imageNames()).containsExactly("a.parquet");
    assertThat(source.info().description())
        .isEqualTo("folder of 1 Parquet file (1 without rows are left out), column embedding");
  }

  @Test
  void memoryHoldsLargePages() throws Exception {
    int numbers = 4 << 20;
    writeNumbers("a.parquet", "repeated float v;", numbers);
    assertThat(open(table + "#v").info().memory().heap()).isGreaterThan(6L * 4 * numbers);
  }

  private void writeNumbers(String name, String columns) throws Exception {
    writeNumbers(name, columns, 3);
  }

  /** Writes a file of one row, in which all lists have some numbers. */
  private void writeNumbers(String name, String columns, int numbers) throws Exception {
    Files.createDirectories(table);
    MessageType schema = MessageTypeParser.parseMessageType("message t { " + columns + " }");
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(table.resolve(name)))
            .withType(schema)
            .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
            .withDictionaryEncoding(false)
            .withPageSize(1 << 30)
            .withPageRowCountLimit(1 << 30)
            .build()) {
      Group row = new SimpleGroup(schema);
      for (Type column : schema.getFields()) {
        Group parent = column.isPrimitive() ? row : row.addGroup(column.getName());
        Type list = column.isPrimitive() ? column : column.asGroupType().getType(0);
        for (int i = 0; i < numbers; i++) {
          parent.add(list.getName(), (float) i);
        }
      }
      writer.write(row);
    }
  }

  @Test
  void vectorOfOtherLengthIsRefused() throws Exception {
    vectors[60] = new float[CHANNELS + 1];
    write("a.parquet");
    try (FeatureSource.Reader reader = open(table + "#embedding").reader()) {
      assertThatThrownBy(() -> reader.read(new Box(0, 1, 0, 1, 0, ROWS)))
          .isInstanceOf(CorruptDataException.class)
          .hasMessageContaining("a.parquet: row 60 of the column embedding has 6 numbers");
      requireRows(reader, 0, 0, 60);
      requireRows(reader, 0, 61, ROWS);
    }
  }

  @Test
  void rowGroupsOfOtherSumAreRefused() throws Exception {
    Tables.write(table, vectors, CompressionCodecName.SNAPPY, WriterVersion.PARQUET_1_0);
    byte[] bytes = Files.readAllBytes(table);
    for (long other : List.of(0L, 49L, 51L, -1L, Long.MAX_VALUE)) {
      Files.write(
          table, Footers.changed(bytes, data -> data.getRow_groups().get(0).setNum_rows(other)));
      assertThatThrownBy(() -> open(table + "#embedding"))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("it has 4 row groups that do not add up to its 173 rows");
    }
  }

  @Test
  void damagedFileIsRefused() throws Exception {
    Tables.write(table, vectors, CompressionCodecName.UNCOMPRESSED, WriterVersion.PARQUET_1_0);
    byte[] bytes = Files.readAllBytes(table);
    Files.write(table, Arrays.copyOf(bytes, bytes.length / 2));
    assertThatThrownBy(() -> open(table + "#embedding"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("has %d bytes and ends without PAR1".formatted(bytes.length / 2));
  }
}
