package org.pointwise.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import org.pointwise.store.FeatureSink.StoredObject;
import org.pointwise.store.JsonText;

/**
 * What one unit did.
 *
 * @param masked pixels without data; of a unit that was there already, what an earlier run counted,
 *     as of the three counts that follow and of {@code missingChunks}
 * @param chunks of the input that were decoded or found missing; 0 where the unit was there already
 * @param missingChunks chunks of the input that are not stored
 * @param bytesIn decoded input
 * @param bytesRead stored input
 * @param bytesOut stored output
 * @param nanos all in all
 * @param readNanos of these, reading and decoding the input
 * @param storeNanos of these, encoding and storing the output
 * @param objects what is stored, in the order of boxes and heads
 */
public record Receipt(
    long ordinal,
    Status status,
    long pixels,
    long masked,
    long nonFinite,
    long overflowed,
    long chunks,
    long missingChunks,
    long bytesIn,
    long bytesRead,
    long bytesOut,
    long nanos,
    long readNanos,
    long storeNanos,
    List<StoredObject> objects) {

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

  /**
   * One line of the receipts file.
   *
   * @param series of the plan
   */
  String line(String series) {
    ObjectNode json =
        JsonText.object()
            .put("series", series)
            .put("ordinal", ordinal)
            .put("status", status.toString())
            .put("pixels", pixels)
            .put("masked", masked)
            .put("nonFinite", nonFinite)
            .put("overflowed", overflowed)
            .put("chunks", chunks)
            .put("missingChunks", missingChunks)
            .put("bytesIn", bytesIn)
            .put("bytesRead", bytesRead)
            .put("bytesOut", bytesOut)
            .put("nanos", nanos)
            .put("readNanos", readNanos)
            .put("storeNanos", storeNanos);
    ArrayNode list = json.putArray("objects");
    for (StoredObject object : objects) {
      ObjectNode entry = list.addObject().put("key", object.key()).put("bytes", object.bytes());
      if (object.sha256() != null) {
        entry.put("sha256", object.sha256());
      }
    }
    return JsonText.line(json);
  }
}
