package org.pointwise.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.SortingColumn;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.parquet.schema.Type;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pointwise.cli.Cli;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;

/** Tests what of a file is kept, with Parquet's own library. */
class KeptPartsTest {
  private static final int CHANNELS = 3;

  @TempDir Path folder;

  private final Random random = Seed.random("kept");

  private void reduce() throws IOException {
    String weights = folder + "/w.safetensors";
    float[] sums = {1, 1, 1, 1, -1, 0};
    PointwiseLayer layer = PointwiseLayer.of(sums, new float[2], Activation.NONE);
    WeightsWriter.write(ByteStores.LOCAL, weights, layer, Map.of());
    Cli done =
        Cli.run(
            "reduce",
            folder + "/in.parquet",
            folder + "/out.parquet",
            "--column",
            "embedding",
            "--weights",
            weights,
            "--quiet",
            "--runner",
            "local");
    assertThat(done.code()).as(done.err()).isZero();
  }

  private static FileMetaData footer(Path file) throws IOException {
    return Footers.read(Files.readAllBytes(file));
  }

  /** Of an order by id, embedding and label, that by id is left. */
  @Test
  void orderEndsBeforeTheColumn() throws Exception {
    Path in = folder.resolve("in.parquet");
    Tables.write(
        in, new float[1][CHANNELS], CompressionCodecName.SNAPPY, WriterVersion.PARQUET_1_0);
    List<SortingColumn> order =
        IntStream.of(0, 1, 3).mapToObj(column -> new SortingColumn(column, true, false)).toList();
    byte[] sorted =
        Footers.changed(
            Files.readAllBytes(in), data -> data.getRow_groups().get(0).setSorting_columns(order));
    Files.write(in, sorted);
    reduce();
    Path out = folder.resolve("out.parquet/in.parquet");
    assertThat(footer(out).getRow_groups().get(0).getSorting_columns())
        .isEqualTo(order.subList(0, 1));
  }

  /** The library's writer orders encodings by hash codes, which differ between JVMs. */
  @Test
  void indexesFiltersAndOrderOfEncodingsAreKept() throws Exception {
    float[][] vectors = new float[170][];
    for (int row = 0; row < vectors.length; row++) {
      vectors[row] = random.nextInt(4) == 0 ? null : new float[CHANNELS];
    }
    vectors[0] = new float[CHANNELS];
    Path in = folder.resolve("in.parquet");
    Tables.write(in, vectors, CompressionCodecName.SNAPPY, WriterVersion.PARQUET_2_0);
    reduce();
    Path out = folder.resolve("out.parquet/in.parquet");
    FileMetaData before = footer(in);
    FileMetaData after = footer(out);
    assertThat(after.getKey_value_metadata()).isEqualTo(before.getKey_value_metadata());
    assertThat(after.getCreated_by()).isEqualTo(before.getCreated_by());
    for (int group = 0; group < before.getRow_groupsSize(); group++) {
      List<ColumnChunk> chunks = after.getRow_groups().get(group).getColumns();
      for (int i = 0; i < chunks.size(); i++) {
        ColumnChunk old = before.getRow_groups().get(group).getColumns().get(i);
        boolean own = old.getMeta_data().getPath_in_schema().get(0).equals("embedding");
        assertThat(chunks.get(i).getMeta_data().getEncodings().toString())
            .isEqualTo(own ? "[PLAIN, RLE]" : old.getMeta_data().getEncodings().toString());
      }
    }
    try (ParquetFileReader olds = open(in);
        ParquetFileReader news = open(out)) {
      for (int group = 0; group < before.getRow_groupsSize(); group++) {
        requireSame(olds, olds.getRowGroups().get(group), news, news.getRowGroups().get(group));
      }
    }
  }

  private static ParquetFileReader open(Path file) throws IOException {
    return new ParquetFileReader(new LocalInputFile(file), ParquetReadOptions.builder().build());
  }

