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
 * All choices of a reduction, with its layers already read.
 *
 * @param output absolute path or URI
 * @param compressions one per head; empty: chosen by the plan
 * @param type null: the type of the input where that is floating and not float64, else float32
 * @param axes null: the axes of the input
 * @param layout what is given about chunks and objects
 * @param appendLayout layout of the output to append to; null for a new output
 * @param policy how the reduction is carried out
 */
public record Reduction(
    String output,
    OutputFormat format,
    List<Head> heads,
    @Nullable ElementType type,
    Overflow overflow,
    List<Compression> compressions,
    @Nullable Axes axes,
    LayoutChoice layout,
    @Nullable AppendLayout appendLayout,
    RunPolicy policy) {
  /** A new output with one compression for all heads and {@link RunPolicy#STANDARD}. */
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
        LayoutChoice.of(shardBytes),
        null,
        RunPolicy.STANDARD);
  }

  /** Value of {@link LayoutChoice#shardBytes} that leaves the choice to the plan. */
  public static final long CHOOSE = -1;

  /** The same reduction with another policy. */
  public Reduction withPolicy(RunPolicy other) {
    return new Reduction(
        output, format, heads, type, overflow, compressions, axes, layout, appendLayout, other);
  }

  /** The same reduction with other compressions. */
  public Reduction withCompressions(List<Compression> otherCompressions) {
    return new Reduction(
        output,
        format,
        heads,
        type,
        overflow,
        otherCompressions,
        axes,
        layout,
        appendLayout,
        policy);
  }

  /** The same reduction with another output path. */
  public Reduction withOutput(String otherOutput) {
    return new Reduction(
        otherOutput,
        format,
        heads,
        type,
        overflow,
        compressions,
        axes,
        layout,
        appendLayout,
        policy);
  }

  /** The same reduction, appended to an output of this layout. */
  public Reduction growing(@Nullable AppendLayout more) {
    return new Reduction(
        output, format, heads, type, overflow, compressions, axes, layout, more, policy);
  }
}
