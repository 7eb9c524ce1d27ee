package org.pointwise.work;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStores;

/**
 * The receipts of previous runs for a plan's objects, read when first needed and shared by the
 * threads of a process. Thread-safe. Needs up to 40 bytes per object of an output of arrays, about
 * 100 more per unit with masked pixels or missing chunks, and about 200 per file of a folder. The
 * memory bound of a plan does not include these bytes.
 */
public final class SharedReceiptIndex {
  private final ReducePlan plan;
  private final ByteStores stores;
  private @Nullable ReceiptIndex objects;
  private boolean read;

  public SharedReceiptIndex(ReducePlan plan, ByteStores stores) {
    this.plan = plan;
    this.stores = stores;
  }

  /** The receipts; null where there was no previous run. */
  public synchronized @Nullable ReceiptIndex objects() throws IOException {
    if (!read) {
      RunFolder folder = RunFolder.of(plan.destination(), stores);
      boolean any = !folder.store().list(RunFolder.RECEIPTS).isEmpty();
      objects = any ? ReceiptFiles.read(plan, folder) : null;
      read = true;
    }
    return objects;
  }
}
