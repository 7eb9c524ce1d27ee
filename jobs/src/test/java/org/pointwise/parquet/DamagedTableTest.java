package org.pointwise.parquet;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;

/** Tests that damaged bytes of files are bad input, not failures of the store or of memory. */
class DamagedTableTest {
  private static final int ROWS = 60;

  @TempDir Path folder;

  private Path table;
  private byte[] whole;

  @BeforeEach
  void write() throws Exception {
    table = folder.resolve("t.parquet");
    float[][] vectors = new float[ROWS][3];
    Tables.write(table, vectors, CompressionCodecName.ZSTD, WriterVersion.PARQUET_1_0);
    whole = Files.readAllBytes(table);
  }

  private FeatureSource open() {
    return Formats.open(ByteStores.LOCAL, table + "#embedding", null, null);
  }

  /** Returns the column's chunk in the second row group, which is not read for the plan. */
  private static ColumnChunk chunk(FileMetaData data) {
    return data.getRow_groups().get(1).getColumns().get(1);
  }

  private void requireCorrupt(String message) throws Exception {
    try (FeatureSource.Reader reader = open().reader()) {
      assertThatThrownBy(() -> reader.read(new Box(0, 1, 0, 1, 0, ROWS)))
          .isInstanceOf(CorruptDataException.class)
          .hasMessageContaining("Cannot read %s: its column embedding.list.element has a", table)
          .hasMessageContaining(message)
          .hasMessageContaining("; restore the file");
    }
  }

  @Test
  void pageThatCannotBeDecompressedIsDamage() throws Exception {
    Files.write(
        table,
        Footers.changed(whole, data -> chunk(data).getMeta_data().setCodec(CompressionCodec.GZIP)));
    requireCorrupt("that cannot be decompressed");
  }

  @Test
  void headerOfPageThatCannotBeReadIsDamage() throws Exception {
    int start = (int) CopiedChunks.start(chunk(Footers.read(whole)).getMeta_data());
    Arrays.fill(whole, start, start + 12, (byte) 0xff);
    Files.write(table, whole);
    requireCorrupt("damaged page header");
  }

  /** Puts a page in the place of all pages of the column in a row group. */
  private void replacePages(int group, PageHeader header, byte... page) throws Exception {
    int end = whole.length - Footers.metadataBytes(whole);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(whole, 0, end);
    Util.writePageHeader(header, file);
    file.write(page);
    file.write(whole, end, whole.length - end);
    Files.write(
        table,
        Footers.changed(
            file.toByteArray(),
            data -> {
              ColumnMetaData chunk =
                  data.getRow_groups().get(group).getColumns().get(1).getMeta_data();
              chunk.unsetDictionary_page_offset();
              chunk.setData_page_offset(end);
              chunk.setCodec(CompressionCodec.UNCOMPRESSED);
              chunk.setTotal_uncompressed_size(Long.MAX_VALUE);
            }));
  }

  private static PageHeader header(int values, int bytes) {
    PageHeader header = new PageHeader(PageType.DATA_PAGE, bytes, bytes);
    header.setData_page_header(
        new DataPageHeader(values, Encoding.PLAIN, Encoding.RLE, Encoding.RLE));
    return header;
  }

  @Test
  void negativeCountOfValuesIsDamage() throws Exception {
    replacePages(1, header(-1, 0));
    requireCorrupt("page of -1 values");
  }

  /** The length of the levels, or a level, is more than there can be. */
  @ParameterizedTest
  @CsvSource({"127, 1, 127 bytes of levels", "-1, 1, -1 bytes of levels", "2, 3, a level is 3"})
  void levelsThatCannotBeAreDamage(int length, byte level, String message) throws Exception {
    ByteBuffer page = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    page.putInt(length).put((byte) (6 << 1)).put(level); // a run of six
    replacePages(1, header(6, 12), page.array());
    try (FeatureSource.Reader reader = open().reader()) {
      assertThatThrownBy(() -> reader.read(new Box(0, 1, 0, 1, 0, ROWS)))
          .isInstanceOf(CorruptDataException.class)
          .hasMessageContaining("Cannot read %s: row ", table)
          .hasMessageContaining(message)
          .hasMessageContaining("; restore the file");
    }
  }

  @Test
  void largePageTakesNoMemory() throws Exception {
    PageHeader header = new PageHeader(PageType.DICTIONARY_PAGE, Integer.MAX_VALUE, 10);
    header.setDictionary_page_header(new DictionaryPageHeader(1, Encoding.PLAIN));
    replacePages(0, header);
    assertThatThrownBy(this::open)
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "Cannot read %s: its column embedding.list.element has a page of 2147483647 bytes but pages may have 134217728; write the table with smaller pages",
            table);
  }

  /** A list of as many row groups as a number of 32 bits, or as fit into no memory. */
  @ParameterizedTest
  @ValueSource(ints = {Integer.MAX_VALUE, 100_000_000})
  void lengthsOfListsTakeNoMemory(int length) throws Exception {
    ByteArrayOutputStream metadata = new ByteArrayOutputStream();
    metadata.write(new byte[] {0x15, 2, 0x19, (byte) 0xfc});
    for (int rest = length; rest != 0; rest >>>= 7) {
      metadata.write((rest & 127) | (rest > 127 ? 128 : 0));
    }
    metadata.write(new byte[20]);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write("PAR1".getBytes(StandardCharsets.US_ASCII));
    metadata.writeTo(file);
    file.write(new byte[] {(byte) metadata.size(), 0, 0, 0});
    file.write("PAR1".getBytes(StandardCharsets.US_ASCII));
    Files.write(table, file.toByteArray());
    assertThatThrownBy(this::open)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("it has damaged metadata");
  }
}