  private static void requireSame(
      ParquetFileReader olds, BlockMetaData oldGroup, ParquetFileReader news, BlockMetaData group)
      throws IOException {
    for (int i = 0; i < group.getColumns().size(); i++) {
      ColumnChunkMetaData old = oldGroup.getColumns().get(i);
      ColumnChunkMetaData chunk = group.getColumns().get(i);
      OffsetIndex pages = news.readOffsetIndex(chunk);
      assertThat(pages.getOffset(0)).isEqualTo(chunk.getFirstDataPageOffset());
      if (chunk.getPath().toDotString().startsWith("embedding")) {
        continue;
      }
      assertThat(news.readColumnIndex(chunk).toString())
          .isEqualTo(olds.readColumnIndex(old).toString());
      OffsetIndex oldPages = olds.readOffsetIndex(old);
      for (int page = 0; page < pages.getPageCount(); page++) {
        assertThat(pages.getOffset(page) - pages.getOffset(0))
            .isEqualTo(oldPages.getOffset(page) - oldPages.getOffset(0));
        assertThat(pages.getFirstRowIndex(page)).isEqualTo(oldPages.getFirstRowIndex(page));
      }
      if (chunk.getPath().toDotString().equals("id")) {
        assertThat(news.readBloomFilter(chunk)).isNotNull().isEqualTo(olds.readBloomFilter(old));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "optional group embedding (LIST) { repeated float array; }",
        "optional group embedding (LIST) { repeated group bag { optional float array_element; } }",
        "required group embedding (LIST) { repeated group list { required float element; } }",
        "optional group embedding (LIST) { repeated group list { required double element; } }",
        "repeated float embedding;"
      })
  void layoutsOfListsAreKept(String layout) throws Exception {
    MessageType schema =
        MessageTypeParser.parseMessageType("message t { required int32 id; " + layout + " }");
    Type column = schema.getType("embedding");
    boolean nulls = !column.isRepetition(Type.Repetition.REQUIRED);
    List<float[]> vectors = new ArrayList<>();
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(folder.resolve("in.parquet")))
            .withType(schema)
            .withRowGroupRowCountLimit(10)
            .build()) {
      for (int row = 0; row < 35; row++) {
        float[] vector = {row, random.nextInt(100), random.nextInt(100)};
        vectors.add(nulls && row % 3 == 1 ? null : vector);
        Group group = new SimpleGroup(schema);
        group.add("id", row);
        if (vectors.get(row) != null) {
          add(group, column, vector);
        }
        writer.write(group);
      }
    }
    reduce();
    try (ParquetReader<Group> reader = Tables.reader(folder.resolve("out.parquet/in.parquet"))) {
      for (int row = 0; row < vectors.size(); row++) {
        Group group = reader.read();
        assertThat(group.getInteger("id", 0)).isEqualTo(row);
        assertThat(group.getType().getType("embedding").toString())
            .isEqualTo(column.toString().replace("double", "float"));
        float[] vector = vectors.get(row);
        if (vector == null) {
          assertThat(group.getFieldRepetitionCount("embedding")).isZero();
        } else {
          assertThat(numbers(group, column))
              .containsExactly(vector[0] + vector[1] + vector[2], vector[0] - vector[1]);
        }
      }
      assertThat(reader.read()).isNull();
    }
  }

  private static void add(Group row, Type column, float[] vector) {
    Group list = column.isPrimitive() ? row : row.addGroup(column.getName());
    Type repeated = column.isPrimitive() ? column : column.asGroupType().getType(0);
    for (float number : vector) {
      Group item = repeated.isPrimitive() ? list : list.addGroup(repeated.getName());
      Type leaf = repeated.isPrimitive() ? repeated : repeated.asGroupType().getType(0);
      if (leaf.asPrimitiveType().getPrimitiveTypeName().name().equals("DOUBLE")) {
        item.add(leaf.getName(), (double) number);
      } else {
        item.add(leaf.getName(), number);
      }
    }
  }

  private static List<Float> numbers(Group row, Type column) {
    Group list = column.isPrimitive() ? row : row.getGroup(column.getName(), 0);
    Type repeated = column.isPrimitive() ? column : ((GroupType) column).getType(0);
    List<Float> numbers = new ArrayList<>();
    for (int i = 0; i < list.getFieldRepetitionCount(repeated.getName()); i++) {
      numbers.add(
          repeated.isPrimitive()
              ? list.getFloat(repeated.getName(), i)
              : list.getGroup(repeated.getName(), i).getFloat(0, 0));
    }
    return numbers;
  }
}
