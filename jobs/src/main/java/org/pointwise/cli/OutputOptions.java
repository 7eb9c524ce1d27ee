package org.pointwise.cli;

import java.util.Iterator;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pointwise.OutputSpec;
import org.pointwise.format.Compression.Kind;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.OutputFormats;
import org.pointwise.plan.Reduction;
import org.pointwise.quantise.Overflow;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.ElementType;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options for storing the output of a command. */
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
      names = "--compressor",
      paramLabel = "auto|zstd|blosc|gzip|none",
      converter = AutoOrKind.class,
      description =
          "Compression of chunks, where the format has any. auto keeps what an output has that is continued; else zstd where the activation makes one number of many, as ReLU does, and blosc (lz4, bit shuffle) where all differ (default: auto).")
  @Nullable Kind codec;

  @Nullable
  @Option(
      names = "--compression-level",
      paramLabel = "L",
      description =
          "Compression level (default: 1 for zstd, 5 for blosc, 6 for gzip); with --compressor auto, of zstd.")
  Integer level;

  @Nullable
  @Option(
      names = "--output-axes",
      paramLabel = "A,B,…",
      description = "Order of the output's axes (default: the input's).")
  String axes;

  @Nullable
  @Option(
      names = "--shard-size",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      description =
          "Decoded size of an output object to aim at, such as 64MiB; 0 writes one chunk an object, unsharded (default: chosen by the plan, at most 64MiB).")
  Long shardSize;

  /** Converts {@code auto} to null. */
  static final class AutoOrKind implements ITypeConverter<@Nullable Kind> {
    @Override
    public @Nullable Kind convert(String text) {
      if (text.equalsIgnoreCase("auto")) {
        return null;
      }
      try {
        return Kind.valueOf(text.toUpperCase(Locale.ROOT));
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(
            "expected one of auto, zstd, blosc, gzip, none (case-insensitive) but was '%s'"
                .formatted(text));
      }
    }
  }

  /** The names of the formats, for help and completion. */
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return OutputFormats.names().iterator();
    }
  }

  /** Converts a name to its format. */
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

  /** Returns the spec of an output with these options. */
  OutputSpec spec(String uri) {
    return new OutputSpec(
        uri,
        format,
        dtype,
        overflow,
        codec,
        level,
        axes == null ? null : Axes.parse(axes),
        shardSize == null ? Reduction.CHOOSE : shardSize);
  }
}
