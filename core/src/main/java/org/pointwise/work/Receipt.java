package org.pointwise.work;

import java.util.List;
import java.util.Locale;
import org.pointwise.format.FeatureSink.StoredObject;

/**
 * The record of one processed unit.
 *
 * @param ordinal number of the unit
 * @param pixels number of its pixels
 * @param counts counts of the unit; those of a previous run where it was already stored
 * @param chunks input chunks that were decoded or found missing; 0 where the unit was already
 *     stored
 * @param bytesIn decoded input bytes
 * @param bytesRead stored input bytes
 * @param bytesOut stored output bytes
 * @param nanos total duration in nanoseconds
 * @param readNanos part of it for reading and decoding the input
 * @param storeNanos part of it for encoding and storing the output
 * @param objects stored objects, in the order of boxes and heads
 * @param inputs {@link InputVersion#digest} of the unit's input; 0 where unknown
 * @param lengths {@link InputVersion#lengths} of the unit's input; 0 where unknown
 * @param unreadable reasons why input chunks could not be decoded, one line each
 * @param repeated whether a previous receipt already records all of this
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

  /** The outcome of a unit. */
  public enum Status {
    WRITTEN,
    /** A previous run of the same plan stored the unit. */
    ALREADY_THERE,
    /** All pixels are nodata: correctly, nothing is stored. */
    EMPTY;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
