package org.pointwise.job;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.pointwise.store.ByteStore.ObjectStatus;
import org.pointwise.work.InputVersion;

/**
 * The objects of an input that a worker has read, with their status at that time. Confined to one
 * thread.
 */
final class ObservedObjects {
  /** More than the objects of which a reader caches data. */
  private static final int MAX = 10_000;

  private final Map<String, ObjectStatus> statuses = new LinkedHashMap<>();

  /**
   * Adds the objects of a unit. Returns whether one of them has changed since it was last added.
   */
  boolean changed(InputVersion inputs) {
    boolean changed = false;
    for (int i = 0; i < inputs.objects().size(); i++) {
      ObjectStatus current = inputs.statuses().get(i);
      ObjectStatus previous = statuses.put(inputs.objects().get(i), current);
      changed |= previous != null && !previous.equals(current);
    }
    Iterator<String> oldest = statuses.keySet().iterator();
    while (statuses.size() > MAX) {
      oldest.next();
      oldest.remove();
    }
    return changed;
  }
}
