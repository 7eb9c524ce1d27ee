package org.pointwise.parquet;

import java.io.IOException;
import java.util.List;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;

/** One file of a table with one of its columns, by the metadata of the file. */
record TableFile(StoreFile file, ParquetMetadata footer, VectorColumn column) {
  /**
   * Reads the metadata of a file.
   *
   * @param name the column; null for the only column of vectors
   * @param vectors whether rows must hold vectors, instead of numbers
   * @throws InvalidInputException if it is no Parquet file or has no such column
   */
  static TableFile open(ByteStore store, String key, @Nullable String name, boolean vectors)
      throws IOException {
    StoreFile file = StoreFile.of(store, key);
    ParquetMetadata footer;
    try (StoreStream in = file.newStream()) {
      footer = ParquetFileReader.readFooter(file, ParquetReadOptions.builder().build(), in);
    } catch (RuntimeException e) { // the library's words for a file that is none of Parquet
      throw new InvalidInputException(
          "Cannot read %s: it is no complete Parquet file (%s)"
              .formatted(file.uri(), e.getMessage()),
          e);
    }
    return new TableFile(
        file,
        footer,
        VectorColumn.find(footer.getFileMetaData().getSchema(), name, vectors, file.uri()));
  }

  String uri() {
    return file.uri();
  }

  List<BlockMetaData> groups() {
    return footer.getBlocks();
  }

  long rows() {
    return groups().stream().mapToLong(BlockMetaData::getRowCount).sum();
  }

  /** Returns the column's chunk in a row group. */
  ColumnChunkMetaData chunk(BlockMetaData group) {
    ColumnPath path = ColumnPath.get(column.leaf().getPath());
    return group.getColumns().stream()
        .filter(chunk -> chunk.getPath().equals(path))
        .findFirst()
        .orElseThrow(
            () ->
                new CorruptDataException(
                    "Cannot read %s: a row group lacks the column %s; restore the file"
                        .formatted(uri(), column.name())));
  }
}
