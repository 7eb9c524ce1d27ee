package org.pointwise.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.format.FeatureSink.StoredObject;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Seed;

/** Tests the compaction of receipts, and its interruption. */
class ReceiptFilesTest {
  /** Thousands of files that need not survive a power loss. */
  private static final ByteStores UNSYNCED = uri -> ByteStores.LOCAL.open(uri).withoutSync();

  @TempDir Path folder;

  private final Random random = Seed.random("receipts");
  private final Map<String, String> last = new HashMap<>(); // hash by key

  private String output() {
    return folder + "/out";
  }

  private RunFolder runFolder(ByteStores stores) {
    return RunFolder.of(output(), stores);
  }

  private static String hash(Random random) {
    StringBuilder hex = new StringBuilder();
    for (int i = 0; i < 64; i++) {
      hex.append(Character.forDigit(random.nextInt(16), 16));
    }
    return hex.toString();
  }

  private void night(int night, int files) throws Exception {
    for (int file = 0; file < files; file++) {
      StringBuilder lines = new StringBuilder();
      for (int i = random.nextInt(4); i >= 0; i--) {
        int unit = random.nextInt(300);
        String hash = hash(random);
        List<StoredObject> objects =
            List.of(new StoredObject("head/%d.npy".formatted(unit), 10, hash));
        Receipt receipt =
            new Receipt(
                unit,
                Receipt.Status.WRITTEN,
                1,
                UnitCounts.NONE,
                1,
                1,
                1,
                10,
                1,
                1,
                1,
                objects,
                7,
                8,
                List.of(),
                false);
        lines.append(ReceiptLine.text(receipt, "series")).append('\n');
        last.put("head/%d.npy".formatted(unit), hash);
      }
      String name = "receipts/%08d-000000-000-aa-%06d-0-0.jsonl".formatted(night, file);
      runFolder(UNSYNCED)
          .store()
          .put(name, lines.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
  }

  private void requireAll() throws Exception {
    ReceiptIndex.OfFiles found = ReceiptFiles.files(runFolder(UNSYNCED), "series");
    assertThat(found.objects().keySet()).isEqualTo(last.keySet());
    for (Map.Entry<String, String> entry : last.entrySet()) {
      assertThat(found.objects().get(entry.getKey()).hash())
          .as("%s, seed %d", entry.getKey(), Seed.value())
          .isEqualTo(org.pointwise.store.ObjectHash.ofHex(entry.getValue()));
    }
  }

  private int files() throws Exception {
    return Folders.hashes(folder.resolve("out.pointwise/receipts"), "").size();
  }

  @Test
  void compactionKeepsFewFilesAndLatestReceipts() throws Exception {
    int max = 0;
    for (int night = 0; night < 365; night++) {
      night(night, 1 + random.nextInt(10));
      ReceiptFiles.compact(runFolder(UNSYNCED));
      max = Math.max(max, files());
    }
    assertThat(max).isLessThan(64 + 10);
    requireAll();
  }

  @Test
  void interruptedCompactionLosesNothing() throws Exception {
    for (int night = 0; night < 25; night++) {
      night(night, 20 + random.nextInt(40));
      int allowed = random.nextInt(60);
      AtomicInteger changes = new AtomicInteger();
      ByteStores failing = uri -> failing(UNSYNCED.open(uri), changes, allowed);
      try {
        ReceiptFiles.compact(runFolder(failing));
      } catch (IOException e) {
        assertThat(e).hasMessage("cut short");
      }
      requireAll();
    }
    ReceiptFiles.compact(runFolder(UNSYNCED));
    requireAll();
    List<String> partial = new ArrayList<>(Folders.hashes(folder, "receipts").keySet());
    Path one = folder.resolve(partial.get(0));
    java.nio.file.Files.write(one, new byte[] {'{'});
    assertThatThrownBy(this::requireAll).hasMessageContaining("receipts");
  }

  private static ByteStore failing(ByteStore store, AtomicInteger changes, int allowed) {
    return (ByteStore)
        Proxy.newProxyInstance(
            ByteStore.class.getClassLoader(),
            new Class<?>[] {ByteStore.class},
            (proxy, method, args) -> {
              boolean change = List.of("put", "delete").contains(method.getName());
              if (change && changes.incrementAndGet() > allowed) {
                throw new IOException("cut short");
              }
              try {
                Object found = method.invoke(store, args);
                return found instanceof ByteStore other ? failing(other, changes, allowed) : found;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
