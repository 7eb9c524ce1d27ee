package org.pointwise.hadoop;

import org.apache.hadoop.fs.Path;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;

/** The stores that a job can open: local files, and every file system that Hadoop supports. */
public final class Stores implements ByteStores {
  /** Opens local files without Hadoop and everything else with Hadoop. */
  public static final ByteStores ANY = new Stores();

  private Stores() {}

  /**
   * Returns a path with scheme and authority, and a plain path for a local one. As in Spark's own
   * methods, a path without a scheme is one of Hadoop's default file system, and every character is
   * a part of the name: {@code %20} is no space.
   */
  public static String qualified(String path) {
    String uri = HadoopByteStore.open(path).uri();
    return ByteStores.isLocal(uri) ? new Path(uri).toUri().getPath() : uri;
  }

  @Override
  public ByteStore open(String uri) {
    return ByteStores.isLocal(uri) ? ByteStores.LOCAL.open(uri) : HadoopByteStore.open(uri);
  }

  @Override
  public void release() {
    HadoopByteStore.releaseThread();
  }

  @Override
  public String canonical(String uri) {
    return ByteStores.isLocal(uri)
        ? ByteStores.LOCAL.canonical(uri)
        : HadoopByteStore.open(uri).canonical();
  }
}
