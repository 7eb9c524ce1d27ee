package org.pointwise.hadoop;

import java.io.IOException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;
import org.pointwise.store.ByteStore;

/**
 * Writes an object to a store that shows it when the stream is closed. The object may be written in
 * parts and have any length.
 */
final class SingleStream implements ByteStore.Upload {
  private final Path target;
  private final FSDataOutputStream out;
  private boolean open = true;

  SingleStream(FileSystem files, Path target) throws IOException {
    this.target = target;
    this.out = files.create(target, true);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    out.write(bytes, from, length);
  }

  @Override
  public void publish() throws IOException {
    ReadCache.ofThread().invalidate(target);
    open = false;
    out.close();
  }

  @Override
  public void close() {
    // A stream that cannot be aborted stays open: closing would publish an incomplete object.
    if (open && out.hasCapability(StreamCapabilities.ABORTABLE_STREAM)) {
      out.abort();
    }
    open = false;
  }
}
