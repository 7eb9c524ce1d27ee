package org.pointwise.work;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import org.pointwise.format.FeatureSource;
import org.pointwise.plan.ChangedInput;
import org.pointwise.store.ByteStore.ObjectStatus;
import org.pointwise.store.Hashes;
import org.pointwise.tensor.Box;

/**
 * The objects that a unit is computed from, as they are now. Immutable.
 *
 * @param digest of the name, length and time of change of each; never 0
 * @param lengths of names and lengths alone, likewise
 */
public record InputVersion(
    FeatureSource source,
    List<String> keys,
    List<ObjectStatus> statuses,
    long digest,
    long lengths) {

  /** Asks the store about the objects that hold these boxes. */
  public static InputVersion of(FeatureSource source, List<List<Box>> groups) throws IOException {
    TreeSet<String> sorted = new TreeSet<>();
    groups.forEach(group -> group.forEach(box -> sorted.addAll(source.objects(box))));
    List<String> keys = List.copyOf(sorted);
    List<ObjectStatus> statuses = source.store().statusesOf(keys);
    StringBuilder whole = new StringBuilder();
    StringBuilder lengths = new StringBuilder();
    for (int i = 0; i < keys.size(); i++) {
      String object = keys.get(i) + " " + statuses.get(i).size();
      lengths.append(object).append('\n');
      whole.append(object).append(' ').append(statuses.get(i).modified()).append('\n');
    }
    return new InputVersion(source, keys, statuses, digest(whole), digest(lengths));
  }

  private static long digest(StringBuilder text) {
    return Math.max(1, Long.parseLong(Hashes.sha256(text.toString()).substring(0, 15), 16));
  }

  /** Whether an earlier run found the same, as far as {@code answer} takes it for the same. */
  public boolean isAs(ReceiptIndex.Inputs then, ChangedInput answer) {
    return digest == then.digest()
        || (answer == ChangedInput.ACCEPT && haveLengths(then.lengths()));
  }

  /** Whether an earlier run, whose digests these are, found the same, but for times of change. */
  public boolean haveLengths(long recorded) {
    return recorded == 0 || recorded == lengths; // 0: unknown
  }

  /**
   * For people, after an earlier digest differs: which object it may be. Of chunks that were never
   * stored nobody knows that they should be there.
   */
  public String describe() {
    int last = 0;
    int gone = 0;
    for (int i = 0; i < keys.size(); i++) {
      gone += statuses.get(i).size() < 0 ? 1 : 0;
      last = statuses.get(i).modified() > statuses.get(last).modified() ? i : last;
    }
    String newest = "%s/%s".formatted(source.store().uri(), keys.get(last));
    ObjectStatus status = statuses.get(last);
    String now =
        status.size() < 0
            ? newest + " is not there"
            : "%s now has %d bytes, written %s"
                .formatted(newest, status.size(), Instant.ofEpochMilli(status.modified()));
    return keys.size() == 1
        ? now
        : "%s; it is the newest of %d objects, of which %d are not there"
            .formatted(now, keys.size(), gone);
  }
}
