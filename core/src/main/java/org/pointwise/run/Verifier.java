package org.pointwise.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Bytes;
import org.pointwise.store.FeatureSink.StoredObject;
import org.pointwise.store.zarr.ZarrArray;
import org.pointwise.store.zarr.ZarrCheck;
import org.pointwise.store.zarr.ZarrNodes;
import org.pointwise.tensor.Axes;

/** Reads an output whole and tells what is missing or damaged. */
public final class Verifier {
  private final ByteStores stores;
  private final int threads;

  public Verifier(ByteStores stores, int threads) {
    this.stores = stores;
    this.threads = threads;
  }

  /**
   * Checks that every object of an output of ours is there and whole.
   *
   * @throws InvalidInputException when there is no such output
   */
  public Verification verify(String output) {
    Verification found = new Verification();
    try {
      RunFolder folder = RunFolder.of(output, stores);
      ObjectNode attributes = ZarrNodes.groupAttributes(stores.open(output), "");
      if (attributes != null && attributes.has("pointwise")) {
        verifyZarr(output, attributes.path("pointwise"), folder, found);
      } else {
        verifyFiles(output, folder, found);
      }
    } catch (IOException e) {
      throw new IncompleteRunException("Cannot verify %s: %s".formatted(output, e), e);
    }
    return found;
  }

  private void verifyZarr(String output, JsonNode ours, RunFolder folder, Verification found)
      throws IOException {
    if (!ours.path("status").asText().equals("complete")) {
      found.addProblem("the run did not end: run the same command again to continue");
    }
    ByteStore store = stores.open(output);
    Axes axes = Axes.parse(ours.path("axes").asText());
    for (JsonNode head : ours.path("heads")) {
      String name = head.path("name").asText();
      ZarrArray array = ZarrNodes.array(store, ByteStore.checkKey(name));
      if (array == null) {
        found.addProblem("no array " + name);
        continue;
      }
      ZarrCheck any = new ZarrCheck(array, axes);
      long count = any.objects().count();
      ReceiptFiles receipts =
          ReceiptFiles.read(
              folder, any.checksummed() ? ReceiptFiles.Keep.EMPTY : ReceiptFiles.Keep.ALL);
      AtomicLong next = new AtomicLong();
      inParallel(
          () -> {
            ZarrCheck check = new ZarrCheck(array, axes);
            for (long i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
              checkObject(check, i, receipts, store, found);
            }
          });
    }
  }

  private static void checkObject(
      ZarrCheck check, long ordinal, ReceiptFiles receipts, ByteStore store, Verification found)
      throws IOException {
    try {
      if (check.check(ordinal) >= 0) {
        StoredObject receipt = receipts.objects().get(check.key(ordinal));
        if (receipt == null || sameAsReceipt(store, receipt, found)) {
          found.addWhole();
        }
      } else if (receipts.empty().contains(ordinal)) {
        found.addEmpty();
      } else {
        found.addMissing(check.key(ordinal));
      }
    } catch (CorruptDataException e) {
      found.addCorrupt(String.valueOf(e.getMessage()));
    }
  }

  private void verifyFiles(String output, RunFolder folder, Verification found) throws IOException {
    ObjectNode plan = folder.plan();
    if (plan == null) {
      throw new InvalidInputException(
          "Cannot verify %s: it is no output of ours (no 'pointwise' in its attributes, no run folder beside it); check the path"
              .formatted(output));
    }
    if (!folder.succeeded()) {
      found.addProblem("the run did not end: run the same command again to continue");
    }
    ReceiptFiles receipts = ReceiptFiles.read(folder, ReceiptFiles.Keep.ALL);
    for (long ordinal = 0; ordinal < plan.path("shards").asLong(); ordinal++) {
      if (!receipts.done().contains(ordinal)) {
        found.addMissing("unit " + ordinal);
      }
    }
    ByteStore store = stores.open(output);
    for (StoredObject object : receipts.objects().values()) {
      if (sameAsReceipt(store, object, found)) {
        found.addWhole();
      }
    }
  }

  /**
   * Whether an object is there with the length and checksum of its receipt; if not, that is told.
   */
  private static boolean sameAsReceipt(ByteStore store, StoredObject object, Verification found)
      throws IOException {
    Bytes bytes = new Bytes();
    if (!store.read(object.key(), bytes, Integer.MAX_VALUE - 8)) {
      found.addMissing(object.key());
      return false;
    }
    CRC32C crc = new CRC32C();
    crc.update(bytes.array(), 0, bytes.length());
    Integer written = object.crc32c();
    if (bytes.length() != object.bytes()) {
      found.addCorrupt(
          "%s has %d bytes but %d were written"
              .formatted(object.key(), bytes.length(), object.bytes()));
      return false;
    }
    if (written != null && (int) crc.getValue() != written) {
      found.addCorrupt(
          "%s has CRC-32C %08x but was written with %08x"
              .formatted(object.key(), (int) crc.getValue(), written));
      return false;
    }
    return true;
  }

  /** Work that may fail as reading may. */
  private interface Work {
    void run() throws IOException;
  }

  private void inParallel(Work work) throws IOException {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> parts = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        parts.add(
            pool.submit(
                () -> {
                  work.run();
                  return null;
                }));
      }
      for (Future<?> part : parts) {
        part.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IncompleteRunException("Interrupted before the end", e);
    } finally {
      pool.shutdownNow();
    }
  }
}
