package org.pointwise.work;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStores;

/**
 * What earlier runs recorded of a plan's objects, read when it is first needed and shared by the
 * threads of a process. Thread-safe. Holds up to 40 bytes for each object of an output of arrays,
 * some 100 more for each unit in which something was masked or missing, and some 200 for each file
 * of a folder; this is not part of what a plan proves.
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

  /** Of a reduction; null where there was no earlier run. */
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
