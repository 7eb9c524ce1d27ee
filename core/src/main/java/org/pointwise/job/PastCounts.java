package org.pointwise.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.work.ReceiptIndex;
import org.pointwise.work.UnitCounts;

/**
 * The counts of those images of a unit whose source is not read.
 *
 * @param counts as their latest receipt has them
 * @param unreadable reasons why chunks of their input could not be decoded
 */
record PastCounts(UnitCounts counts, List<String> unreadable) {
  static final PastCounts NONE = new PastCounts(UnitCounts.NONE, List.of());
  private static final String UNREADABLE = "unreadable";

  /** Returns what the receipts record of a unit. */
  static PastCounts of(@Nullable ReceiptIndex receipts, long ordinal) {
    return receipts == null
        ? NONE
        : new PastCounts(receipts.counts(ordinal), receipts.unreadable(ordinal));
  }

  /** Reads counts that {@link #json} returned. */
  static PastCounts of(JsonNode json) {
    List<String> unreadable = new ArrayList<>();
    json.path(UNREADABLE).forEach(reason -> unreadable.add(reason.asText()));
    return new PastCounts(UnitCounts.of(json), unreadable);
  }

  ObjectNode json() {
    ObjectNode json = counts.json();
    unreadable.forEach(json.putArray(UNREADABLE)::add);
    return json;
  }
}
