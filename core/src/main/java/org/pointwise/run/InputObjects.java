package org.pointwise.run;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import org.pointwise.store.ByteStore.Stamp;
import org.pointwise.store.FeatureSource;
import org.pointwise.store.Hashes;
import org.pointwise.tensor.Box;

/**
 * The objects that a unit is computed from, as they are now. Immutable.
 *
 * @param digest of the name, length and time of change of each; never 0
 * @param lengths of names and lengths alone, likewise
 */
record InputObjects(
    FeatureSource source, List<String> keys, List<Stamp> stamps, long digest, long lengths) {

  /** Asks the store about the objects that hold these boxes. */
  static InputObjects of(FeatureSource source, List<List<Box>> groups) throws IOException {
    TreeSet<String> sorted = new TreeSet<>();
    groups.forEach(group -> group.forEach(box -> sorted.addAll(source.objects(box))));
    List<String> keys = List.copyOf(sorted);
    List<Stamp> stamps = source.store().stampsOf(keys);
    StringBuilder whole = new StringBuilder();
    StringBuilder lengths = new StringBuilder();
    for (int i = 0; i < keys.size(); i++) {
      String object = keys.get(i) + " " + stamps.get(i).size();
      lengths.append(object).append('\n');
      whole.append(object).append(' ').append(stamps.get(i).modified()).append('\n');
    }
    return new InputObjects(source, keys, stamps, digest(whole), digest(lengths));
  }

  private static long digest(StringBuilder text) {
    return Math.max(1, Long.parseLong(Hashes.sha256(text.toString()).substring(0, 15), 16));
  }

  /** Whether an earlier run, whose digests these are, found the same, but for times of change. */
  boolean haveLengths(long recorded) {
    return recorded == 0 || recorded == lengths; // 0: unknown
  }

  /** For people, after an earlier digest differs: which object it is, or may be. */
  String describe() {
    int last = 0;
    for (int i = 0; i < keys.size(); i++) {
      if (stamps.get(i).size() < 0) {
        return "%s/%s is not there".formatted(source.store().uri(), keys.get(i));
      }
      last = stamps.get(i).modified() > stamps.get(last).modified() ? i : last;
    }
    Stamp stamp = stamps.get(last);
    return "%s/%s now has %d bytes, written %s%s"
        .formatted(
            source.store().uri(),
            keys.get(last),
            stamp.size(),
            Instant.ofEpochMilli(stamp.modified()),
            keys.size() == 1 ? "" : "; it is the newest of %d objects".formatted(keys.size()));
  }
}
