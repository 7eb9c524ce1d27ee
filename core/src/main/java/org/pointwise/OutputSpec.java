package org.pointwise;

import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.Compression;
import org.pointwise.format.Compression.Kind;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.OutputFormats;
import org.pointwise.job.ExistingOutput;
import org.pointwise.plan.Reduction;
import org.pointwise.quantise.Overflow;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.ElementType;

/**
 * Where and how a reduction is stored.
 *
 * @param uri path or URI of the group of arrays, or of the folder of files
 * @param format such as {@link OutputFormats#named} gives
 * @param type null: the input's where that is float32, float16 or bfloat16, else float32
 * @param overflow what becomes of finite results too large for the type
 * @param codec null: what an output has that is continued, else chosen by what is stored
 * @param level of the codec; null for its standard level
 * @param axes null: the input's
 * @param shardBytes decoded size of an object to aim at; 0: one chunk an object, no shards; {@link
 *     Reduction#CHOOSE}: chosen by the plan
 */
public record OutputSpec(
    String uri,
    OutputFormat format,
    @Nullable ElementType type,
    Overflow overflow,
    @Nullable Kind codec,
    @Nullable Integer level,
    @Nullable Axes axes,
    long shardBytes) {

  /**
   * @throws IllegalArgumentException where the size of objects is negative and not {@link
   *     Reduction#CHOOSE}
   */
  public OutputSpec {
    if (shardBytes < 0 && shardBytes != Reduction.CHOOSE) {
      throw new IllegalArgumentException("--shard-size must be at least 0");
    }
  }

  /** A Zarr v3 group, all else chosen by the plan. */
  public static OutputSpec of(String uri) {
    return new OutputSpec(
        uri, OutputFormats.standard(), null, Overflow.REFUSE, null, null, null, Reduction.CHOOSE);
  }

  /**
   * The same in another format.
   *
   * @param name such as {@code zarr2} or {@code npy}
   */
  public OutputSpec withFormat(String name) {
    return new OutputSpec(
        uri, OutputFormats.named(name), type, overflow, codec, level, axes, shardBytes);
  }

  /** The same with another type of numbers. */
  public OutputSpec withType(ElementType other) {
    return new OutputSpec(uri, format, other, overflow, codec, level, axes, shardBytes);
  }

  /** The same with another way of results that are too large for the type. */
  public OutputSpec withOverflow(Overflow other) {
    return new OutputSpec(uri, format, type, other, codec, level, axes, shardBytes);
  }

  /** The same with another compression. */
  public OutputSpec withCompression(Compression other) {
    return new OutputSpec(
        uri, format, type, overflow, other.kind(), other.level(), axes, shardBytes);
  }

  /**
   * The same with another order of axes.
   *
   * @param names such as {@code n,c,y,x}, slowest first
   */
  public OutputSpec withAxes(String names) {
    return new OutputSpec(uri, format, type, overflow, codec, level, Axes.parse(names), shardBytes);
  }

  /** The same in objects of another size; 0 for one chunk each. */
  public OutputSpec withShardBytes(long bytes) {
    return new OutputSpec(uri, format, type, overflow, codec, level, axes, bytes);
  }

  /**
   * How each head is compressed; empty where the plan chooses.
   *
   * @param continued whether an output that is there may be continued, and keeps what it has
   */
  List<Compression> compressions(ByteStores stores, int heads, boolean continued)
      throws IOException {
    if (codec == null && level == null) {
      List<Compression> there =
          continued ? ExistingOutput.compressions(ByteStores.absolute(uri), stores) : List.of();
      return there.size() == heads ? there : List.of();
    }
    Kind kind = codec == null ? Kind.ZSTD : codec;
    return Collections.nCopies(
        heads, level == null ? Compression.of(kind) : new Compression(kind, level));
  }
}
