package org.pointwise.run;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** What runs counted in units, as their receipts tell. */
record UnitCounts(long masked, long nonFinite, long overflowed, long missingChunks) {
  static final UnitCounts NONE = new UnitCounts(0, 0, 0, 0);

  static UnitCounts of(ObjectNode receipt) {
    return new UnitCounts(
        receipt.path("masked").asLong(),
        receipt.path("nonFinite").asLong(),
        receipt.path("overflowed").asLong(),
        receipt.path("missingChunks").asLong());
  }

  UnitCounts plus(UnitCounts more) {
    return new UnitCounts(
        masked + more.masked,
        nonFinite + more.nonFinite,
        overflowed + more.overflowed,
        missingChunks + more.missingChunks);
  }
}
