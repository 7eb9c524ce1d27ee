package org.pointwise.run;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
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
 */
record InputObjects(FeatureSource source, List<String> keys, List<Stamp> stamps, long digest) {

  /** Asks the store about the objects that hold these boxes. */
  static InputObjects of(FeatureSource source, List<List<Box>> groups) throws IOException {
    TreeSet<String> sorted = new TreeSet<>();
    groups.forEach(group -> group.forEach(box -> sorted.addAll(source.objects(box))));
    List<String> keys = List.copyOf(sorted);
    List<Stamp> stamps = source.store().stampsOf(keys);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < keys.size(); i++) {
      Stamp stamp = stamps.get(i);
      text.append(keys.get(i)).append(' ').append(stamp.size()).append(' ');
      text.append(stamp.modified()).append('\n');
    }
    long digest = Long.parseLong(Hashes.sha256(text.toString()).substring(0, 15), 16);
    return new InputObjects(source, keys, stamps, Math.max(1, digest));
  }

  /** For people, after an earlier digest differs: the object that was written last. */
  String describe() {
    String root = source.store().uri();
    int last = 0;
    List<String> gone = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      if (stamps.get(i).size() < 0) {
        gone.add(keys.get(i));
      } else if (stamps.get(i).modified() >= stamps.get(last).modified()) {
        last = i;
      }
    }
    Stamp stamp = stamps.get(last);
    String written =
        stamp.size() < 0
            ? "%s/%s is not there".formatted(root, keys.get(last))
            : "%s/%s has %d bytes of %s"
                .formatted(
                    root, keys.get(last), stamp.size(), Instant.ofEpochMilli(stamp.modified()));
    return keys.size() == 1
        ? written
        : "of its %d input objects the last written, %s; %d are not there"
            .formatted(keys.size(), written, gone.size());
  }
}
