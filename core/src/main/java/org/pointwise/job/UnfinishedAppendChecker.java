package org.pointwise.job;

import java.io.IOException;
import java.util.List;
import org.pointwise.format.ObjectChecker;
import org.pointwise.format.StoredState;
import org.pointwise.store.ByteStore;
import org.pointwise.tensor.Grid;

/**
 * Checks the objects of an output that an append may have left unfinished. An object that the
 * append may have replaced or put back is not damaged but unproven, whatever it contains: the next
 * run writes or restores it. Confined to one thread.
 */
final class UnfinishedAppendChecker implements ObjectChecker {
  private final ObjectChecker objects;
  private final ByteStore folder;
  private final long images;

  /**
   * @param objects checks the objects by their receipts
   * @param folder the run folder
   * @param images number of images of the output before the append
   */
  UnfinishedAppendChecker(ObjectChecker objects, ByteStore folder, long images) {
    this.objects = objects;
    this.folder = folder;
    this.images = images;
  }

  @Override
  public Finding check(long ordinal, Expected expected, boolean deep) throws IOException {
    Finding found = objects.check(ordinal, expected, deep);
    return found.state().deletable()
            && PastCopies.mayBeReplaced(folder, images, ordinal, key(ordinal))
        ? new Finding(
            StoredState.UNPROVEN,
            "an append that has not ended may have replaced it: run the same command again, or drop the append")
        : found;
  }

  @Override
  public Grid objects() {
    return objects.objects();
  }

  @Override
  public long heapBytes() {
    return objects.heapBytes();
  }

  @Override
  public String key(long ordinal) {
    return objects.key(ordinal);
  }

  @Override
  public List<String> leftOvers(long ordinal) throws IOException {
    return objects.leftOvers(ordinal);
  }
}
