package org.pointwise.hadoop;

import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;

/** The stores that a job can open: local files, and every file system that Hadoop supports. */
public final class Stores implements ByteStores {
  /** Opens local files without Hadoop and everything else with Hadoop. */
  public static final ByteStores ANY = new Stores();

  private Stores() {}

  /**
   * Returns a path with scheme and authority. A path without a scheme is one of Hadoop's default
   * file system, as in Spark's own methods.
   */
  public static String qualified(String path) {
    return HadoopByteStore.open(path).uri();
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
