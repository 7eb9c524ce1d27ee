package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.ObjectChecker;
import org.pointwise.format.StoredArray;
import org.pointwise.format.StoredState;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Box;
import org.pointwise.work.ReceiptFiles;
import org.pointwise.work.ReceiptIndex;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.HeadRecord;
import org.pointwise.work.manifest.OutputRecord;

/**
 * Finds objects of an incomplete output that are not stored as recorded and of which an unfinished
 * append has no copy. They are checked one after another: lengths and shard indexes.
 */
final class LostObjects {
  private LostObjects() {}

  /**
   * An object that is lost.
   *
   * @param state what is wrong with it, for people
   * @param box its pixels
   */
  record Lost(String key, String state, Box box) {}

  /**
   * Returns the first lost object with images of an output before an index; null if there is none.
   *
   * @param images the index
   */
  static @Nullable Lost first(String output, AppendTarget target, long images, ByteStores stores)
      throws IOException {
    OutputRecord record = target.manifest().outputRecord();
    if (record == null) {
      return null; // a folder of files
    }
    RunFolder folder = RunFolder.of(output, stores);
    ByteStore store = new RecordedMetadata(output, stores).view().open(output);
    Axes axes = record.axes();
    List<String> names = record.heads().stream().map(HeadRecord::name).toList();
    List<ObjectChecker> checkers = new ArrayList<>();
    for (String name : names) {
      StoredArray array = target.manifest().format().array(store, name, axes);
      // AppendTarget has read each array.
      checkers.add(Objects.requireNonNull(array).check(target.images()));
    }
    int count = Math.toIntExact(checkers.get(0).objects().count());
    ReceiptIndex.OfGrid receipts = ReceiptFiles.grid(folder, target.lineage(), names, count);
    for (int ordinal = 0; ordinal < count; ordinal++) {
      Box box = checkers.get(0).objects().box(ordinal);
      if (box.n0() >= images) {
        break; // objects are ordered by image first
      }
      for (int head = 0; head < names.size(); head++) {
        ObjectChecker.Finding finding =
            checkers.get(head).check(ordinal, receipts.expected(head, ordinal), false);
        String key = checkers.get(head).key(ordinal);
        if (finding.state().isError()
            && finding.state() != StoredState.UNPROVEN
            && !PastCopies.has(folder.store(), target.images(), ordinal, key)) {
          String state =
              finding.state() == StoredState.NEVER_WRITTEN ? "missing" : finding.state().label();
          return new Lost(key, state, box);
        }
      }
    }
    return null;
  }
}
