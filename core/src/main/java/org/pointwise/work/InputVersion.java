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
 * The state of the objects from which a unit is computed. Immutable.
 *
 * @param source the input
 * @param keys keys of the objects, sorted
 * @param statuses length and modification time of each object
 * @param digest digest of the name, length and modification time of each object; never 0
 * @param lengths digest of names and lengths only; never 0
 */
public record InputVersion(
    FeatureSource source,
    List<String> keys,
    List<ObjectStatus> statuses,
    long digest,
    long lengths) {

  /** Reads from the store the status of the objects that hold these boxes. */
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

  /** Whether a previous run found the same input; {@code answer} determines whether times count. */
  public boolean isAs(ReceiptIndex.Inputs then, ChangedInput answer) {
    return digest == then.digest()
        || (answer == ChangedInput.ACCEPT && haveLengths(then.lengths()));
  }

  /** Whether a previous run recorded the same names and lengths, or none. */
  public boolean haveLengths(long recorded) {
    return recorded == 0 || recorded == lengths; // 0: not recorded
  }

  /**
   * Describes for people, after a previous digest differed, which object may have changed: the
   * newest one. It also counts the objects that are not stored; whether a chunk that was never
   * stored should exist cannot be determined.
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
