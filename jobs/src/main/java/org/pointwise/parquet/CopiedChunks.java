package org.pointwise.parquet;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.format.BloomFilterHeader;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.OffsetIndex;
import org.apache.parquet.format.PageLocation;
import org.apache.parquet.format.Util;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import shaded.parquet.org.apache.thrift.TBase;

/** Copies column chunks as they are stored, then their Bloom filters and indexes. */
final class CopiedChunks {
  private final StoreStream in;
  private final AssembledStream out;
  private final List<Copied> chunks = new ArrayList<>();

  /**
   * @param shift by how much the chunk was moved
   * @param index where its pages are now; null for a chunk that was copied
   */
  private record Copied(ColumnChunk chunk, long shift, @Nullable OffsetIndex index) {}

  CopiedChunks(StoreStream in, AssembledStream out) {
    this.in = in;
    this.out = out;
  }

  /** Returns the position of the first page. */
  static long start(ColumnMetaData data) {
    long dictionary = data.getDictionary_page_offset(); // 0 if it is not set
    return dictionary > 0 && dictionary < data.getData_page_offset()
        ? dictionary
        : data.getData_page_offset();
  }

  /** Copies the pages of a chunk and changes its metadata accordingly. */
  void add(ColumnChunk chunk) throws IOException {
    ColumnMetaData data = chunk.getMeta_data();
    long start = start(data);
    long shift = out.position() - start;
    copy(start, data.getTotal_compressed_size());
    data.setData_page_offset(data.getData_page_offset() + shift);
    if (data.getDictionary_page_offset() > 0) {
      data.setDictionary_page_offset(data.getDictionary_page_offset() + shift);
    }
    if (data.getIndex_page_offset() > 0) {
      data.setIndex_page_offset(data.getIndex_page_offset() + shift);
    }
    chunk.setFile_offset(start + shift);
    chunks.add(new Copied(chunk, shift, null));
  }

  /** Takes note of a chunk that was written anew. */
  void addNew(ColumnChunk chunk, OffsetIndex index) {
    chunks.add(new Copied(chunk, 0, index));
  }

  /** Writes Bloom filters and indexes of all chunks, each after those of earlier chunks. */
  void writeIndexes() throws IOException {
    for (Copied copied : chunks) {
      ColumnMetaData data = copied.chunk().getMeta_data();
      if (data.isSetBloom_filter_offset()) {
        long from = data.getBloom_filter_offset();
        int bits = parse(from, in.length() - from, new BloomFilterHeader()).getNumBytes();
        data.setBloom_filter_offset(out.position());
        copy(from, in.getPos() - from + bits);
      }
    }
    for (Copied copied : chunks) {
      ColumnChunk chunk = copied.chunk();
      if (chunk.isSetColumn_index_offset()) {
        long from = chunk.getColumn_index_offset();
        chunk.setColumn_index_offset(out.position());
        copy(from, chunk.getColumn_index_length());
      }
    }
    for (Copied copied : chunks) {
      OffsetIndex index = index(copied);
      if (index != null) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Util.writeOffsetIndex(index, bytes);
        copied.chunk().setOffset_index_offset(out.position());
        copied.chunk().setOffset_index_length(bytes.size());
        out.write(bytes.toByteArray());
      }
    }
  }

  private @Nullable OffsetIndex index(Copied copied) throws IOException {
    if (copied.index() != null || !copied.chunk().isSetOffset_index_offset()) {
      return copied.index();
    }
    OffsetIndex index =
        parse(
            copied.chunk().getOffset_index_offset(),
            copied.chunk().getOffset_index_length(),
            new OffsetIndex());
    for (PageLocation page : index.getPage_locations()) {
      page.setOffset(page.getOffset() + copied.shift());
    }
    return index;
  }

  /**
   * @param length of the structure, or a bound for it
   */
  private <T extends TBase<T, ?>> T parse(long from, long length, T into) throws IOException {
    in.seek(from);
    int max = (int) Math.max(1, Math.min(length, in.length() - from));
    return Structures.read(
        into,
        in,
        max,
        e ->
            new CorruptDataException(
                "Cannot copy %s: its index at byte %d is damaged; restore the file"
                    .formatted(in.uri(), from),
                e));
  }

  private void copy(long from, long count) throws IOException {
    if (from < 0 || count < 0 || from > in.length() || count > in.length() - from) {
      throw new CorruptDataException(
          "Cannot copy %d bytes at byte %d of %s: it has %d; restore the file"
              .formatted(count, from, in.uri(), in.length()));
    }
    in.seek(from);
    byte[] buffer = new byte[(int) Math.min(count, StoreStream.READ_BYTES)];
    for (long left = count; left > 0; ) {
      int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (read <= 0) {
        throw new CorruptDataException(
            "Cannot copy %s: it became shorter; run again".formatted(in.uri()));
      }
      out.write(buffer, 0, read);
      left -= read;
    }
  }
}
