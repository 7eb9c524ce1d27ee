package org.pointwise.work;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.plan.StoringPlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Bytes;
import org.pointwise.work.manifest.PlanRecord;

/**
 * Stores the receipts of one thread as JSON lines in the run folder. The file is stored again every
 * second, so that a killed task leaves the receipts up to then; objects without a receipt are
 * computed again. Confined to one thread.
 */
public final class ReceiptLog implements Closeable {
  private static final int MAX_LINES = 1000;
  private static final long MAX_NANOS = 1_000_000_000L;

  private final ByteStore store;
  private final String name;
  private final String lineage;
  private final Bytes lines = new Bytes();
  private int count;
  private int stored; // lines of the current file that are stored
  private int files;
  private long lastPut = System.nanoTime();

  /**
   * A log without receipts.
   *
   * @param name name of the log, unique among all runs and tasks
   */
  public ReceiptLog(StoringPlan plan, ByteStores stores, String name) {
    this.store = RunFolder.of(plan.destination(), stores).store();
    this.name = name;
    this.lineage = PlanRecord.lineage(plan);
  }

  public void add(Receipt receipt) {
    if (receipt.repeated()) {
      return;
    }
    byte[] line = (ReceiptLine.text(receipt, lineage) + "\n").getBytes(StandardCharsets.UTF_8);
    lines.append(line, 0, line.length);
    count++;
    boolean full = count >= MAX_LINES;
    if (stored == 0 || full || System.nanoTime() - lastPut > MAX_NANOS) {
      put();
    }
    if (full) {
      lines.resize(0);
      count = 0;
      stored = 0;
      files++;
    }
  }

  /** Replaces the stored file by all its lines so far. */
  private void put() {
    if (stored < count) {
      String key = "%s/%s-%d.jsonl".formatted(RunFolder.RECEIPTS, name, files);
      try {
        store.put(key, lines.array(), 0, lines.length());
      } catch (IOException e) {
        throw new IncompleteRunException(
            "Cannot write %s/%s: %s; what is stored is whole, remove the cause and run the same command again"
                .formatted(store.uri(), key, e.getMessage()),
            e);
      }
    }
    stored = count;
    lastPut = System.nanoTime();
  }

  @Override
  public void close() {
    put();
  }
}
