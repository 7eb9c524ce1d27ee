package org.pointwise.parquet;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.converter.ParquetMetadataConverter;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;

/**
 * One file of a table with one of its columns, by the metadata of the file.
 *
 * @param footer the metadata as it is stored; not modified
 * @param groups the row groups
 */
record TableFile(
    StoreFile file, FileMetaData footer, List<BlockMetaData> groups, VectorColumn column) {
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
    FileMetaData footer = Footer.read(file);
    ParquetMetadata metadata;
    try {
      metadata = new ParquetMetadataConverter().fromParquetMetadata(footer);
    } catch (RuntimeException e) { // the library's words for types that it does not know
      throw new InvalidInputException(
          "Cannot read %s: Spark's library does not understand its metadata (%s); write the table again with Spark"
              .formatted(file.uri(), e),
          e);
    }
    VectorColumn column =
        VectorColumn.find(metadata.getFileMetaData().getSchema(), name, vectors, file.uri());
    return new TableFile(file, footer, metadata.getBlocks(), column);
  }

  String uri() {
    return file.uri();
  }

  long rows() {
    return groups.stream().mapToLong(BlockMetaData::getRowCount).sum();
  }

  /** Returns the column's chunk in a row group. */
  ColumnChunkMetaData chunk(BlockMetaData group) {
    ColumnPath path = ColumnPath.get(column.leaf().getPath());
    return group.getColumns().stream()
        .filter(chunk -> chunk.getPath().equals(path))
        .findFirst()
        .orElseThrow(this::missing);
  }

  /** Returns the position of the column's chunk in a row group. */
  int position(RowGroup group) {
    List<String> path = Arrays.asList(column.leaf().getPath());
    for (int i = 0; i < group.getColumnsSize(); i++) {
      if (group.getColumns().get(i).getMeta_data().getPath_in_schema().equals(path)) {
        return i;
      }
    }
    throw missing();
  }

  private CorruptDataException missing() {
    return new CorruptDataException(
        "Cannot read %s: a row group lacks the column %s; restore the file"
            .formatted(uri(), column.name()));
  }
}
