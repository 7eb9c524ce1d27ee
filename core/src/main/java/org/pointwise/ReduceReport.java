package org.pointwise;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * What there is of an output when a reduction has ended, whichever run made it; {@link #json} also
 * has what this run did of it.
 */
public final class ReduceReport extends Report {
  ReduceReport(ObjectNode json) {
    super(json);
  }

  /** Absolute path or URI. */
  public String output() {
    return text("/output");
  }

  public long pixels() {
    return count("/pixels");
  }

  /** Pixels that are no data. */
  public long maskedPixels() {
    return count("/maskedPixels");
  }

  /** Pixels that are no data since their input could not be decoded. */
  public long badPixels() {
    return count("/badPixels");
  }

  /** The objects of the input that could not be decoded, and why; each a line. */
  public List<String> unreadable() {
    return texts("/unreadable");
  }

  /** Pixels with an output that is NaN or infinite. */
  public long nonFinitePixels() {
    return count("/nonFinitePixels");
  }

  /** Finite numbers that were too large for the output's type, or for float32. */
  public long overflowedValues() {
    return count("/overflowedValues");
  }

  /** Chunks of the input that are not stored. */
  public long missingChunks() {
    return count("/missingChunks");
  }

  /** Decoded bytes of the input's pixels. */
  public long bytesIn() {
    return count("/bytesIn");
  }

  /** Stored bytes of the output's objects. */
  public long bytesOut() {
    return count("/bytesOut");
  }

  /** Units of the output. */
  public long shards() {
    return count("/shards");
  }

  /** Those that this run stored. */
  public long shardsWritten() {
    return count("/shardsWritten");
  }

  /** Those that an earlier run had stored. */
  public long shardsAlreadyThere() {
    return count("/shardsAlreadyThere");
  }

  /** Those that hold no data and are not stored. */
  public long shardsEmpty() {
    return count("/shardsEmpty");
  }

  /** Seconds from the first tile begun to the last shard stored. */
  public double tileSeconds() {
    return number("/tileSeconds");
  }

  /** Decoded bytes of the input that this run read. */
  public long bytesInOfThisRun() {
    return count("/thisRun/bytesIn");
  }

  /** Tasks that ran without the vector module, several times slower. */
  public long tasksWithoutSimd() {
    return count("/tasks/withoutSimd");
  }

  /** Hash of all that the output's values depend on. */
  public String fingerprint() {
    return text("/fingerprint");
  }
}
