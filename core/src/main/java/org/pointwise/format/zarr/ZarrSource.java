package org.pointwise.format.zarr;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Companions;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.ReadMemory;
import org.pointwise.format.ReadOptions;
import org.pointwise.format.Storage;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.quantise.Quantisation;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.AxesExample;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Grid;
import org.pointwise.tensor.IndexList;

/** A Zarr array as a feature source. A tile is one spatial chunk with all its channel chunks. */
final class ZarrSource implements FeatureSource {
  private final ZarrArray array;
  private final ArrayInfo info;
  private final List<String> notes;

  private ZarrSource(ZarrArray array, ArrayInfo info, List<String> notes) {
    this.array = array;
    this.info = info;
    this.notes = notes;
  }

  /** Opens an array. Reads only its metadata. */
  static ZarrSource open(ByteStores stores, String uri, ReadOptions options) throws IOException {
    ZarrArray array = ZarrNodes.open(stores, uri);
    List<String> names = array.metadata().dimensionNames();
    if (names == null && options.defaultAxes() == null) {
      names = ZarrNodes.omeAxes(array);
    }
    Axes axes = options.axes();
    if (axes == null) {
      Axes defaultAxes = options.defaultAxes(array.shape().length);
      axes = names == null && defaultAxes != null ? defaultAxes : axes(array, names);
    }
    if (options.channels() && !axes.has(Axis.C)) {
      throw new InvalidInputException(
          "Cannot determine the channels of %s: its dimensions are %s; name them, for example %s"
              .formatted(array.uri(), names, AxesExample.of(names, array.shape().length)));
    }
    int channels = FeatureShape.of(array.uri(), array.metadata().shape(), axes).c();
    ArrayNumbers numbers = ArrayNumbers.of(array.metadata(), options, channels, array.uri());
    ArrayInfo info = info(array, axes, names, numbers.quantisation(), options.missing());
    return new ZarrSource(array, info, numbers.notes());
  }

  /** Opens an array again. Its metadata must not have changed. */
  static ZarrSource reopen(ByteStores stores, ArrayInfo info) throws IOException {
    ZarrArray array = ZarrNodes.open(stores, info.uri());
    if (!array.metadata().identity().equals(info.identity())) {
      throw new InvalidInputException(
          "Cannot read %s: its metadata changed since the run was planned; run again"
              .formatted(info.uri()));
    }
    return new ZarrSource(array, info, List.of());
  }

  private static ArrayInfo info(
      ZarrArray array,
      Axes axes,
      @Nullable List<String> names,
      Quantisation quantisation,
      MissingChunks missing) {
    ArrayMetadata metadata = array.metadata();
    FeatureShape shape = FeatureShape.of(array.uri(), metadata.shape(), axes);
    String sharded = metadata.shard() == null ? "" : ", sharded";
    Extent tile = tile(metadata.extent(metadata.chunk(), axes), shape);
    int channelsPerChunk = axes.has(Axis.C) ? metadata.chunk()[axes.indexOf(Axis.C)] : 1;
    return new ArrayInfo(
        ZarrFormat.NAME,
        array.uri(),
        "Zarr v" + metadata.format() + sharded,
        axes,
        names != null ? names : axes.order().stream().map(Axis::letter).toList(),
        shape,
        quantisation,
        missing,
        tile,
        channelsPerChunk,
        metadata.describeCodecs(),
        Storage.GRID,
        List.of(),
        memory(tile, Grid.ceil(shape.c(), channelsPerChunk), channelsPerChunk, metadata.type()),
        metadata.identity(),
        null);
  }

  /**
   * Returns the memory of a decoded tile, its encoded form, which is at most a quarter longer, and
   * one intermediate step of two codecs.
   */
  private static ReadMemory memory(
      Extent tile, long channelChunks, int channelsPerChunk, ElementType type) {
    long chunk = Math.multiplyExact(tile.pixels(), (long) channelsPerChunk * type.bytes());
    long decoded = Math.multiplyExact(chunk, channelChunks);
    return new ReadMemory(decoded * 7 / 2, chunk * 5 / 4);
  }

