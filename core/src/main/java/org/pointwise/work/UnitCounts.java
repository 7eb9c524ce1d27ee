package org.pointwise.work;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.pointwise.store.JsonText;

/**
 * Counts over units, as recorded in receipts.
 *
 * @param masked nodata pixels
 * @param bad those of them that lie in chunks that cannot be decoded
 * @param nonFinite pixels with NaN or infinity
 * @param overflowed values that overflowed
 * @param missingChunks input chunks that are not stored, counted each time that they are read
 */
public record UnitCounts(
    long masked, long bad, long nonFinite, long overflowed, long missingChunks) {
  public static final UnitCounts NONE = new UnitCounts(0, 0, 0, 0, 0);

  /** Reads counts that {@link #json} returned. */
  public static UnitCounts of(JsonNode json) {
    return new UnitCounts(
        json.path("masked").asLong(),
        json.path("bad").asLong(),
        json.path("nonFinite").asLong(),
        json.path("overflowed").asLong(),
        json.path("missingChunks").asLong());
  }

  /** The counts by name. */
  public ObjectNode json() {
    return JsonText.object()
        .put("masked", masked)
        .put("bad", bad)
        .put("nonFinite", nonFinite)
        .put("overflowed", overflowed)
        .put("missingChunks", missingChunks);
  }

  public UnitCounts plus(UnitCounts more) {
    return new UnitCounts(
        masked + more.masked,
        bad + more.bad,
        nonFinite + more.nonFinite,
        overflowed + more.overflowed,
        missingChunks + more.missingChunks);
  }
}
