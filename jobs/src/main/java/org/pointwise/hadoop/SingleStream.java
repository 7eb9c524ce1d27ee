package org.pointwise.hadoop;

import java.io.IOException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;
import org.pointwise.store.ByteStore;

/** The object of a store that shows it when its stream is closed: of any length in parts. */
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
    ThreadReadCache.forget(target);
    open = false;
    out.close();
  }

  @Override
  public void close() {
    // One that cannot be aborted stays open: closing it would publish what was written so far.
    if (open && out.hasCapability(StreamCapabilities.ABORTABLE_STREAM)) {
      out.abort();
    }
    open = false;
  }
}
