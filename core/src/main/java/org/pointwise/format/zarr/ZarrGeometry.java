package org.pointwise.format.zarr;

import java.util.EnumSet;
import java.util.Set;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.ChunkLayout;
import org.pointwise.format.ChunkLengths;
import org.pointwise.format.OutputArray;
import org.pointwise.format.OutputRequest;
import org.pointwise.format.StoredLayout;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Grid;

/**
 * Chooses the chunks and objects of Zarr arrays.
 *
 * <p>A chunk of several images has at most 1 MiB where the input's tiles can be divided so, because
 * reading one image decodes the others too. Where memory allows it, objects and the steps in which
 * they are written are whole tiles, so that each input chunk is decoded once.
 */
record ZarrGeometry(OutputRequest request) {
  /** Decoded bytes of a chunk in a shard, or of a chunk of several images. */
  private static final long CHUNK_BYTES = 1L << 20;

  /** Decoded bytes of an object that is one bare chunk within an image. */
  private static final long BARE_CHUNK_BYTES = 8L << 20;

  /** Decoded bytes of a shard. */
  private static final long SHARD_BYTES = 64L << 20;

  /** Decoded bytes of the largest step of several chunks. */
  private static final long STEP_BYTES = 64L << 20;

  /** Decoded bytes of the largest chunk that can be encoded. */
  private static final long MAX_CHUNK_BYTES = Integer.MAX_VALUE / 2;

  /** Chunks of a shard whose size is not given, so that its index has at most 1 MiB. */
  private static final long CHOSEN_CHUNKS = 1 << 16;

  /** More images than any array has. */
  private static final long ANY_NUMBER_OF_IMAGES = 1L << 40;

  private static final Set<Axis> PIXEL_AXES = EnumSet.of(Axis.N, Axis.Y, Axis.X);

  /**
   * Chooses a layout.
   *
   * @param shards whether the format has shards
   * @throws InvalidInputException if the stored output has other chunks than are requested
   */
  StoredLayout choose(boolean shards) {
    StoredLayout stored = request.stored();
    if (stored != null) {
      requireRequested(stored.chunk());
      boolean kept = stored.sharded() && shards;
      return new StoredLayout(stored.chunk(), kept ? stored.object() : stored.chunk(), kept);
    }
    boolean sharded = shards && request.objectBytes() != 0;
    Extent chunk = chunk(sharded);
    if (!sharded) {
      return new StoredLayout(chunk, chunk, false);
    }
    Extent step = step(chunk, request.input().tile(), whole(shape(), chunk));
    long max = Math.max(objectPixels(true), SHARD_BYTES / request.pixelBytes());
    Extent first = pixels(step) <= max ? step : chunk;
    long pixels = objectPixels(true);
    if (request.objectBytes() < 0) {
      pixels = Math.min(pixels, CHOSEN_CHUNKS * chunk.pixels());
    }
    return new StoredLayout(chunk, ChunkLayout.grow(first, shape(), pixels, PIXEL_AXES), true);
  }

  private void requireRequested(Extent stored) {
    for (Axis axis : PIXEL_AXES) {
      int length = requested(axis);
      if (length > 0 && length != stored.length(axis)) {
        throw new InvalidInputException(
            "Cannot append in chunks of %s: the chunks of the output have n,y,x = %s; leave out --chunk, or use --overwrite to start again"
                .formatted(request.chunk(), stored));
      }
    }
  }

  /**
   * Returns the requested length of a chunk, which is no longer than an image; 0: not requested.
   */
  private int requested(Axis axis) {
    int length = request.chunk().length(axis);
    boolean longer = axis == Axis.N && request.axes().has(axis); // images may be appended
    return longer ? length : (int) Math.min(length, request.input().shape().length(axis));
  }

  private FeatureShape shape() {
    FeatureShape shape = request.input().shape();
    return request.growing() && request.axes().has(Axis.N)
        ? new FeatureShape(ANY_NUMBER_OF_IMAGES, shape.y(), shape.x(), shape.c())
        : shape;
  }

  private long objectPixels(boolean sharded) {
    return request.objectBytes() > 0
        ? Math.max(1, request.objectBytes() / request.pixelBytes())
        : Math.min(
            request.unitPixels(),
            (sharded ? SHARD_BYTES : BARE_CHUNK_BYTES) / request.pixelBytes());
  }

