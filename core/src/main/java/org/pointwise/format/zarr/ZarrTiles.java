package org.pointwise.format.zarr;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Tile;

/**
 * Reads tiles of a Zarr array. A tile is one spatial chunk with all its channel chunks. Confined to
 * one thread.
 */
final class ZarrTiles implements FeatureSource.Reader {
  private final ZarrArray array;
  private final ArrayInfo info;
  private final List<ChunkReader> readers = new ArrayList<>();
  private final int[] channelChunks; // those that are read
  private final long[] strides;
  private final long[] constant;
  private final Extent chunk;

  private final Prefetch prefetch;
  private List<Box> expected = List.of();
  private final boolean fillIsNodata;
  private @Nullable Box cachedBox; // the box of heldTile
  private Tile cachedTile;
  private int next; // index into expected
  private int fetched; // number of expected tiles that are fetched

  /**
   * @param channelChunks the chunks along the channel axis to read, in ascending order
   */
  ZarrTiles(ZarrArray array, ArrayInfo info, int[] channelChunks) {
    this.array = array;
    this.info = info;
    this.channelChunks = channelChunks;
    this.strides = array.metadata().chunkStrides();
    this.constant = new long[strides.length];
    this.chunk = array.metadata().extent(array.metadata().chunk(), info.axes());
    this.prefetch = new Prefetch(array.metadata(), array.store());
    this.fillIsNodata = array.metadata().fillIs(info.quantisation().nodata());
    this.cachedTile = new Tile(info.shape().box(), List.of(), 0);
    ShardIndex.Cache indexes = prefetch.indexes();
    for (int i = 0; i < channelChunks.length; i++) {
      readers.add(array.chunks(indexes, prefetch));
    }
  }

  @Override
  public void prefetch(List<Box> tiles) {
    expected =
        array.metadata().shard() != null && array.store().isRemote()
            ? tiles.stream().map(this::tileOf).distinct().toList()
            : List.of();
    next = 0;
    fetched = 0;
  }

  /**
   * Fetches as many of the expected tiles as one request may hold, unless the next tile is already
   * fetched.
   */
  private void fetch(Box tile) throws IOException {
    if (next < expected.size() && expected.get(next).equals(tile)) {
      if (next == fetched) {
        try {
          prefetch.begin();
          while (fetched < expected.size() && offer(expected.get(fetched))) {
            fetched++;
          }
          prefetch.end();
        } catch (CorruptDataException e) {
          prefetch.begin(); // read one by one, only the damaged chunk fails
        }
        fetched = Math.max(fetched, next + 1);
      }
      next++;
    }
  }

  private boolean offer(Box tile) throws IOException {
    long[][] chunks = new long[readers.size()][];
    for (int i = 0; i < chunks.length; i++) {
      chunks[i] = info.axes().position(tile, chunk, channelChunks[i]);
    }
    return prefetch.offer(array.path(), chunks);
  }

  @Override
  public Tile read(Box box) throws IOException {
    Box tile = tileOf(box);
    if (!tile.equals(cachedBox)) {
      fetch(tile);
      cachedBox = null;
      cachedTile = readTile(tile);
      cachedBox = tile;
      return box.equals(tile) ? cachedTile : cachedTile.cropWithCounts(box);
    }
    return cachedTile.crop(box);
  }

  /** Returns the tile that holds a box, cut at the edge of the array. */
  private Box tileOf(Box box) {
    Extent step = info.tile();
    long n = box.n0() / step.n() * step.n();
    long y = box.y0() / step.y() * step.y();
    long x = box.x0() / step.x() * step.x();
    FeatureShape shape = info.shape();
    Box tile =
        new Box(
            n,
            Math.min(n + step.n(), shape.n()),
            y,
            Math.min(y + step.y(), shape.y()),
            x,
            Math.min(x + step.x(), shape.x()));
    if (box.n1() > tile.n1() || box.y1() > tile.y1() || box.x1() > tile.x1()) {
      throw new IllegalArgumentException(
          "Cannot read %s at once: its first pixel lies in the tile %s".formatted(box, tile));
    }
    return tile;
  }

  private Tile readTile(Box tile) throws IOException {
    List<ChannelBlock> blocks = new ArrayList<>(readers.size());
    long stored = 0;
    int missing = 0;
    boolean nodata = false;
    for (int i = 0; i < readers.size(); i++) {
      long[] position = info.axes().position(tile, chunk, channelChunks[i]);
      Slice slice = readers.get(i).read(position);
      stored += readers.get(i).storedBytes();
      if (slice == null) {
        missing++;
        nodata |= missingIsNodata(position);
      }
      blocks.add(block(slice, channelChunks[i]));
    }
    return new Tile(tile, nodata ? List.of() : blocks, stored, readers.size(), missing);
  }

  /** Returns whether a chunk that is not stored makes its pixels nodata. */
  private boolean missingIsNodata(long[] position) {
    return switch (info.missing()) {
      case NODATA -> true;
      case FILL -> fillIsNodata;
      case FAIL ->
          throw new InvalidInputException(
              "Cannot read chunk %s of %s: it is not stored; restore it, or use --missing-chunks fill to take the fill value, or nodata"
                  .formatted(Arrays.toString(position), array.uri()));
    };
  }

  private ChannelBlock block(@Nullable Slice slice, int channelChunk) {
    ArrayMetadata metadata = array.metadata();
    int first = channelChunk * info.channelsPerChunk();
    return ChannelBlock.of(
        slice == null ? metadata.fill() : slice.array(),
        slice == null ? 0 : slice.offset(),
        metadata.type(),
        metadata.byteOrder(),
        info.axes(),
        slice == null ? constant : strides,
        first,
        Math.min(info.channelsPerChunk(), info.shape().c() - first));
  }
}
