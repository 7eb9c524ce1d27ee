package org.pointwise.store;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stores that count the requests for their objects. Writes go to the underlying stores and are not
 * counted. Thread-safe.
 */
public final class CountingStores implements ByteStores {
  private final ByteStores stores;
  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong statuses = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();

  public CountingStores(ByteStores stores) {
    this.stores = stores;
  }

  /** Returns the number of objects and ranges read. A store may join adjacent ranges. */
  public long reads() {
    return reads.get();
  }

  /** Returns the number of objects and folders whose status was requested. */
  public long statuses() {
    return statuses.get();
  }

  /** Returns the number of bytes read. */
  public long bytes() {
    return bytes.get();
  }

  @Override
  public ByteStore open(String uri) {
    return new Counted(stores.open(uri));
  }

  @Override
  public void release() {
    stores.release();
  }

  @Override
  public String canonical(String uri) {
    return stores.canonical(uri);
  }

  private boolean counted(boolean exists, long length) {
    reads.incrementAndGet();
    bytes.addAndGet(exists ? length : 0);
    return exists;
  }

  private final class Counted extends ForwardingStore {
    Counted(ByteStore store) {
      super(store);
    }

    @Override
    public long size(String key) throws IOException {
      statuses.incrementAndGet();
      return super.size(key);
    }

    @Override
    public long modified(String key) throws IOException {
      statuses.incrementAndGet();
      return super.modified(key);
    }

    @Override
    public boolean read(String key, Bytes into, int max) throws IOException {
      boolean exists = super.read(key, into, max);
      return counted(exists, into.length());
    }

    @Override
    public boolean read(String key, long offset, int length, Bytes into) throws IOException {
      return counted(super.read(key, offset, length, into), length);
    }

    @Override
    public boolean read(String key, long[] offsets, int[] lengths, Bytes[] into)
        throws IOException {
      boolean exists = super.read(key, offsets, lengths, into);
      for (int length : lengths) {
        counted(exists, length);
      }
      return exists;
    }

    @Override
    public List<String> list(String folder) throws IOException {
      statuses.incrementAndGet();
      return super.list(folder);
    }

    @Override
    public Map<String, ObjectStatus> statuses(String folder) throws IOException {
      statuses.incrementAndGet();
      return super.statuses(folder);
    }

    @Override
    public List<ObjectStatus> statusesOf(List<String> keys) throws IOException {
      statuses.addAndGet(keys.size());
      return super.statusesOf(keys);
    }
  }
}
