package org.pointwise.jobs;

import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.OutputFormats;
import org.pointwise.plan.Head;
import org.pointwise.plan.ReduceSpec;
import org.pointwise.quantise.Compression;
import org.pointwise.quantise.Overflow;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.ElementType;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How to store the output of a command. */
final class OutputOptions {
  @Option(
      names = "--format",
      paramLabel = "NAME",
      completionCandidates = Names.class,
      converter = Named.class,
      description = "What to write: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  OutputFormat format = OutputFormats.standard();

  @Nullable
  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description =
          "float32, float16, bfloat16 or float64 (default: the input's where that is float32, float16 or bfloat16, else float32).")
  ElementType dtype;

  @Option(
      names = "--overflow",
      paramLabel = "refuse|saturate",
      description =
          "What to do with finite results too large for the output type, and with finite input too large for float32, in which sums are formed (default: ${DEFAULT-VALUE}).")
  Overflow overflow = Overflow.REFUSE;

  @Option(
      names = "--codec",
      paramLabel = "zstd|blosc|gzip|none",
      description = "Compression of chunks, where the format has any (default: ${DEFAULT-VALUE}).")
  Compression.Kind codec = Compression.Kind.ZSTD;

  @Nullable
  @Option(
      names = "--level",
      paramLabel = "L",
      description = "Compression level (default: 1 for zstd, 5 for blosc, 6 for gzip).")
  Integer level;

  @Nullable
  @Option(
      names = "--output-axes",
      paramLabel = "A,B,…",
      description = "Order of the output's axes (default: the input's).")
  String axes;

  @Nullable
  @Option(
      names = "--shard-mib",
      paramLabel = "M",
      description =
          "Decoded MiB of an output object to aim at; 0 writes one chunk an object, unsharded (default: chosen by the plan, at most 64).")
  Double shardMib;

  /** For help and completion. */
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return OutputFormats.names().iterator();
    }
  }

  /** The format of a name. */
  static final class Named implements ITypeConverter<OutputFormat> {
    @Override
    public OutputFormat convert(String name) {
      String lower = name.toLowerCase(Locale.ROOT);
      if (!OutputFormats.names().contains(lower)) {
        throw new TypeConversionException(
            "expected one of %s but was '%s'".formatted(OutputFormats.names(), name));
      }
      return OutputFormats.named(lower);
    }
  }

  ReduceSpec spec(String output, List<Head> heads) {
    return new ReduceSpec(
        ByteStores.absolute(output),
        format,
        heads,
        dtype,
        overflow,
        new Compression(codec, level == null ? codec.standardLevel() : level),
        axes == null ? null : Axes.parse(axes),
        shardMib == null ? ReduceSpec.CHOOSE : Math.round(shardMib * (1 << 20)));
  }
}
