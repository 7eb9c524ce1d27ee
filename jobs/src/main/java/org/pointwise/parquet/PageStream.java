package org.pointwise.parquet;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.CRC32;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputDecompressor;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;

/**
 * The pages of a column chunk, read and decompressed one by one, so that only one page is in
 * memory. The library's own reader holds the whole chunk. Confined to one thread.
 */
final class PageStream implements PageReader {
  /** Largest bytes of a page, stored or decoded. */
  static final int MAX_BYTES = 128 << 20;

  /** Largest bytes of a text in the header of a page, such as the least value of a column. */
  private static final int MAX_HEADER_BYTES = 1 << 20;

  private final StoreFile file;
  private final StoreStream in;
  private final ColumnMetaData chunk;
  private final BytesInputDecompressor decompressor;
  private final Statistics<?> noStatistics;
  private @Nullable PageHeader ahead; // of the page that is read next
  private long values;
  private long largest;

  PageStream(
      StoreFile file,
      StoreStream in,
      ColumnDescriptor column,
      ColumnMetaData chunk,
      BytesInputDecompressor decompressor) {
    this.file = file;
    this.in = in;
    this.chunk = chunk;
    this.decompressor = decompressor;
    this.noStatistics = Statistics.createStats(column.getPrimitiveType());
    in.seek(CopiedChunks.start(chunk));
  }

  /** Returns the bytes of the largest page that was read, decoded. */
  long largest() {
    return largest;
  }

  @Override
  public long getTotalValueCount() {
    return chunk.getNum_values();
  }

  @Override
  public @Nullable DictionaryPage readDictionaryPage() {
    try {
      PageHeader header = header();
      if (header.getType() != PageType.DICTIONARY_PAGE) {
        ahead = header;
        return null;
      }
      return new DictionaryPage(
          decompressed(BytesInput.from(body(header)), header.getUncompressed_page_size()),
          header.getDictionary_page_header().getNum_values(),
          encoding(header.getDictionary_page_header().getEncoding()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public @Nullable DataPage readPage() {
    if (values >= chunk.getNum_values()) {
      return null;
    }
    try {
      PageHeader header = header();
      while (isEmpty(header)) { // PyArrow writes such pages, which the library cannot decode
        body(header);
        header = header();
      }
      DataPage page =
          switch (header.getType()) {
            case DATA_PAGE -> page(header, header.getData_page_header());
            case DATA_PAGE_V2 -> page(header, header.getData_page_header_v2());
            case DICTIONARY_PAGE, INDEX_PAGE -> throw damaged("has a dictionary after its numbers");
          };
      values += page.getValueCount();
      return page;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isEmpty(PageHeader header) {
    return switch (header.getType()) {
      case INDEX_PAGE -> true;
      case DATA_PAGE -> isNone(header.getData_page_header().getNum_values());
      case DATA_PAGE_V2 -> isNone(header.getData_page_header_v2().getNum_values());
      case DICTIONARY_PAGE -> false;
    };
  }

  private boolean isNone(int count) {
    if (count < 0) {
      throw damaged("has a page of %d values before byte %d".formatted(count, in.getPos()));
    }
    return count == 0;
  }

  private PageHeader header() throws IOException {
    PageHeader header = ahead;
    ahead = null;
    return header == null
        ? Structures.read(
            new PageHeader(),
            in,
            MAX_HEADER_BYTES,
            e -> damaged("has a damaged page header before byte " + in.getPos(), e))
        : header;
  }

  private DataPage page(PageHeader header, DataPageHeader data) throws IOException {
    return new DataPageV1(
        decompressed(BytesInput.from(body(header)), header.getUncompressed_page_size()),
        data.getNum_values(),
        header.getUncompressed_page_size(),
        noStatistics,
        encoding(data.getRepetition_level_encoding()),
        encoding(data.getDefinition_level_encoding()),
        encoding(data.getEncoding()));
  }

  private DataPage page(PageHeader header, DataPageHeaderV2 data) throws IOException {
    byte[] bytes = body(header);
    int repetition = data.getRepetition_levels_byte_length();
    int levels = repetition + data.getDefinition_levels_byte_length();
    if (repetition < 0 || levels < repetition || levels > bytes.length) {
      throw damaged("has levels of %d bytes in a page of %d".formatted(levels, bytes.length));
    }
    BytesInput numbers = BytesInput.from(bytes, levels, bytes.length - levels);
    return DataPageV2.uncompressed(
        data.getNum_rows(),
        data.getNum_nulls(),
        data.getNum_values(),
        BytesInput.from(bytes, 0, repetition),
        BytesInput.from(bytes, repetition, levels - repetition),
        encoding(data.getEncoding()),
        data.isIs_compressed()
            ? decompressed(numbers, header.getUncompressed_page_size() - levels)
            : numbers,
        noStatistics);
  }

  private BytesInput decompressed(BytesInput bytes, int size) {
    try {
      // At once for zstd: the library's stream takes a fifth more of the time of a reduction.
      byte[] decoded =
          chunk.getCodec() == CompressionCodec.ZSTD
              ? Zstd.decompress(bytes.toByteArray(), size)
              : decompressor.decompress(bytes, size).toByteArray();
      if (decoded.length != size) {
        throw new IOException("%d bytes, expected %d".formatted(decoded.length, size));
      }
      return BytesInput.from(decoded);
    } catch (IOException | RuntimeException e) { // not of the store: the bytes are in memory
      throw damaged(
          "has a page before byte %d that cannot be decompressed (%s)".formatted(in.getPos(), e),
          e);
    }
  }

  /** Reads the bytes of a page as they are stored, and checks their checksum if there is one. */
  private byte[] body(PageHeader header) throws IOException {
    int length = header.getCompressed_page_size();
    int decoded = header.getUncompressed_page_size();
    if (length < 0
        || length > file.length() - in.getPos()
        || decoded < 0
        || decoded > chunk.getTotal_uncompressed_size()) {
      throw damaged(
          "has a page of %d bytes, decoded %d, at byte %d".formatted(length, decoded, in.getPos()));
    }
    if (Math.max(length, decoded) > MAX_BYTES) {
      throw new InvalidInputException(
          "Cannot read %s: its column %s has a page of %d bytes but pages may have %d; write the table with smaller pages"
              .formatted(file.uri(), column(), Math.max(length, decoded), MAX_BYTES));
    }
    largest = Math.max(largest, decoded);
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    if (header.isSetCrc()) {
      CRC32 crc = new CRC32();
      crc.update(bytes);
      if ((int) crc.getValue() != header.getCrc()) {
        throw damaged("has a page whose checksum is wrong before byte " + in.getPos());
      }
    }
    return bytes;
  }

  private CorruptDataException damaged(String what) {
    return new CorruptDataException(message(what));
  }

  private CorruptDataException damaged(String what, Exception cause) {
    return new CorruptDataException(message(what), cause);
  }

  private String message(String what) {
    return "Cannot read %s: its column %s %s; restore the file"
        .formatted(file.uri(), column(), what);
  }

  private String column() {
    return String.join(".", chunk.getPath_in_schema());
  }

  private static Encoding encoding(org.apache.parquet.format.Encoding encoding) {
    return Encoding.valueOf(encoding.name());
  }
}
