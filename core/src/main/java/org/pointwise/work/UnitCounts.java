package org.pointwise.work;

/**
 * Counts over units, as recorded in receipts.
 *
 * @param masked nodata pixels
 * @param bad those of them that lie in chunks that cannot be decoded
 * @param nonFinite pixels with NaN or infinity
 * @param overflowed values that overflowed
 * @param missingChunks input chunks that are not stored
 */
public record UnitCounts(
    long masked, long bad, long nonFinite, long overflowed, long missingChunks) {
  public static final UnitCounts NONE = new UnitCounts(0, 0, 0, 0, 0);

  UnitCounts plus(UnitCounts more) {
    return new UnitCounts(
        masked + more.masked,
        bad + more.bad,
        nonFinite + more.nonFinite,
        overflowed + more.overflowed,
        missingChunks + more.missingChunks);
  }
}
