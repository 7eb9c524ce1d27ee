package org.pointwise.parquet;

import java.io.IOException;
import java.util.List;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SortingColumn;
import org.apache.parquet.format.Type;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopCodecs;
import org.jspecify.annotations.Nullable;
import org.pointwise.store.ObjectAssembly;
import org.pointwise.tensor.ElementType;

/**
 * Copies a file, row group by row group, with new vectors in one column. Other column chunks are
 * copied as they are stored, with their indexes and Bloom filters, and the metadata is changed only
 * where it must be. It works on the stored form of the metadata: the library's own writer orders
 * encodings by their hash codes, which differ between JVMs, and names itself as the writer of
 * statistics that it did not compute. A page of vectors is in memory.
 */
final class TableCopy implements AutoCloseable {
  private final TableFile table;
  private final int channels;
  private final ElementType type;
  private final FileMetaData footer;
  private final StoreStream in;
  private final AssembledStream out;
  private final CopiedChunks copied;
  private final CompressionCodecFactory codecs = HadoopCodecs.newFactory(0);
  private int group = -1;
  private long left; // rows of the row group that are not written
  private @Nullable VectorPages pages;

  TableCopy(TableFile table, ObjectAssembly to, int channels, ElementType type) throws IOException {
    this.table = table;
    this.channels = channels;
    this.type = type;
    Footer.requireKnownTypes(table.footer(), table.uri());
    this.footer = table.footer().deepCopy();
    this.in = table.file().newStream();
    this.out = new AssembledStream(to);
    this.copied = new CopiedChunks(in, out);
    Footer.begin(out);
  }

  /**
   * Writes the next rows.
   *
   * @param numbers little-endian, [row][channel]
   * @param levels of each row, by {@link RowReader#nulls}
   */
  void write(byte[] numbers, int count, byte[] levels) throws IOException {
    int rowBytes = channels * type.bytes();
    for (int row = 0; row < count; row++) {
      while (left == 0) {
        beginGroup();
      }
      VectorPages open = pages;
      if (open == null) {
        throw new IllegalStateException("No row group is open");
      }
      if (levels[row] == RowReader.PRESENT) {
        open.add(numbers, row * rowBytes);
      } else {
        open.addNull(levels[row]);
      }
      if (--left == 0) {
        endGroup();
      }
    }
  }

  private void beginGroup() throws IOException {
    RowGroup block = footer.getRow_groups().get(++group);
    left = block.getNum_rows();
    List<ColumnChunk> chunks = block.getColumns();
    int own = table.position(block);
    for (ColumnChunk chunk : chunks.subList(0, own)) {
      copied.add(chunk);
    }
    ColumnMetaData old = chunks.get(own).getMeta_data();
    pages =
        new VectorPages(
            out,
            codecs.getCompressor(CompressionCodecName.fromParquet(old.getCodec())),
            channels,
            type,
            table.column().leaf().getMaxDefinitionLevel());
    if (left == 0) {
      endGroup();
    }
  }

  private void endGroup() throws IOException {
    VectorPages open = pages;
    pages = null;
    if (open == null) {
      throw new IllegalStateException("No row group is open");
    }
    RowGroup block = footer.getRow_groups().get(group);
    List<ColumnChunk> chunks = block.getColumns();
    int own = table.position(block);
    ColumnMetaData old = chunks.get(own).getMeta_data();
    ColumnMetaData data = open.end(old);
    open.close();
    ColumnChunk chunk = new ColumnChunk(data.getData_page_offset());
    chunk.setMeta_data(data);
    chunks.set(own, chunk);
    copied.addNew(chunk, open.index());
    for (ColumnChunk after : chunks.subList(own + 1, chunks.size())) {
      copied.add(after);
    }
    block.setTotal_byte_size(
        block.getTotal_byte_size()
            + data.getTotal_uncompressed_size()
            - old.getTotal_uncompressed_size());
    if (block.isSetTotal_compressed_size()) {
      block.setTotal_compressed_size(
          block.getTotal_compressed_size()
              + data.getTotal_compressed_size()
              - old.getTotal_compressed_size());
    }
    if (block.isSetFile_offset()) {
      block.setFile_offset(CopiedChunks.start(chunks.get(0).getMeta_data()));
    }
    if (block.isSetSorting_columns()) {
      block.setSorting_columns(sortedBefore(own, block.getSorting_columns()));
    }
  }

  /**
   * Returns the columns of an order before one whose values changed: later ones only broke ties.
   */
  private static List<SortingColumn> sortedBefore(int own, List<SortingColumn> sorting) {
    return sorting.stream().takeWhile(column -> column.getColumn_idx() != own).toList();
  }

  /**
   * Writes the metadata of the file.
   *
   * @throws org.pointwise.errors.IncompleteRunException if the input changed meanwhile
   */
  void end() throws IOException {
    while (left == 0 && group + 1 < footer.getRow_groups().size()) {
      beginGroup(); // of no rows
    }
    if (left > 0) {
      throw new IllegalStateException(
          "%d rows of row group %d of %s are not written".formatted(left, group, table.uri()));
    }
    copied.writeIndexes();
    table.file().requireUnchanged();
    footer
        .getSchema()
        .get(table.column().index())
        .setType(type == ElementType.FLOAT32 ? Type.FLOAT : Type.DOUBLE);
    FileKeys.change(footer, table.column(), channels, type);
    Footer.end(footer, out);
  }

  @Override
  public void close() {
    VectorPages open = pages;
    pages = null;
    if (open != null) {
      open.close();
    }
    codecs.release();
    in.close();
  }
}
