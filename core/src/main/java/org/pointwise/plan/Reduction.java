package org.pointwise.plan;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.Compression;
import org.pointwise.format.OutputFormat;
import org.pointwise.quantise.Overflow;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.ElementType;

/**
 * Everything that is chosen of a reduction, its layers read.
 *
 * @param output absolute path or URI
 * @param compressions one for each head; empty: chosen by the plan
 * @param type null: the input's where that is floating and not float64, else float32
 * @param axes null: the input's
 * @param shardBytes decoded size of an output shard to aim at; 0: one chunk an object, no shards;
 *     −1: chosen by the plan
 * @param appendLayout of an output that is appended to; null for a new one
 * @param policy how it goes about its work
 */
public record Reduction(
    String output,
    OutputFormat format,
    List<Head> heads,
    @Nullable ElementType type,
    Overflow overflow,
    List<Compression> compressions,
    @Nullable Axes axes,
    long shardBytes,
    @Nullable AppendLayout appendLayout,
    RunPolicy policy) {
  /** Of a new output with one compression for all heads, by {@link RunPolicy#STANDARD}. */
  public Reduction(
      String output,
      OutputFormat format,
      List<Head> heads,
      @Nullable ElementType type,
      Overflow overflow,
      Compression compression,
      @Nullable Axes axes,
      long shardBytes) {
    this(
        output,
        format,
        heads,
        type,
        overflow,
        Collections.nCopies(heads.size(), compression),
        axes,
        shardBytes,
        null,
        RunPolicy.STANDARD);
  }

  /** {@link #shardBytes} left to the plan. */
  public static final long CHOOSE = -1;

  /** The same, gone about in another way. */
  public Reduction by(RunPolicy other) {
    return new Reduction(
        output, format, heads, type, overflow, compressions, axes, shardBytes, appendLayout, other);
  }

  /** The same, compressed in another way. */
  public Reduction with(List<Compression> others) {
    return new Reduction(
        output, format, heads, type, overflow, others, axes, shardBytes, appendLayout, policy);
  }

  /** The same, stored elsewhere. */
  public Reduction at(String elsewhere) {
    return new Reduction(
        elsewhere,
        format,
        heads,
        type,
        overflow,
        compressions,
        axes,
        shardBytes,
        appendLayout,
        policy);
  }

  /** The same, appended to what is there. */
  public Reduction growing(@Nullable AppendLayout more) {
    return new Reduction(
        output, format, heads, type, overflow, compressions, axes, shardBytes, more, policy);
  }
}
