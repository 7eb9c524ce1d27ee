package org.pointwise.parquet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputDecompressor;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopCodecs;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.errors.PointwiseException;

/**
 * Reads the rows of one column of a file, one after another. A row before the last one that was
 * read costs the decoding of its row group from the start. Confined to one thread.
 */
final class RowReader implements AutoCloseable {
  /** The level of rows that are not null. */
  static final byte PRESENT = -1;

  private static final int NULL = -1;

  private final TableFile file;
  private final VectorColumn column;
  private final StoreStream in;
  private final CompressionCodecFactory codecs = HadoopCodecs.newFactory(0);
  private @Nullable PageStream pages;
  private @Nullable ColumnValues reader;
  private long row; // the next row of the reader
  private long end; // the row after its row group

  RowReader(TableFile file) {
    this.file = file;
    this.column = file.column();
    this.in = file.file().newStream();
  }

  /** Returns the bytes read from the store so far. */
  long fetched() {
    return in.fetched();
  }

  /**
   * Reads consecutive rows.
   *
   * @param channels the numbers that each row must have
   * @param to receives little-endian numbers, [row][channel]; those of null rows are unchanged
   * @param nulls the positions of null rows among these, which are set
   * @throws CorruptDataException if a row has another number of numbers, or the file is damaged
   */
  void read(long first, int count, int channels, byte[] to, BitSet nulls) throws IOException {
    int rowBytes = Math.multiplyExact(channels, column.type().bytes());
    run(
        first,
        () -> {
          for (int i = 0; i < count; i++) {
            int length = readRow(at(first + i), channels, to, i * rowBytes);
            if (length == NULL) {
              nulls.set(i);
            } else if (length != channels) {
              throw corrupt(
                  first + i,
                  "has %d numbers but needs %d; make it null".formatted(length, channels));
            }
          }
        });
  }

  /**
   * Reads which of consecutive rows are null.
   *
   * @param channels the length of all vectors; 0 if not known
   * @param levels receives the definition level of each null row, and {@link #PRESENT} for others
   */
  void nulls(long first, int count, int channels, byte[] levels) throws IOException {
    Arrays.fill(levels, 0, count, PRESENT);
    long start = 0;
    for (RowGroup group : file.groups()) {
      long stop = start + group.getNum_rows();
      long from = Math.max(start, first);
      long to = Math.min(stop, first + count);
      if (from < to && mayHaveNulls(group, channels)) {
        readLevels(from, (int) (to - from), (int) (from - first), levels);
      }
      start = stop;
    }
  }

  private void readLevels(long first, int count, int at, byte[] levels) throws IOException {
    run(
        first,
        () -> {
          for (int i = 0; i < count; i++) {
            ColumnValues current = at(first + i);
            if (current.definition() < column.presentLevel()) {
              levels[at + i] = (byte) current.definition();
            }
            skipRow(current);
          }
        });
  }

  /**
   * Returns whether a row group can have null rows: not if vectors of one length make up all of its
   * values, since a null is one value. The counts of nulls in statistics are not used, because some
   * writers do not count null lists.
   */
  private boolean mayHaveNulls(RowGroup group, int channels) {
    return channels <= 1 || file.chunk(group).getNum_values() != group.getNum_rows() * channels;
  }

  /** Returns the first vector that is not empty; null if there is none. */
  TablePart.@Nullable Vector first() throws IOException {
    TablePart.@Nullable Vector[] found = {null};
    run(
        0,
        () -> {
          for (long i = 0; i < file.rows() && found[0] == null; i++) {
            int length = readRow(at(i), 0, new byte[0], 0);
            if (length > 0) {
              found[0] = new TablePart.Vector(file.uri(), i, length);
            }
          }
        });
    return found[0];
  }

  /** Returns the bytes of the largest page, decoded, that was read of the current row group. */
  long pageBytes() {
    PageStream open = pages;
    return open == null ? 0 : open.largest();
  }

  private void run(long first, Runnable reading) throws IOException {
    try {
      reading.run();
    } catch (UncheckedIOException e) {
      reader = null;
      throw e.getCause();
    } catch (PointwiseException e) {
      reader = null;
      throw e;
    } catch (RuntimeException e) { // of the library: damaged bytes, or a codec that is not there
      reader = null;
      throw corrupt(
          first, "or one after it cannot be decoded (%s); restore the file".formatted(e), e);
    }
  }

  /** Returns the reader before a row. */
  private ColumnValues at(long target) {
    ColumnValues current = reader;
    if (current == null || target < row || target >= end) {
      current = open(target);
      reader = current;
    }
    for (; row < target; row++) {
      skipRow(current);
    }
    row = target + 1;
    if (!current.hasNext()) {
      throw corrupt(target, "is missing; restore the file");
    }
    return current;
  }

  /** Opens the row group that holds a row. */
  private ColumnValues open(long target) {
    List<RowGroup> groups = file.groups();
    int group = 0;
    for (row = 0; target >= row + groups.get(group).getNum_rows(); group++) {
      row += groups.get(group).getNum_rows();
    }
    end = row + groups.get(group).getNum_rows();
    ColumnMetaData chunk = file.chunk(groups.get(group));
    PageStream opened = new PageStream(file.file(), in, column.leaf(), chunk, decompressor(chunk));
    pages = opened;
    try {
      return new ColumnValues(column.leaf(), opened, column.type().bytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private BytesInputDecompressor decompressor(ColumnMetaData chunk) {
    try {
      return codecs.getDecompressor(CompressionCodecName.fromParquet(chunk.getCodec()));
    } catch (RuntimeException e) { // the library's words for a codec whose library is not there
      throw new InvalidInputException(
          "Cannot read %s: the column %s is compressed with %s, which this Spark has not; write the table again with zstd"
              .formatted(file.uri(), column.name(), chunk.getCodec()),
          e);
    }
  }

  private static void skipRow(ColumnValues values) {
    for (boolean isFirst = true;
        values.hasNext() && (isFirst || values.repetition() != 0);
        isFirst = false) {
      int run = values.run(isFirst);
      if (run == 0) {
        values.pass();
      } else {
        values.skip(run);
      }
    }
  }

  /** Reads a row and returns its length, or {@link #NULL}. Stores at most {@code max} numbers. */
  private int readRow(ColumnValues values, int max, byte[] to, int from) {
    if (values.definition() < column.presentLevel()) {
      values.pass();
      return NULL;
    }
    int length = 0;
    for (boolean isFirst = true;
        values.hasNext() && (isFirst || values.repetition() != 0);
        isFirst = false) {
      int run = values.run(isFirst);
      if (run == 0) {
        if (!isFirst || values.definition() > column.presentLevel()) {
          throw corrupt(row - 1, "has a null among its numbers; make the whole row null");
        }
        values.pass(); // an empty list
      } else {
        int stored = Math.min(run, Math.max(0, max - length));
        if (stored > 0) { // else the place in the array may be beyond its end
          values.read(stored, to, from + length * column.type().bytes());
        }
        values.skip(run - stored);
        length += run;
      }
    }
    return length;
  }

  private CorruptDataException corrupt(long index, String what) {
    return new CorruptDataException(message(index, what));
  }

  private CorruptDataException corrupt(long index, String what, Throwable cause) {
    return new CorruptDataException(message(index, what), cause);
  }

  private String message(long index, String what) {
    return "Cannot read %s: row %d of the column %s %s"
        .formatted(file.uri(), index, column.name(), what);
  }

  @Override
  public void close() {
    codecs.release();
    in.close();
  }
}
