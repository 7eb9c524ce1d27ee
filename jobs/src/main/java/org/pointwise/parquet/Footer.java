package org.pointwise.parquet;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Util;
import org.pointwise.errors.InvalidInputException;

/** The metadata at the end of a file, as it is stored. */
final class Footer {
  /** First and last bytes of a file. */
  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] ENCRYPTED = "PARE".getBytes(StandardCharsets.US_ASCII);
  private static final int TAIL_BYTES = 8; // the length of the metadata, then the magic bytes

  private Footer() {}

  /**
   * Reads the metadata of a file.
   *
   * @throws InvalidInputException if it is no complete Parquet file that can be copied
   */
  static FileMetaData read(StoreFile file) throws IOException {
    if (file.length() < MAGIC.length + TAIL_BYTES) {
      throw refused(file, "has %d bytes but a Parquet file at least 12".formatted(file.length()));
    }
    try (StoreStream in = file.newStream()) {
      byte[] tail = new byte[TAIL_BYTES];
      in.seek(file.length() - TAIL_BYTES);
      in.readFully(tail);
      byte[] magic = Arrays.copyOfRange(tail, 4, TAIL_BYTES);
      if (Arrays.equals(magic, ENCRYPTED)) {
        throw encrypted(file);
      }
      if (!Arrays.equals(magic, MAGIC)) {
        throw refused(
            file,
            "has %d bytes and ends without PAR1, the end of a complete Parquet file"
                .formatted(file.length()));
      }
      int length = ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN).getInt();
      if (length < 0 || length > file.length() - TAIL_BYTES - MAGIC.length) {
        throw refused(
            file,
            "has %d bytes but its metadata alone should have %d"
                .formatted(file.length(), length & 0xffffffffL));
      }
      byte[] bytes = new byte[length];
      in.seek(file.length() - TAIL_BYTES - length);
      in.readFully(bytes);
      return checked(file, bytes);
    }
  }

  private static FileMetaData checked(StoreFile file, byte[] bytes) throws IOException {
    FileMetaData data =
        Structures.read(
            new FileMetaData(),
            new ByteArrayInputStream(bytes),
            bytes.length,
            e -> damaged(file, e));
    if (data.isSetEncryption_algorithm()) {
      throw encrypted(file);
    }
    long rows = 0;
    for (RowGroup group : data.getRow_groups()) {
      if (group.getNum_rows() < 0 || group.getNum_rows() > data.getNum_rows() - rows) {
        throw refusedRows(file, data);
      }
      rows += group.getNum_rows();
      for (ColumnChunk chunk : group.getColumns()) {
        if (chunk.isSetFile_path() || !chunk.isSetMeta_data()) {
          throw new InvalidInputException(
              "Cannot read %s: its columns are in other files; name those files"
                  .formatted(file.uri()));
        }
      }
    }
    if (rows != data.getNum_rows()) {
      throw refusedRows(file, data);
    }
    return data;
  }

  private static InvalidInputException refusedRows(StoreFile file, FileMetaData data) {
    return refused(
        file,
        "has %d row groups that do not add up to its %d rows"
            .formatted(data.getRow_groupsSize(), data.getNum_rows()));
  }

  /** Returns the failure of a file whose metadata cannot be understood. */
  static InvalidInputException damaged(StoreFile file, Exception cause) {
    return new InvalidInputException(message(file, "has damaged metadata"), cause);
  }

  private static InvalidInputException encrypted(StoreFile file) {
    return new InvalidInputException(
        "Cannot read %s: it is encrypted; decrypt it first".formatted(file.uri()));
  }

  private static InvalidInputException refused(StoreFile file, String what) {
    return new InvalidInputException(message(file, what));
  }

  private static String message(StoreFile file, String what) {
    return "Cannot read %s: it %s; copy the whole file again".formatted(file.uri(), what);
  }

  /**
   * @throws InvalidInputException if the library cannot write what it read: annotations of types
   *     that are younger than itself
   */
  static void requireKnownTypes(FileMetaData data, String uri) {
    for (SchemaElement element : data.getSchema()) {
      if (element.isSetLogicalType() && element.getLogicalType().getSetField() == null) {
        throw new InvalidInputException(
            "Cannot copy %s: this Spark does not know the type of its column %s; use a newer Spark"
                .formatted(uri, element.getName()));
      }
    }
  }

  /** Writes the first bytes of a file. */
  static void begin(OutputStream to) throws IOException {
    to.write(MAGIC);
  }

  /** Writes the metadata and the last bytes of a file. */
  static void end(FileMetaData data, OutputStream to) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Util.writeFileMetaData(data, bytes);
    int length = bytes.size();
    bytes.write(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(length).array(), 0, 4);
    bytes.write(MAGIC, 0, MAGIC.length);
    to.write(bytes.toByteArray());
  }
}
