package org.pointwise.hadoop;

import java.util.function.Supplier;
import org.apache.hadoop.fs.Path;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;

/** The stores that a job can open: local files, and every file system that Hadoop supports. */
public final class Stores implements ByteStores {
  /** Opens local files without Hadoop and everything else with Hadoop. */
  public static final ByteStores ANY = new Stores(ReadCache::ofThread);

  private final Supplier<ReadCache> cache;

  private Stores(Supplier<ReadCache> cache) {
    this.cache = cache;
  }

  /**
   * Returns stores like {@link #ANY} for one reader, which may move between threads: any thread
   * releases what the reader has open.
   */
  public static ByteStores ofOneReader() {
    ReadCache own = new ReadCache();
    return new Stores(() -> own);
  }

  /**
   * Returns a path with scheme and authority, and a plain path for a local one. As in Spark's own
   * methods, a path without a scheme is one of Hadoop's default file system, and every character is
   * a part of the name: {@code %20} is no space.
   */
  public static String qualified(String path) {
    String uri = HadoopByteStore.open(path, ReadCache::ofThread).uri();
    return ByteStores.isLocal(uri) ? new Path(uri).toUri().getPath() : uri;
  }

  @Override
  public ByteStore open(String uri) {
    return ByteStores.isLocal(uri) ? ByteStores.LOCAL.open(uri) : HadoopByteStore.open(uri, cache);
  }

  @Override
  public void release() {
    cache.get().release();
  }

  @Override
  public String canonical(String uri) {
    return ByteStores.isLocal(uri)
        ? ByteStores.LOCAL.canonical(uri)
        : HadoopByteStore.open(uri, cache).canonical();
  }
}
