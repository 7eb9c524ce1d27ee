package org.pointwise;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * The state of an output after a reduction or a reconstruction, including the work of previous
 * runs. {@link #json} also describes the work of this run. Immutable.
 */
public final class ReduceReport extends Report {
  ReduceReport(ObjectNode json) {
    super(json);
  }

  /** Returns the absolute path or URI of the output. */
  public String output() {
    return text("/output");
  }

  /** Returns the decoder of a reconstruction, {@code FILE#NAME}; empty for a reduction. */
  public String decoder() {
    return text("/decoder");
  }

  /** Returns the number of pixels. */
  public long pixels() {
    return count("/pixels");
  }

  /** Returns the number of nodata pixels. */
  public long maskedPixels() {
    return count("/maskedPixels");
  }

  /** Returns the number of pixels that are nodata because their input could not be decoded. */
  public long badPixels() {
    return count("/badPixels");
  }

  /** Returns the input objects that could not be decoded, with the reasons, one line each. */
  public List<String> unreadable() {
    return texts("/unreadable");
  }

  /** Returns the number of pixels with a NaN or infinite output value. */
  public long nonFinitePixels() {
    return count("/nonFinitePixels");
  }

  /**
   * Returns the number of finite values that were too large for the element type of the output, or
   * for float32.
   */
  public long overflowedValues() {
    return count("/overflowedValues");
  }

  /** Returns the number of input chunks that are not stored. */
  public long missingChunks() {
    return count("/missingChunks");
  }

  /** Returns the decoded bytes of all input pixels. */
  public long bytesIn() {
    return count("/bytesIn");
  }

  /** Returns the stored bytes of all output objects. */
  public long bytesOut() {
    return count("/bytesOut");
  }

  /** Returns the number of units of the output. */
  public long shards() {
    return count("/shards");
  }

  /** Returns the number of units that this run stored. */
  public long shardsWritten() {
    return count("/shardsWritten");
  }

  /** Returns the number of units that a previous run had already stored. */
  public long shardsAlreadyStored() {
    return count("/shardsAlreadyThere");
  }

  /** Returns the number of units that contain only nodata pixels and are not stored. */
  public long shardsEmpty() {
    return count("/shardsEmpty");
  }

  /** Returns the seconds from the begin of the first tile to the storing of the last shard. */
  public double tileSeconds() {
    return number("/tileSeconds");
  }

  /** Returns the decoded bytes of the input that this run read. */
  public long bytesInOfThisRun() {
    return count("/thisRun/bytesIn");
  }

  /**
   * Returns the number of tasks that ran without the vector module, which is several times slower.
   */
  public long tasksWithoutSimd() {
    return count("/tasks/withoutSimd");
  }

  /** Returns the hash of everything on which the values of the output depend. */
  public String fingerprint() {
    return text("/fingerprint");
  }
}
