package org.pointwise.hadoop;

import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;

/** The stores a job can open: local files, and what Hadoop has a file system for. */
public final class Stores implements ByteStores {
  /** Local files without Hadoop, everything else with it. */
  public static final ByteStores ANY = new Stores();

  private Stores() {}

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
