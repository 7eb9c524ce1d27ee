package org.pointwise.parquet;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;

/**
 * One file of a table with one of its columns, by the metadata of the file.
 *
 * @param footer the metadata as it is stored; not modified
 */
record TableFile(StoreFile file, FileMetaData footer, VectorColumn column) {
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
    List<SchemaLeaf> columns;
    try {
      columns = SchemaLeaf.all(footer.getSchema());
    } catch (IndexOutOfBoundsException e) {
      throw Footer.damaged(file, e);
    }
    return new TableFile(file, footer, VectorColumn.find(columns, name, vectors, file.uri()));
  }

  String uri() {
    return file.uri();
  }

  List<RowGroup> groups() {
    return footer.getRow_groups();
  }

  long rows() {
    return groups().stream().mapToLong(RowGroup::getNum_rows).sum();
  }

  /** Returns the column's chunk in a row group. */
  ColumnMetaData chunk(RowGroup group) {
    return group.getColumns().get(position(group)).getMeta_data();
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
