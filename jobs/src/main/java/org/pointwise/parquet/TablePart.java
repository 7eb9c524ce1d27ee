package org.pointwise.parquet;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.pointwise.tensor.ElementType;

/**
 * What a plan needs of one file of a table, so that the metadata of all files is not held at once.
 *
 * @param column the name of the column
 * @param codecs of its chunks
 * @param vector the first vector; null if all rows are null
 * @param pageBytes room for a decoded page: the largest one up to the first vector, or more
 */
record TablePart(
    String key,
    String uri,
    String column,
    ElementType type,
    long rows,
    List<String> codecs,
    @Nullable Vector vector,
    long pageBytes) {
  /** Bytes of a decoded page for which there is room even if the first pages are smaller. */
  private static final long PAGE_BYTES = 8L << 20;

  /**
   * A vector of a file.
   *
   * @param uri the file
   * @param row the index of its row in the file
   */
  record Vector(String uri, long row, int length) {}

  /**
   * Reads the metadata of a file, and its rows to the first one that is not null.
   *
   * @param column the name of the column; null for the only one
   * @param vectors whether rows must hold vectors, instead of numbers
   */
  static TablePart read(ByteStore store, String key, @Nullable String column, boolean vectors)
      throws IOException {
    TableFile file = TableFile.open(store, key, column, vectors);
    if (file.rows() > Integer.MAX_VALUE) {
      throw new InvalidInputException(
          "Cannot read %s: it has %d rows but at most %d can be read from a file; write several files"
              .formatted(file.uri(), file.rows(), Integer.MAX_VALUE));
    }
    List<String> codecs =
        file.groups().stream()
            .map(group -> file.chunk(group).getCodec().name().toLowerCase(Locale.ROOT))
            .distinct()
            .toList();
    try (RowReader rows = new RowReader(file)) {
      Vector vector = rows.first();
      return new TablePart(
          key,
          file.uri(),
          file.column().name(),
          file.column().type(),
          file.rows(),
          codecs,
          vector,
          Math.max(rows.pageBytes(), Math.min(chunkBytes(file), PAGE_BYTES)));
    }
  }

  private static long chunkBytes(TableFile file) {
    return file.groups().stream()
        .mapToLong(group -> file.chunk(group).getTotal_uncompressed_size())
        .max()
        .orElse(0);
  }
}
