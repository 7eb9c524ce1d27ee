package org.pointwise.work;

import java.util.List;
import java.util.Locale;
import org.pointwise.format.FeatureSink.StoredObject;

/**
 * What one unit did.
 *
 * @param counts of a unit that was there already, what an earlier run counted
 * @param chunks of the input that were decoded or found missing; 0 where the unit was there already
 * @param bytesIn decoded input
 * @param bytesRead stored input
 * @param bytesOut stored output
 * @param nanos all in all
 * @param readNanos of these, reading and decoding the input
 * @param storeNanos of these, encoding and storing the output
 * @param objects what is stored, in the order of boxes and heads
 * @param inputs {@link InputVersion#digest} of what it was computed from; 0 where unknown
 * @param lengths {@link InputVersion#lengths}, likewise
 * @param unreadable why chunks of the input could not be decoded, a line each
 * @param repeated whether an earlier receipt says all of it
 */
public record Receipt(
    long ordinal,
    Status status,
    long pixels,
    UnitCounts counts,
    long chunks,
    long bytesIn,
    long bytesRead,
    long bytesOut,
    long nanos,
    long readNanos,
    long storeNanos,
    List<StoredObject> objects,
    long inputs,
    long lengths,
    List<String> unreadable,
    boolean repeated) {

  /** How a unit ended. */
  public enum Status {
    WRITTEN,
    /** An earlier run of the same plan had stored it. */
    ALREADY_THERE,
    /** All nodata: rightly nothing is stored. */
    EMPTY;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
