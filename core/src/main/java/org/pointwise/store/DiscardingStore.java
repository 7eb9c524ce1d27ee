package org.pointwise.store;

import java.util.List;
import java.util.Map;

/**
 * A store without objects that accepts objects, counts them and discards them. Confined to one
 * thread.
 */
public final class DiscardingStore implements ByteStore {
  private long objects;
  private long bytes;

  /** Returns the number of objects that were published. */
  public long objects() {
    return objects;
  }

  /** Returns the number of bytes of the objects that were published. */
  public long bytes() {
    return bytes;
  }

  @Override
  public String uri() {
    return "discarded";
  }

  @Override
  public long size(String key) {
    return -1;
  }

  @Override
  public long modified(String key) {
    return -1;
  }

  @Override
  public boolean read(String key, Bytes into, int max) {
    return false;
  }

  @Override
  public boolean read(String key, long offset, int length, Bytes into) {
    return false;
  }

  @Override
  public Upload upload(String key) {
    return new Upload() {
      private long written;

      @Override
      public void write(byte[] content, int from, int length) {
        written += length;
      }

      @Override
      public void publish() {
        objects++;
        bytes += written;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public boolean create(String key, byte[] content) {
    objects++;
    bytes += content.length;
    return true;
  }

  @Override
  public List<String> list(String folder) {
    return List.of();
  }

  @Override
  public Map<String, ObjectStatus> statuses(String folder) {
    return Map.of();
  }

  @Override
  public void delete(String key) {}
}
