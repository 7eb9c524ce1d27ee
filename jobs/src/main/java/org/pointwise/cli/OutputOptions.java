package org.pointwise.cli;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pointwise.OutputSpec;
import org.pointwise.format.ChunkLengths;
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
  @Nullable
  @Option(
      names = "--format",
      paramLabel = "NAME",
      completionCandidates = Names.class,
      converter = Named.class,
      description =
          "One of ${COMPLETION-CANDIDATES}. Default: parquet if OUTPUT has the ending of a table, else zarr3.")
  OutputFormat format;

  @Nullable
  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      completionCandidates = Types.class,
      converter = Typed.class,
      description =
          "One of ${COMPLETION-CANDIDATES}. The default is the element type of the input if that is float32, float16 or bfloat16, else float32.")
  ElementType dtype;

  @Rare
  @Option(
      names = "--overflow",
      paramLabel = "refuse|saturate",
      description =
          "Handling of values that are too large (default: ${DEFAULT-VALUE}). This applies to finite results too large for the element type of the output, and to finite input too large for float32, in which sums are computed. 'refuse' ends the run, 'saturate' stores the largest finite value and counts it.")
  Overflow overflow = Overflow.REFUSE;

  @Option(
      names = "--compressor",
      paramLabel = "NAME",
      completionCandidates = Codecs.class,
      converter = AutoOrKind.class,
      description =
          "One of ${COMPLETION-CANDIDATES} (default: auto). Applies to the chunks of formats that have compression. 'auto' keeps the compressor of an output that is continued. Otherwise it uses zstd for activations that map many numbers to one, such as ReLU, and blosc (lz4, bit shuffle) for others.")
  @Nullable Kind codec;

  @Nullable
  @Rare
  @Option(
      names = "--compression-level",
      paramLabel = "L",
      description =
          "Compression level (default: 1 for zstd, 5 for blosc, 6 for gzip). With --compressor auto, it selects zstd and is its level.")
  Integer level;

  @Nullable
  @Rare
  @Option(
      names = "--output-axes",
      paramLabel = "A,B,…",
      converter = AxesText.class,
      description = "Order of the output's axes (default: the input's order).")
  String axes;

  @Nullable
  @Option(
      names = "--shard-size",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      description =
          "Decoded size of a stored object, such as 64MiB. The plan comes close to this size. With 0, each object is one chunk, without shards. By default the plan chooses the size, at most 64MiB.")
  Long shardSize;

  @Option(
      names = "--chunk",
      paramLabel = "AXIS=LENGTH,…",
      converter = Chunk.class,
      description =
          "Pixels of a chunk along n, y and x, for example n=1 or n=16,y=64,x=64. A reader decodes at least one chunk. The plan chooses lengths that are not given: at most 1 MiB for chunks of several images.")
  ChunkLengths chunk = ChunkLengths.CHOOSE;

  /** Converts lengths along axes. */
  static final class Chunk implements ITypeConverter<ChunkLengths> {
    @Override
    public ChunkLengths convert(String text) {
      try {
        return ChunkLengths.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

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
        throw new Choices.NotAllowed(text, Codecs.NAMES);
      }
    }
  }

  /** The compressors, for help, completion and errors. */
  static final class Codecs implements Iterable<String> {
    static final List<String> NAMES =
        Stream.concat(Stream.of("auto"), Arrays.stream(Kind.values()).map(Kind::toString)).toList();

    @Override
    public Iterator<String> iterator() {
      return NAMES.iterator();
    }
  }

  /** The element types that an output can have, for help, completion and errors. */
  static final class Types implements Iterable<String> {
    static final List<String> NAMES =
        Arrays.stream(ElementType.values())
            .filter(ElementType::floating)
            .map(ElementType::toString)
            .toList();

    @Override
    public Iterator<String> iterator() {
      return NAMES.iterator();
    }
  }

  /** Converts a name to the element type of an output. */
  static final class Typed implements ITypeConverter<ElementType> {
    @Override
    public ElementType convert(String name) {
      String lower = name.toLowerCase(Locale.ROOT);
      ElementType type = ElementType.ofName(lower);
      if (type == null || !type.floating()) {
        throw new Choices.NotAllowed(name, Types.NAMES);
      }
      return type;
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
        throw new Choices.NotAllowed(name, OutputFormats.names());
      }
      return OutputFormats.named(lower);
    }
  }

  /** Returns the spec of an output with these options. */
  OutputSpec spec(String uri) {
    return new OutputSpec(
        uri,
        format == null ? OutputFormats.standard(uri) : format,
        dtype,
        overflow,
        codec,
        level,
        axes == null ? null : Axes.parse(axes),
        shardSize == null ? Reduction.CHOOSE : shardSize,
        chunk);
  }
}
