package org.pointwise.job;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.pointwise.store.ByteStore.Stamp;
import org.pointwise.work.InputObjects;

/** The objects of an input that a worker has met, as they were. Confined to one thread. */
final class SeenObjects {
  /** More than a reader keeps anything of. */
  private static final int MOST = 10_000;

  private final Map<String, Stamp> seen = new LinkedHashMap<>();

  /** Adds those of a unit; whether one that was met before is another by now. */
  boolean changed(InputObjects inputs) {
    boolean changed = false;
    for (int i = 0; i < inputs.keys().size(); i++) {
      Stamp now = inputs.stamps().get(i);
      Stamp then = seen.put(inputs.keys().get(i), now);
      changed |= then != null && !then.equals(now);
    }
    Iterator<String> oldest = seen.keySet().iterator();
    while (seen.size() > MOST) {
      oldest.next();
      oldest.remove();
    }
    return changed;
  }
}
