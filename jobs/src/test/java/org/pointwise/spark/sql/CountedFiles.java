package org.pointwise.spark.sql;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** Local files as a file system {@code counted:} of Hadoop that counts open files. */
public final class CountedFiles extends RawLocalFileSystem {
  static final AtomicInteger OPENED = new AtomicInteger();
  static final AtomicInteger CHUNKS = new AtomicInteger(); // opened, of Zarr
  static final AtomicInteger OPEN = new AtomicInteger();

  @Override
  public void initialize(URI uri, Configuration settings) throws IOException {
    super.initialize(uri, settings);
    setConf(settings);
  }

  @Override
  public URI getUri() {
    return URI.create("counted:///");
  }

  @Override
  public String getScheme() {
    return "counted";
  }

  @Override
  public FSDataInputStream open(Path file, int bufferSize) throws IOException {
    FSDataInputStream opened = super.open(file, bufferSize);
    OPENED.incrementAndGet();
    if (!file.getName().contains("zarr")) {
      CHUNKS.incrementAndGet();
    }
    OPEN.incrementAndGet();
    return new FSDataInputStream(new Counted(opened));
  }

  private static final class Counted extends FSInputStream {
    private final FSDataInputStream in;

    Counted(FSDataInputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      return in.read();
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      return in.read(into, from, length);
    }

    @Override
    public void seek(long position) throws IOException {
      in.seek(position);
    }

    @Override
    public long getPos() throws IOException {
      return in.getPos();
    }

    @Override
    public boolean seekToNewSource(long position) {
      return false;
    }

    @Override
    public void close() throws IOException {
      OPEN.decrementAndGet();
      in.close();
    }
  }
}