  /** Returns the extent of a chunk, cut at the edge of the array. */
  private static Extent tile(Extent chunk, FeatureShape shape) {
    return new Extent(
        (int) Math.min(chunk.n(), shape.n()),
        (int) Math.min(chunk.y(), shape.y()),
        (int) Math.min(chunk.x(), shape.x()));
  }

  private static Axes axes(ZarrArray array, @Nullable List<String> names) {
    String shape = Arrays.toString(array.shape());
    if (names == null) {
      throw new InvalidInputException(
          "Cannot determine the axes of %s: its shape is %s and it names no dimensions; name them, for example %s"
              .formatted(array.uri(), shape, AxesExample.of(null, array.shape().length)));
    }
    List<Axis> order = new ArrayList<>();
    for (String name : names) {
      Axis axis = Axis.ofDimensionName(name);
      if (axis == null || order.contains(axis)) {
        throw new InvalidInputException(
            "Cannot determine the axes of %s: its dimensions are %s and '%s' is %s; name them, for example %s"
                .formatted(
                    array.uri(),
                    names,
                    name,
                    axis == null
                        ? "none of the known names (%s)".formatted(Axis.knownNames())
                        : "a second " + axis.letter(),
                    AxesExample.of(names, names.size())));
      }
      order.add(axis);
    }
    return new Axes(order);
  }

  @Override
  public Companions companions(List<String> dimensions) throws IOException {
    Axes axes = info.axes();
    String channels = axes.has(Axis.C) ? info.dimensionNames().get(axes.indexOf(Axis.C)) : "";
    return new ZarrCompanions(array, channels).find(dimensions, info.shape().c());
  }

  @Override
  public ArrayInfo info() {
    return info;
  }

  @Override
  public List<String> notes() {
    return notes;
  }

  @Override
  public MissingCount missing(Box tile, IndexList channels) throws IOException {
    ArrayMetadata metadata = array.metadata();
    Extent chunk = metadata.extent(metadata.chunk(), info.axes());
    ChunkReader reader = array.chunks(new ShardIndex.Cache());
    long missing = 0;
    int[] channelChunks = channelChunks(channels, info.channelsPerChunk());
    for (int channelChunk : channelChunks) {
      try {
        missing += reader.stored(info.axes().position(tile, chunk, channelChunk)) ? 0 : 1;
      } catch (CorruptDataException e) {
        // The chunk is stored. Reading it reports the damage.
      }
    }
    return new MissingCount(channelChunks.length, channelChunks.length, missing);
  }

  /** Returns the chunks along the channel axis that hold given channels, in ascending order. */
  private static int[] channelChunks(IndexList channels, int channelsPerChunk) {
    return channels.stream()
        .mapToInt(channel -> (int) (channel / channelsPerChunk))
        .distinct()
        .sorted()
        .toArray();
  }

  @Override
  public ByteStore store() {
    return array.store();
  }

  @Override
  public Extent object() {
    return array.object(info.axes());
  }

  @Override
  public List<String> objects(Box box) {
    return objects(box, IndexList.range(0, info.shape().c()));
  }

  @Override
  public List<String> objects(Box box, IndexList channels) {
    ArrayMetadata metadata = array.metadata();
    Extent object = object();
    Axes axes = info.axes();
    int across = axes.has(Axis.C) ? metadata.objectShape()[axes.indexOf(Axis.C)] : 1;
    int[] channelObjects = channelChunks(channels, across);
    List<String> keys = new ArrayList<>();
    Grid.over(info.shape(), object)
        .split(
            box,
            part -> {
              for (int channel : channelObjects) {
                long[] position = axes.position(part, object, channel);
                keys.add(ByteStore.join(array.path(), metadata.keys().key(position)));
              }
            });
    return keys;
  }

  @Override
  public ReadMemory memory(IndexList channels) {
    int chunks = channelChunks(channels, info.channelsPerChunk()).length;
    return memory(info.tile(), chunks, info.channelsPerChunk(), info.type());
  }

  @Override
  public Reader reader() {
    return reader(IndexList.range(0, info.shape().c()));
  }

  @Override
  public Reader reader(IndexList channels) {
    return new ZarrTiles(array, info, channelChunks(channels, info.channelsPerChunk()));
  }
}
