package org.pointwise.parquet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.bytes.BytesUtils;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Dictionary;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.ValuesType;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.values.ValuesReader;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;

/**
 * The values of a column chunk, one after another, with their levels. Plain numbers, which is how
 * vectors are mostly stored, are copied in runs; the library's own reader takes each byte of each
 * number by a call. Confined to one thread.
 */
final class ColumnValues {
  private static final int BLOCK = 1 << 13; // levels that are decoded at once
  private static final byte[] ONES = new byte[BLOCK];

  static {
    Arrays.fill(ONES, (byte) 1);
  }

  private final ColumnDescriptor column;
  private final PageStream pages;
  private final PrimitiveTypeName type;
  private final int bytes; // of a number
  private final int numberLevel;
  private final @Nullable Dictionary dictionary;
  private final byte[] repetitions = new byte[BLOCK];
  private final byte[] definitions = new byte[BLOCK];
  private final byte[] numberLevels = new byte[BLOCK];
  private int at; // in the block
  private int count; // of the block
  private int left; // values of the page after the block
  private Levels repetition = Levels.ZEROS;
  private Levels definition = Levels.ZEROS;
  private byte[] plain = {};
  private int offset; // in the plain numbers
  private @Nullable ValuesReader encoded; // in place of plain numbers

  /**
   * @param bytes of a number as it is read
   */
  ColumnValues(ColumnDescriptor column, PageStream pages, int bytes) throws IOException {
    this.column = column;
    this.pages = pages;
    this.type = column.getPrimitiveType().getPrimitiveTypeName();
    this.bytes = bytes;
    this.numberLevel = column.getMaxDefinitionLevel();
    Arrays.fill(numberLevels, (byte) numberLevel);
    DictionaryPage page = pages.readDictionaryPage();
    this.dictionary = page == null ? null : page.getEncoding().initDictionary(column, page);
  }

  /** Returns whether there is another value. */
  boolean hasNext() {
    if (at < count) {
      return true;
    }
    if (left == 0) {
      DataPage page = pages.readPage();
      if (page == null) {
        return false;
      }
      try {
        open(page);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    at = 0;
    count = Math.min(BLOCK, left);
    left -= count;
    repetition.read(repetitions, count);
    definition.read(definitions, count);
    return true;
  }

  private void open(DataPage page) throws IOException {
    left = page.getValueCount();
    int most = column.getMaxRepetitionLevel();
    if (page instanceof DataPageV1 first) {
      ByteBufferInputStream in = first.getBytes().toInputStream();
      repetition = levels(first.getRlEncoding(), ValuesType.REPETITION_LEVEL, most, in);
      definition = levels(first.getDlEncoding(), ValuesType.DEFINITION_LEVEL, numberLevel, in);
      openNumbers(first.getValueEncoding(), in);
    } else if (page instanceof DataPageV2 second) {
      repetition = levels(second.getRepetitionLevels().toByteBuffer(), most);
      definition = levels(second.getDefinitionLevels().toByteBuffer(), numberLevel);
      openNumbers(second.getDataEncoding(), second.getData().toInputStream());
    }
  }

  /** Opens the levels of a page of version 1, and passes their bytes. */
  private Levels levels(Encoding encoding, ValuesType kind, int max, ByteBufferInputStream in)
      throws IOException {
    if (max == 0) {
      return Levels.ZEROS;
    }
    if (encoding == Encoding.RLE) {
      int length = BytesUtils.readIntLittleEndian(in);
      if (length < 0 || length > in.available()) {
        throw new IllegalArgumentException(
            "%d bytes of levels in a page that has %d".formatted(length, in.available()));
      }
      return levels(in.slice(length), max);
    }
    ValuesReader reader = encoding.getValuesReader(column, kind);
    reader.initFromPage(left, in);
    return (to, count) -> {
      for (int i = 0; i < count; i++) {
        to[i] = (byte) reader.readInteger();
      }
    };
  }

  private static Levels levels(ByteBuffer encoded, int max) {
    return max == 0 ? Levels.ZEROS : new RunLevels(encoded, max);
  }

  private void openNumbers(Encoding encoding, ByteBufferInputStream in) throws IOException {
    boolean isFloating = type == PrimitiveTypeName.FLOAT || type == PrimitiveTypeName.DOUBLE;
    if (encoding == Encoding.PLAIN && isFloating) {
      encoded = null;
      ByteBuffer numbers = in.slice(in.available());
      plain = numbers.array();
      offset = numbers.arrayOffset() + numbers.position();
      return;
    }
    Dictionary numbers = dictionary;
    ValuesReader reader =
        encoding.usesDictionary() && numbers != null
            ? encoding.getDictionaryBasedValuesReader(column, ValuesType.VALUES, numbers)
            : encoding.getValuesReader(column, ValuesType.VALUES);
    reader.initFromPage(left, in);
    encoded = reader;
  }

  int repetition() {
    return repetitions[at];
  }

  int definition() {
    return definitions[at];
  }

  /**
   * Returns how many numbers follow without a gap or a new row.
   *
   * @param isFirst whether the next value begins a row
   */
  int run(boolean isFirst) {
    int from = isFirst && definitions[at] == numberLevel ? at + 1 : at;
    int end = equal(repetitions, from, count, ONES);
    return equal(definitions, from, end, numberLevels) - at;
  }

  /** Returns the end of the levels before {@code end} that are equal to those of another block. */
  private static int equal(byte[] levels, int from, int end, byte[] others) {
    int length = Arrays.mismatch(levels, from, end, others, from, end);
    return length < 0 ? end : from + length;
  }

  /** Passes a value that is no number. */
  void pass() {
    at++;
  }

  /** Passes numbers. */
  void skip(int numbers) {
    at += numbers;
    ValuesReader reader = encoded;
    if (reader == null) {
      offset += numbers * bytes;
    } else {
      for (int i = 0; i < numbers; i++) {
        reader.skip();
      }
    }
  }

  /** Reads numbers, little-endian. */
  void read(int numbers, byte[] to, int from) {
    at += numbers;
    ValuesReader reader = encoded;
    if (reader == null) {
      System.arraycopy(plain, offset, to, from, numbers * bytes);
      offset += numbers * bytes;
      return;
    }
    for (int i = 0; i < numbers; i++) {
      put(reader, to, from + i * bytes);
    }
  }

  private void put(ValuesReader reader, byte[] to, int offsetTo) {
    switch (type) {
      case FLOAT -> ElementAccess.putFloat32(to, offsetTo, reader.readFloat());
      case DOUBLE ->
          ElementAccess.putDouble(to, offsetTo, ElementType.FLOAT64, reader.readDouble());
      case INT32 -> ElementAccess.putInt(to, offsetTo, reader.readInteger());
      case INT64 -> ElementAccess.putLong(to, offsetTo, reader.readLong());
      case BOOLEAN -> to[offsetTo] = (byte) (reader.readBoolean() ? 1 : 0);
      case BINARY, FIXED_LEN_BYTE_ARRAY, INT96 ->
          throw new IllegalStateException("No numbers: " + column);
    }
  }
}
