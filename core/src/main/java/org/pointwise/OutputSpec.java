package org.pointwise;

import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.ChunkLengths;
import org.pointwise.format.Compression;
import org.pointwise.format.Compression.Kind;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.OutputFormats;
import org.pointwise.job.ExistingOutput;
import org.pointwise.plan.LayoutChoice;
import org.pointwise.plan.Reduction;
import org.pointwise.quantise.Overflow;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.ElementType;

/**
 * Describes where and how a reduction is stored. Immutable.
 *
 * @param uri path or URI of the group of arrays, or of the folder of files
 * @param format an output format, for example from {@link OutputFormats#named}
 * @param type the element type; null for that of the input if it is float32, float16 or bfloat16,
 *     else float32
 * @param overflow how finite results too large for the element type are stored
 * @param codec null for the codec of an already stored output that is continued, else a codec
 *     chosen by the stored values
 * @param level the level of the codec; null for its standard level
 * @param axes order of the axes; null for that of the input
 * @param shardBytes target decoded size of an object in bytes; 0 for one chunk in each object,
 *     without shards; {@link Reduction#CHOOSE} to let the plan choose
 * @param chunk requested lengths of a chunk, for formats with chunks
 */
public record OutputSpec(
    String uri,
    OutputFormat format,
    @Nullable ElementType type,
    Overflow overflow,
    @Nullable Kind codec,
    @Nullable Integer level,
    @Nullable Axes axes,
    long shardBytes,
    ChunkLengths chunk) {

  /**
   * @throws IllegalArgumentException if {@code shardBytes} is negative and not {@link
   *     Reduction#CHOOSE}, if the codec does not have the level, or if the format has no chunks
   *     whose lengths are requested
   */
  public OutputSpec {
    if (shardBytes < 0 && shardBytes != Reduction.CHOOSE) {
      throw new IllegalArgumentException("--shard-size must be at least 0");
    }
    if (format.perFile() && !chunk.equals(ChunkLengths.CHOOSE)) {
      throw new IllegalArgumentException(
          "--chunk applies to %s: %s stores whole files"
              .formatted(String.join(" and ", OutputFormats.ofArrays()), format.name()));
    }
    Kind levelled = codec == null ? Kind.ZSTD : codec;
    if (level != null && !levelled.hasLevel(level)) {
      throw new IllegalArgumentException(
          "--compression-level of %s must be from %d to %d"
              .formatted(levelled, levelled.min(), levelled.max()));
    }
  }

  /**
   * Returns the spec of a Zarr v3 group, or of a table where the name has the ending of one. The
   * plan chooses everything else.
   */
  public static OutputSpec of(String uri) {
    return new OutputSpec(
        uri,
        OutputFormats.standard(uri),
        null,
        Overflow.REFUSE,
        null,
        null,
        null,
        Reduction.CHOOSE,
        ChunkLengths.CHOOSE);
  }

  /**
   * Returns this spec with another format.
   *
   * @param name for example {@code zarr2} or {@code npy}
   */
  public OutputSpec withFormat(String name) {
    return new OutputSpec(
        uri, OutputFormats.named(name), type, overflow, codec, level, axes, shardBytes, chunk);
  }

  /** Returns this spec with another element type. */
  public OutputSpec withType(ElementType other) {
    return new OutputSpec(uri, format, other, overflow, codec, level, axes, shardBytes, chunk);
  }

  /** Returns this spec with another treatment of results too large for the element type. */
  public OutputSpec withOverflow(Overflow other) {
    return new OutputSpec(uri, format, type, other, codec, level, axes, shardBytes, chunk);
  }

  /** Returns this spec with another compression. */
  public OutputSpec withCompression(Compression other) {
    return new OutputSpec(
        uri, format, type, overflow, other.kind(), other.level(), axes, shardBytes, chunk);
  }

  /**
   * Returns this spec with another order of axes.
   *
   * @param names for example {@code n,c,y,x}, slowest first
   */
  public OutputSpec withAxes(String names) {
    return new OutputSpec(
        uri, format, type, overflow, codec, level, Axes.parse(names), shardBytes, chunk);
  }

  /** Returns this spec with another target size of objects; 0 for one chunk in each object. */
  public OutputSpec withShardBytes(long bytes) {
    return new OutputSpec(uri, format, type, overflow, codec, level, axes, bytes, chunk);
  }

  /** Returns this spec with other requested lengths of a chunk. */
  public OutputSpec withChunk(ChunkLengths other) {
    return new OutputSpec(uri, format, type, overflow, codec, level, axes, shardBytes, other);
  }

  /**
   * Returns what is given about the layout.
   *
   * @param continued whether an already stored output may be continued and keeps its layout
   * @param growing whether images will be appended later
   */
  LayoutChoice layout(ByteStores stores, boolean continued, boolean growing) throws IOException {
    LayoutChoice given = new LayoutChoice(shardBytes, chunk, growing, null);
    return given.open() && continued
        ? given.keeping(ExistingOutput.layout(ByteStores.absolute(uri), format.name(), stores))
        : given;
  }

  /**
   * Returns the compression of each head; empty if the plan chooses it.
   *
   * @param continued whether an already stored output may be continued and keeps its compression
   */
  List<Compression> compressions(ByteStores stores, int heads, boolean continued)
      throws IOException {
    if (codec == null && level == null) {
      List<Compression> stored =
          continued ? ExistingOutput.compressions(ByteStores.absolute(uri), stores) : List.of();
      return stored.size() == heads ? stored : List.of();
    }
    Kind kind = codec == null ? Kind.ZSTD : codec;
    return Collections.nCopies(
        heads, level == null ? Compression.of(kind) : new Compression(kind, level));
  }
}
