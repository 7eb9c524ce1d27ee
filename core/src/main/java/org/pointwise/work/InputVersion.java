package org.pointwise.work;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import org.pointwise.format.FeatureSource;
import org.pointwise.plan.ChangedInput;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStore.ObjectStatus;
import org.pointwise.store.Hashes;
import org.pointwise.tensor.Box;

/**
 * The state of the objects from which a unit is computed: those of the input, and those of its
 * mask. Immutable.
 *
 * @param objects URIs of the objects; those of the input first, each part sorted by key
 * @param statuses length and modification time of each object
 * @param digest digest of the key, length and modification time of each object; never 0
 * @param lengths digest of keys and lengths only; never 0
 */
public record InputVersion(
    List<String> objects, List<ObjectStatus> statuses, long digest, long lengths) {

  /** Reads from the store the status of the objects that hold these boxes. */
  public static InputVersion of(FeatureSource source, List<List<Box>> groups) throws IOException {
    List<String> uris = new ArrayList<>();
    List<ObjectStatus> statuses = new ArrayList<>();
    StringBuilder whole = new StringBuilder();
    StringBuilder lengths = new StringBuilder();
    add(source.store(), source::objects, groups, "", uris, statuses, whole, lengths);
    FeatureSource.ObjectsOfMask mask = source.mask();
    if (mask != null) {
      add(mask.store(), mask.keys(), groups, "mask ", uris, statuses, whole, lengths);
    }
    return new InputVersion(uris, statuses, digest(whole), digest(lengths));
  }

  private static void add(
      ByteStore store,
      Function<Box, List<String>> objects,
      List<List<Box>> groups,
      String prefix,
      List<String> uris,
      List<ObjectStatus> statuses,
      StringBuilder whole,
      StringBuilder lengths)
      throws IOException {
    TreeSet<String> sorted = new TreeSet<>();
    groups.forEach(group -> group.forEach(box -> sorted.addAll(objects.apply(box))));
    List<String> keys = List.copyOf(sorted);
    List<ObjectStatus> storeStatuses = store.statusesOf(keys);
    for (int i = 0; i < keys.size(); i++) {
      String object = prefix + keys.get(i) + " " + storeStatuses.get(i).size();
      lengths.append(object).append('\n');
      whole.append(object).append(' ').append(storeStatuses.get(i).modified()).append('\n');
      uris.add(store.uri() + "/" + keys.get(i));
    }
    statuses.addAll(storeStatuses);
  }

  private static long digest(StringBuilder text) {
    return Math.max(1, Long.parseLong(Hashes.sha256(text.toString()).substring(0, 15), 16));
  }

  /**
   * Whether a previous run found the same input; {@code changedInput} determines whether times
   * count.
   */
  public boolean matches(ReceiptIndex.Inputs recorded, ChangedInput changedInput) {
    return digest == recorded.digest()
        || (changedInput == ChangedInput.ACCEPT && hasLengths(recorded.lengths()));
  }

  /** Whether a previous run recorded the same names and lengths, or none. */
  public boolean hasLengths(long recorded) {
    return recorded == 0 || recorded == lengths; // 0: not recorded
  }

  /**
   * Describes for people, after a previous digest differed, which object may have changed: the
   * newest one. It also names the first object that is not stored; whether a chunk that was never
   * stored should exist cannot be determined.
   */
  public String describe() {
    int last = 0;
    int missingCount = 0;
    String firstMissing = "";
    for (int i = 0; i < objects.size(); i++) {
      if (statuses.get(i).size() < 0) {
        firstMissing = missingCount++ == 0 ? objects.get(i) : firstMissing;
      }
      last = statuses.get(i).modified() > statuses.get(last).modified() ? i : last;
    }
    ObjectStatus status = statuses.get(last);
    String missing =
        missingCount == 0
            ? ""
            : missingCount == 1
                ? "%s does not exist".formatted(firstMissing)
                : "%d objects do not exist, such as %s".formatted(missingCount, firstMissing);
    if (status.size() < 0) {
      return missing;
    }
    String newest =
        "%s%s now has %d bytes, written %s"
            .formatted(
                objects.size() == 1 ? "" : "the newest of %d objects, ".formatted(objects.size()),
                objects.get(last),
                status.size(),
                Instant.ofEpochMilli(status.modified()));
    return missing.isEmpty() ? newest : missing + "; " + newest;
  }
}
