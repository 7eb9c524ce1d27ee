package org.pointwise.differential;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Bytes;

/**
 * Local files with a failure at one of the puts, renames and deletions. Of a folder, each object is
 * deleted by itself, in any order.
 */
public class FailingStores implements ByteStores {
  /** Kinds of failure. What is said of a put holds for renames and deletions too. */
  public enum Failure {
    /** The process ends before the put: it and all later puts have no effect. */
    ENDS_BEFORE,
    /** The process ends after the put. */
    ENDS_AFTER,
    /** The put fails; others succeed. */
    REFUSED,
    /** The put succeeds but is reported as failed; others succeed. */
    DONE_BUT_REFUSED
  }

  private final Failure failure;
  private final int at;
  private final AtomicInteger puts = new AtomicInteger();

  /**
   * @param at the number of the failing put, from 1
   */
  public FailingStores(Failure failure, int at) {
    this.failure = failure;
    this.at = at;
  }

  @Override
  public final ByteStore open(String uri) {
    return new Failing(ByteStores.LOCAL.open(uri));
  }

  /** Called before each put, rename and deletion. */
  protected void before(String key) throws IOException {}

  /** Called before each read of a range. */
  protected void beforeRead(String key) throws IOException {}

  private boolean ended() {
    return puts.get() >= at && (failure == Failure.ENDS_BEFORE || failure == Failure.ENDS_AFTER);
  }

  private interface Change {
    void make() throws IOException;
  }

  private final class Failing implements ByteStore {
    private final ByteStore store;

    Failing(ByteStore store) {
      this.store = store;
    }

    @Override
    public Upload upload(String key) throws IOException {
      Upload upload = store.upload(key);
      return new Upload() {
        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
          upload.write(bytes, from, length);
        }

        @Override
        public void publish() throws IOException {
          count(key, upload::publish);
        }

        @Override
        public void close() throws IOException {
          upload.close();
        }
      };
    }

    private void count(String key, Change change) throws IOException {
      before(key);
      boolean ended = ended();
      boolean now = puts.incrementAndGet() == at;
      if (!ended
          && (!now || failure == Failure.ENDS_AFTER || failure == Failure.DONE_BUT_REFUSED)) {
        change.make();
      }
      if (ended || now) {
        throw new IOException("%s at put %d: %s".formatted(failure, at, key));
      }
    }

    @Override
    public boolean create(String key, byte[] bytes) throws IOException {
      if (ended()) {
        throw new IOException("ended");
      }
      return store.create(key, bytes);
    }

    @Override
    public void delete(String key) throws IOException {
      if (ended()) {
        throw new IOException("ended");
      }
      if (!key.startsWith("runs/") && !key.startsWith("locks/")) { // these depend on time
        List<String> objects = new ArrayList<>();
        addObjects(key, objects);
        Collections.shuffle(objects, new Random(at));
        for (String object : objects) {
          count(object, () -> store.delete(object));
        }
      }
      store.delete(key);
    }

    private void addObjects(String key, List<String> objects) throws IOException {
      if (store.size(key) >= 0) {
        objects.add(key);
        return;
      }
      for (String name : store.list(key)) {
        addObjects(key.isEmpty() ? name : key + "/" + name, objects);
      }
    }

    @Override
    public boolean movable(String folder) throws IOException {
      return store.movable(folder);
    }

    @Override
    public void move(String from, String to) throws IOException {
      count(to, () -> store.move(from, to));
    }

    @Override
    public ByteStore withStaging(String folder) {
      return new Failing(store.withStaging(folder));
    }

    @Override
    public ByteStore withoutSync() {
      return new Failing(store.withoutSync());
    }

    @Override
    public Map<String, ObjectStatus> statuses(String folder) throws IOException {
      return store.statuses(folder);
    }

    @Override
    public String uri() {
      return store.uri();
    }

    @Override
    public long size(String key) throws IOException {
      return store.size(key);
    }

    @Override
    public long modified(String key) throws IOException {
      return store.modified(key);
    }

    @Override
    public boolean read(String key, Bytes into, int max) throws IOException {
      return store.read(key, into, max);
    }

    @Override
    public boolean read(String key, long offset, int length, Bytes into) throws IOException {
      beforeRead(key);
      return store.read(key, offset, length, into);
    }

    @Override
    public List<String> list(String folder) throws IOException {
      return store.list(folder);
    }
  }
}
