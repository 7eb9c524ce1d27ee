package org.pointwise.jobs;

import org.pointwise.store.ByteStores;

/** The stores a job can open: local files, and what Hadoop has a file system for. */
final class Stores {
  /** Local files without Hadoop, everything else with it. */
  static final ByteStores ANY =
      uri -> ByteStores.isLocal(uri) ? ByteStores.LOCAL.open(uri) : HadoopByteStore.open(uri);

  private Stores() {}
}
