package org.pointwise.work;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.pointwise.plan.Head;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStore.ObjectStatus;
import org.pointwise.store.Bytes;
import org.pointwise.store.ParallelRequests;
import org.pointwise.work.manifest.PlanRecord;

/**
 * Reads and compacts the receipts of all runs of an output. Ignores receipts of another lineage.
 */
public final class ReceiptFiles {
  private static final int BATCH_FILES = 256; // held in memory
  private static final byte[] DELETED = new byte[0]; // compared by identity
  private static final int MANY_FILES = 64;
  private static final long LARGE_BYTES = 8L << 20;

  private ReceiptFiles() {}

  /** The receipts of a plan's objects. */
  public static ReceiptIndex read(ReducePlan plan, RunFolder folder) throws IOException {
    String lineage = PlanRecord.lineage(plan);
    if (plan.spec().format().perFile()) {
      return files(folder, lineage);
    }
    List<String> arrays = plan.spec().heads().stream().map(Head::name).toList();
    return grid(folder, lineage, arrays, Math.toIntExact(plan.unitCount()));
  }

  public static ReceiptIndex.OfFiles files(RunFolder folder, String lineage) throws IOException {
    ReceiptIndex.OfFiles files;
    do {
      files = new ReceiptIndex.OfFiles();
    } while (!read(folder, lineage, files));
    return files;
  }

  /**
   * The receipts of an output of arrays.
   *
   * @param arrays names in the group
   * @param count objects of each array
   */
  public static ReceiptIndex.OfGrid grid(
      RunFolder folder, String lineage, List<String> arrays, int count) throws IOException {
    ReceiptIndex.OfGrid grid;
    do {
      grid = new ReceiptIndex.OfGrid(arrays, count);
    } while (!read(folder, lineage, grid));
    return grid;
  }

  /**
   * Adds all receipts, those of the latest run last.
   *
   * @return false where files vanished because another process compacted them; the caller reads
   *     again
   */
  private static boolean read(RunFolder folder, String lineage, ReceiptIndex into)
      throws IOException {
    ByteStore store = folder.store();
    List<String> names = // names begin with the start time of their run
        store.list(RunFolder.RECEIPTS).stream().filter(name -> name.endsWith(".jsonl")).toList();
    for (int from = 0; from < names.size(); from += BATCH_FILES) {
      List<String> batch = names.subList(from, Math.min(names.size(), from + BATCH_FILES));
      List<byte[]> texts = ParallelRequests.each(store, batch, name -> text(store, name));
      for (int i = 0; i < batch.size(); i++) {
        if (texts.get(i) == DELETED) {
          return false;
        }
        add(
            texts.get(i),
            store.uri() + "/" + RunFolder.RECEIPTS + "/" + batch.get(i),
            lineage,
            into);
      }
    }
    return true;
  }

  /**
   * Merges many small files into few, so that an output with a run every night does not take a
   * thousand reads. If this method is interrupted, readers find some receipts twice, in the same
   * order. No run may write receipts at the same time.
   */
  public static void compact(RunFolder folder) throws IOException {
    ByteStore store = folder.store();
    List<String> small = new ArrayList<>(); // the latest files, all of them small
    Map<String, ObjectStatus> statuses = new TreeMap<>(store.statuses(RunFolder.RECEIPTS));
    statuses.forEach(
        (name, status) -> {
          if (name.endsWith(".jsonl")) {
            small.add(name);
          }
          if (status.size() >= LARGE_BYTES) {
            small.clear();
          }
        });
    if (small.size() < MANY_FILES) {
      return;
    }
    Bytes together = new Bytes();
    for (int from = 0; from < small.size(); ) {
      together.resize(0);
      int to = from;
      while (to < small.size() && together.length() < LARGE_BYTES) {
        byte[] text = text(store, small.get(to++));
        together.append(text, 0, text.length);
      }
      String last = small.get(to - 1).replaceFirst("\\.jsonl$", "");
      String key = "%s/%s~.jsonl".formatted(RunFolder.RECEIPTS, last); // sorts after these files
      store.put(key, together.array(), 0, together.length());
      for (String name : small.subList(from, to)) {
        store.delete(RunFolder.RECEIPTS + "/" + name);
      }
      from = to;
    }
  }

  private static byte[] text(ByteStore store, String name) throws IOException {
    byte[] text = store.get(RunFolder.RECEIPTS + "/" + name);
    return text == null ? DELETED : text;
  }

  private static void add(byte[] text, String where, String lineage, ReceiptIndex into) {
    for (String line : new String(text, StandardCharsets.UTF_8).lines().toList()) {
      ReceiptLine receipt = ReceiptLine.parse(line, where);
      if (receipt.lineage().equals(lineage)) {
        into.add(receipt);
      }
    }
  }
}
