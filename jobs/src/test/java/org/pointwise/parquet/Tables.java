package org.pointwise.parquet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.jspecify.annotations.Nullable;

/** Writes and reads small tables with Parquet's own library. */
public final class Tables {
  /** Rows in a row group. */
  public static final int GROUP_ROWS = 50;

  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          """
          message table {
            required binary id (STRING);
            optional group embedding (LIST) { repeated group list { optional float element; } }
            optional group other (LIST) { repeated group list { required double element; } }
            required int32 label;
          }""");

  private Tables() {}

  /**
   * Writes a file.
   *
   * @param vectors the column {@code embedding}; null for null rows
   */
  public static void write(
      Path file, float @Nullable [][] vectors, CompressionCodecName codec, WriterVersion version)
      throws IOException {
    Files.createDirectories(file.getParent());
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file))
            .withType(SCHEMA)
            .withCompressionCodec(codec)
            .withWriterVersion(version)
            .withRowGroupRowCountLimit(GROUP_ROWS)
            .withPageSize(512)
            .withPageRowCountLimit(7)
            .withBloomFilterEnabled("id", true)
            .withExtraMetaData(Map.of("geo", "{\"version\":\"1.0.0\"}"))
            .build()) {
      for (int row = 0; row < vectors.length; row++) {
        SimpleGroup group = new SimpleGroup(SCHEMA);
        group.add("id", file.getFileName() + " " + row);
        if (vectors[row] != null) {
          Group list = group.addGroup("embedding");
          for (float number : vectors[row]) {
            list.addGroup("list").add("element", number);
          }
        }
        group.addGroup("other").addGroup("list").add("element", row / 2.0);
        group.add("label", row % 3);
        writer.write(group);
      }
    }
  }

  /** Returns the rows of a file. */
  public static ParquetReader<Group> reader(Path file) throws IOException {
    return new ParquetReader.Builder<Group>((InputFile) new LocalInputFile(file)) {
      @Override
      protected GroupReadSupport getReadSupport() {
        return new GroupReadSupport();
      }
    }.build();
  }
}
