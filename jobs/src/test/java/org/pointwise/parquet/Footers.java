package org.pointwise.parquet;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.Util;

/** Reads and changes the metadata of files. */
public final class Footers {
  private static final int TAIL_BYTES = 8;

  private Footers() {}

  /** Returns the metadata of a file. */
  static FileMetaData read(byte[] file) throws IOException {
    int length = length(file);
    return Util.readFileMetaData(
        new ByteArrayInputStream(file, file.length - TAIL_BYTES - length, length));
  }

  private static int length(byte[] file) {
    return ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(file.length - TAIL_BYTES);
  }

  /** Returns the bytes from the metadata to the end of a file. */
  static int metadataBytes(byte[] file) {
    return length(file) + TAIL_BYTES;
  }

  /** Returns a file with other metadata. */
  public static byte[] changed(byte[] file, Consumer<FileMetaData> change) throws IOException {
    FileMetaData data = read(file);
    change.accept(data);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(file, 0, file.length - TAIL_BYTES - length(file));
    Footer.end(data, bytes);
    return bytes.toByteArray();
  }
}
