package org.pointwise.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.pointwise.store.ObjectAssembly;
import org.pointwise.tensor.Box;

/**
 * A temporary file that puts the numbers of a file in order. The temporary file is deleted when it
 * is closed or when its process ends. Confined to one thread.
 */
public final class Spool implements AutoCloseable {
  private static final int PIECE = 1 << 20;

  private final int size; // bytes per number
  private final Path path;
  private final FileChannel channel;

  public Spool(int size) throws IOException {
    this.size = size;
    this.path = Files.createTempFile("pointwise-", ".spool");
    this.channel =
        FileChannel.open(
            path,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE);
  }

  /**
   * Writes a box of the file. The numbers of the box are contiguous in {@code bytes}, from {@code
   * offset}.
   */
  public void write(FileOrder order, Box box, byte[] bytes, int offset) throws IOException {
    long run = order.runLength(box);
    long runs = order.runs(box);
    int length = Math.toIntExact(run * size);
    for (long i = 0; i < runs; i++) {
      write(
          ByteBuffer.wrap(bytes, offset + Math.toIntExact(i * length), length),
          order.place(box, run, i) * size);
    }
  }

  private void write(ByteBuffer buffer, long place) throws IOException {
    try {
      for (long at = place; buffer.hasRemaining(); ) {
        at += channel.write(buffer, at);
      }
    } catch (IOException e) {
      throw new IOException(
          "writing %s, where the numbers of a file are put in order (-Djava.io.tmpdir=FOLDER chooses another place): %s"
              .formatted(path, e.getMessage()),
          e);
    }
  }

  /** Appends everything that was written to an object. */
  public void copy(ObjectAssembly to) throws IOException {
    long all = channel.size();
    for (long from = 0; from < all; ) {
      int count = (int) Math.min(PIECE, all - from);
      byte[] array = to.tail().reserve(count);
      int read = channel.read(ByteBuffer.wrap(array, to.tail().length(), count), from);
      to.tail().advance(read);
      to.settle();
      from += read;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // The file is no longer needed, and its name is already deleted.
    }
  }
}
