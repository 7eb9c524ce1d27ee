package org.pointwise.job;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.pointwise.store.ByteStore.ObjectStatus;
import org.pointwise.work.InputVersion;

/** The objects of an input that a worker has met, as they were. Confined to one thread. */
final class ObservedObjects {
  /** More than a reader keeps anything of. */
  private static final int MAX = 10_000;

  private final Map<String, ObjectStatus> seen = new LinkedHashMap<>();

  /** Adds those of a unit; whether one that was met before is another by now. */
  boolean changed(InputVersion inputs) {
    boolean changed = false;
    for (int i = 0; i < inputs.keys().size(); i++) {
      ObjectStatus now = inputs.statuses().get(i);
      ObjectStatus then = seen.put(inputs.keys().get(i), now);
      changed |= then != null && !then.equals(now);
    }
    Iterator<String> oldest = seen.keySet().iterator();
    while (seen.size() > MAX) {
      oldest.next();
      oldest.remove();
    }
    return changed;
  }
}
