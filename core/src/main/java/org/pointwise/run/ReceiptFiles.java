package org.pointwise.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.pointwise.plan.Head;
import org.pointwise.plan.OutputFormat;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.JsonText;

/** The receipts of all runs of an output, read back. Those of another series are left out. */
final class ReceiptFiles {
  /** Where a receipt names no object of an array. */
  static final ObjectNode NO_OBJECT = JsonText.object();

  private ReceiptFiles() {}

  /** What they tell of a plan's objects. */
  static EarlierObjects read(ReducePlan plan, RunFolder folder) throws IOException {
    String series = RunFolder.series(plan);
    if (plan.spec().format() == OutputFormat.NPY) {
      return files(folder, series);
    }
    List<String> arrays = plan.spec().heads().stream().map(Head::name).toList();
    return grid(folder, series, arrays, Math.toIntExact(plan.unitCount()));
  }

  static EarlierObjects.OfFiles files(RunFolder folder, String series) throws IOException {
    EarlierObjects.OfFiles files = new EarlierObjects.OfFiles();
    read(folder, series, files);
    return files;
  }

  /**
   * @param arrays names in the group
   * @param count objects of each
   */
  static EarlierObjects.OfGrid grid(RunFolder folder, String series, List<String> arrays, int count)
      throws IOException {
    EarlierObjects.OfGrid grid = new EarlierObjects.OfGrid(arrays, count);
    read(folder, series, grid);
    return grid;
  }

  /** Adds each receipt, the latest run's last. */
  private static void read(RunFolder folder, String series, EarlierObjects into)
      throws IOException {
    ByteStore store = folder.store();
    for (String name : store.list(RunFolder.RECEIPTS)) { // names begin with the time of their run
      byte[] text = name.endsWith(".jsonl") ? store.get(RunFolder.RECEIPTS + "/" + name) : null;
      if (text == null) {
        continue;
      }
      String where = store.uri() + "/" + name;
      for (String line : new String(text, StandardCharsets.UTF_8).lines().toList()) {
        ObjectNode receipt = JsonText.parse(line.getBytes(StandardCharsets.UTF_8), where);
        if (receipt.path("series").asText().equals(series)) {
          into.add(receipt);
        }
      }
    }
  }
}
