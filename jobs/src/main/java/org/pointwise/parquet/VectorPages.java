package org.pointwise.parquet;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.BytesUtils;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridEncoder;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.OffsetIndex;
import org.apache.parquet.format.PageEncodingStats;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageLocation;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Statistics;
import org.apache.parquet.format.Type;
import org.apache.parquet.format.Util;
import org.pointwise.store.Bytes;
import org.pointwise.tensor.ElementType;

/**
 * Writes the column chunk of vectors in pages of version 1 with plain numbers, each at once. The
 * library's own writer holds all pages of a row group, and copies each number. Pages begin with a
 * row. Confined to one thread.
 */
final class VectorPages {
  /** Bytes of numbers after which a page ends. */
  static final int PAGE_BYTES = 1 << 20;

  private static final int SLAB_BYTES = 1 << 12;
  private static final int MAX_LEVELS_BYTES = 1 << 20;

  private final AssembledStream out;
  private final BytesInputCompressor compressor;
  private final int channels;
  private final ElementType type;
  private final int presentLevel; // the definition level of a number
  private final long start;
  private final RunLengthBitPackingHybridEncoder repetitions = encoder(1);
  private final RunLengthBitPackingHybridEncoder definitions;
  private final Bytes numbers = new Bytes();
  private final List<PageLocation> locations = new ArrayList<>();
  private long rows;
  private long pageRow; // the first row of the page
  private long values;
  private long pageValues; // the first value of the page
  private long nulls;
  private long decodedBytes;

  /**
   * @param compressor null for pages that are not compressed
   * @param presentLevel the definition level of a number
   */
  VectorPages(
      AssembledStream out,
      BytesInputCompressor compressor,
      int channels,
      ElementType type,
      int presentLevel) {
    this.out = out;
    this.compressor = compressor;
    this.channels = channels;
    this.type = type;
    this.presentLevel = presentLevel;
    this.start = out.position();
    this.definitions = encoder(BytesUtils.getWidthFromMaxInt(presentLevel));
  }

  private static RunLengthBitPackingHybridEncoder encoder(int bits) {
    return new RunLengthBitPackingHybridEncoder(
        bits, SLAB_BYTES, MAX_LEVELS_BYTES, HeapByteBufferAllocator.getInstance());
  }

  /** Adds a row without a vector. */
  void addNull(int level) throws IOException {
    repetitions.writeInt(0);
    definitions.writeInt(level);
    values++;
    nulls++;
    endRow();
  }

  /** Adds a vector of little-endian numbers. */
  void add(byte[] vector, int from) throws IOException {
    for (int c = 0; c < channels; c++) {
      repetitions.writeInt(c == 0 ? 0 : 1);
      definitions.writeInt(presentLevel);
    }
    numbers.append(vector, from, channels * type.bytes());
    values += channels;
    endRow();
  }

  private void endRow() throws IOException {
    rows++;
    if (numbers.length() + (values - pageValues) / 8 >= PAGE_BYTES) {
      endPage();
    }
  }

  private void endPage() throws IOException {
    if (rows == pageRow) {
      return;
    }
    BytesInput page =
        BytesInput.concat(
            levels(repetitions),
            levels(definitions),
            BytesInput.from(numbers.array(), 0, numbers.length()));
    int decoded = Math.toIntExact(page.size());
    byte[] stored = compressor.compress(page).toByteArray();
    CRC32 crc = new CRC32();
    crc.update(stored);
    PageHeader header = new PageHeader(PageType.DATA_PAGE, decoded, stored.length);
    header.setCrc((int) crc.getValue());
    header.setData_page_header(
        new DataPageHeader(
            Math.toIntExact(values - pageValues), Encoding.PLAIN, Encoding.RLE, Encoding.RLE));
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    Util.writePageHeader(header, head);
    locations.add(new PageLocation(out.position(), head.size() + stored.length, pageRow));
    out.write(head.toByteArray());
    out.write(stored);
    decodedBytes += head.size() + decoded;
    pageRow = rows;
    pageValues = values;
    repetitions.reset();
    definitions.reset();
    numbers.resize(0);
  }

  private static BytesInput levels(RunLengthBitPackingHybridEncoder encoder) throws IOException {
    BytesInput bytes = encoder.toBytes();
    return BytesInput.concat(BytesInput.fromInt(Math.toIntExact(bytes.size())), bytes);
  }

  /**
   * Ends the chunk.
   *
   * @param old the metadata of the chunk in whose place this one is
   */
  ColumnMetaData end(ColumnMetaData old) throws IOException {
    endPage();
    ColumnMetaData data =
        new ColumnMetaData(
            type == ElementType.FLOAT32 ? Type.FLOAT : Type.DOUBLE,
            List.of(Encoding.PLAIN, Encoding.RLE),
            old.getPath_in_schema(),
            old.getCodec(),
            values,
            decodedBytes,
            out.position() - start,
            start);
    data.setStatistics(new Statistics().setNull_count(nulls));
    data.setEncoding_stats(
        List.of(new PageEncodingStats(PageType.DATA_PAGE, Encoding.PLAIN, locations.size())));
    return data;
  }

  /** Returns where the pages are. */
  OffsetIndex index() {
    return new OffsetIndex(locations);
  }

  void close() {
    repetitions.close();
    definitions.close();
  }
}