  private Extent chunk(boolean sharded) {
    ArrayInfo input = request.input();
    Extent chunk = input.tile();
    Set<Axis> free = EnumSet.copyOf(PIXEL_AXES);
    for (Axis axis : PIXEL_AXES) {
      if (requested(axis) > 0) {
        chunk = chunk.withLength(axis, requested(axis));
        free.remove(axis);
      }
    }
    boolean isRequested = !request.chunk().equals(ChunkLengths.CHOOSE);
    boolean inStep = sharded && input.tile().pixels() <= STEP_BYTES / request.pixelBytes();
    if (free.contains(Axis.N) && (inStep || isRequested)) {
      chunk = chunk.withLength(Axis.N, images(chunk));
    }
    requireEncodable(chunk);
    if (chunk.n() < input.tile().n() && free.contains(Axis.N)) {
      return chunk;
    }
    long small = Math.min(objectPixels(sharded), CHUNK_BYTES / request.pixelBytes());
    if (!sharded) { // an object for each chunk: as large as an image allows
      Set<Axis> within = EnumSet.copyOf(free);
      within.remove(Axis.N);
      chunk = ChunkLayout.grow(chunk, shape(), objectPixels(false), within);
      small = request.objectBytes() > 0 ? objectPixels(false) : small;
    }
    return ChunkLayout.grow(chunk, shape(), small, free);
  }

  private void requireEncodable(Extent chunk) {
    if (pixels(chunk) * request.pixelBytes() > MAX_CHUNK_BYTES) {
      throw new InvalidInputException(
          "Cannot store chunks of n,y,x = %s: a chunk has at most 1023 MiB; use a smaller --chunk, or store the input in smaller chunks"
              .formatted(chunk));
    }
  }

  /**
   * Returns the number of images of a tile that a chunk of at most 1 MiB holds. Where objects may
   * end within the tile otherwise, it divides the tile; if no such number is large enough, the
   * chunk keeps the tile's images.
   */
  private int images(Extent chunk) {
    int images = chunk.n();
    long max = CHUNK_BYTES / request.pixelBytes() / ((long) chunk.y() * chunk.x());
    int divisor = (int) Math.max(1, Math.min(images, max));
    if (!request.growing() && images >= request.input().shape().n()) {
      return divisor;
    }
    while (images % divisor != 0) {
      divisor--;
    }
    return divisor < max / 4 ? images : divisor;
  }

  /** Returns the pixels of an extent, whose number may exceed a long. */
  private static double pixels(Extent extent) {
    return (double) extent.n() * extent.y() * extent.x();
  }

  /** Returns the extent of whole chunks that cover an array, or the largest there is. */
  private static Extent whole(FeatureShape shape, Extent chunk) {
    Extent whole = chunk;
    for (Axis axis : PIXEL_AXES) {
      long length = Grid.ceil(shape.length(axis), chunk.length(axis)) * chunk.length(axis);
      whole = whole.withLength(axis, (int) Math.min(length, largest(chunk.length(axis))));
    }
    return whole;
  }

  private static long largest(int chunk) {
    return Integer.MAX_VALUE / chunk * (long) chunk;
  }

  /**
   * Returns the extent of the boxes in which an object is written: whole chunks and whole tiles, as
   * far as memory and the object allow.
   */
  static Extent step(OutputArray array, long pixelBytes, Extent tile) {
    Extent chunk = array.chunk();
    if (!array.sharded()) {
      return chunk;
    }
    Extent step = step(chunk, tile, array.shard());
    return pixels(step) * pixelBytes <= STEP_BYTES ? step : chunk;
  }

  /** Returns the smallest whole number of chunks and of tiles that {@code whole} allows. */
  private static Extent step(Extent chunk, Extent tile, Extent whole) {
    Extent step = chunk;
    for (Axis axis : PIXEL_AXES) {
      long common = commonMultiple(chunk.length(axis), tile.length(axis));
      step = step.withLength(axis, (int) Math.min(common, whole.length(axis)));
    }
    return step;
  }

  private static long commonMultiple(int a, int b) {
    int divisor = a;
    for (int rest = b; rest != 0; ) {
      int next = divisor % rest;
      divisor = rest;
      rest = next;
    }
    return (long) a / divisor * b;
  }
}
