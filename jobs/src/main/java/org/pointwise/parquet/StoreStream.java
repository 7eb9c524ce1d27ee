package org.pointwise.parquet;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.parquet.io.SeekableInputStream;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;

/** Reads a stored object from any position, ahead in a buffer. Confined to one thread. */
final class StoreStream extends SeekableInputStream {
  /** Bytes that are read at once. */
  static final int READ_BYTES = 1 << 20;

  private final StoreFile file;
  private final Bytes buffer = new Bytes();
  private long start; // position in the file of the buffer's first byte
  private long position;
  private long fetched;

  StoreStream(StoreFile file) {
    this.file = file;
  }

  /** Returns the path or URI of the object. */
  String uri() {
    return file.uri();
  }

  /** Returns the bytes of the object. */
  long length() {
    return file.length();
  }

  /** Returns the bytes read from the store so far. */
  long fetched() {
    return fetched;
  }

  @Override
  public long getPos() {
    return position;
  }

  /**
   * @throws CorruptDataException if there is no such byte
   */
  @Override
  public void seek(long to) {
    if (to < 0 || to > file.length()) {
      throw new CorruptDataException(
          "Cannot read %s: it has %d bytes but its metadata points to byte %d; restore the file"
              .formatted(file.uri(), file.length(), to));
    }
    position = to;
  }

  /** Returns how many bytes at the position are in the buffer, after reading some if none are. */
  private int buffered() throws IOException {
    if (position < start || position >= start + buffer.length()) {
      int length = (int) Math.min(READ_BYTES, file.length() - position);
      if (length <= 0) {
        return 0;
      }
      if (!file.store().read(file.key(), position, length, buffer)) {
        throw new EOFException(file.uri() + " vanished during the run");
      }
      start = position;
      fetched += length;
    }
    return (int) (start + buffer.length() - position);
  }

  @Override
  public int read() throws IOException {
    if (buffered() == 0) {
      return -1;
    }
    return buffer.array()[(int) (position++ - start)] & 0xff;
  }

  @Override
  public int read(byte[] to, int from, int count) throws IOException {
    int available = buffered();
    if (available == 0) {
      return count == 0 ? 0 : -1;
    }
    int read = Math.min(count, available);
    System.arraycopy(buffer.array(), (int) (position - start), to, from, read);
    position += read;
    return read;
  }

  @Override
  public void readFully(byte[] to) throws IOException {
    readFully(to, 0, to.length);
  }

  @Override
  public void readFully(byte[] to, int from, int count) throws IOException {
    for (int done = 0; done < count; ) {
      int read = read(to, from + done, count - done);
      if (read <= 0) {
        throw new ByteStore.TruncatedException(file.uri(), file.length(), position, count - done);
      }
      done += read;
    }
  }

  @Override
  public int read(ByteBuffer to) throws IOException {
    byte[] bytes = new byte[Math.min(to.remaining(), READ_BYTES)];
    int read = read(bytes, 0, bytes.length);
    if (read > 0) {
      to.put(bytes, 0, read);
    }
    return read;
  }

  @Override
  public void readFully(ByteBuffer to) throws IOException {
    byte[] bytes = new byte[to.remaining()];
    readFully(bytes, 0, bytes.length);
    to.put(bytes);
  }

  @Override
  public void close() {
    file.store().release();
  }
}
