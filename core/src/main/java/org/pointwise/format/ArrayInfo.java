package org.pointwise.format;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.quantise.Quantisation;
import org.pointwise.quantise.Scaling;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Grid;
import org.pointwise.tensor.Offset;

/**
 * The description of a feature array, derived from its metadata. It contains everything that a plan
 * needs of its input and that an executor needs to open the array again.
 *
 * @param format the {@link FeatureFormat#name} of the array's format
 * @param uri the absolute URI
 * @param description for users, such as {@code Zarr v3, sharded}
 * @param dimensionNames the names as stored, in the order of the axes; one-letter names if none are
 *     stored
 * @param shape the shape; with the largest height and the largest width if images differ
 * @param quantisation the meaning of the stored numbers
 * @param missing the meaning of chunks that are not stored
 * @param tile the extent of the box that is read at once: a chunk, or a part of a file
 * @param channelsPerChunk the number of channels in one chunk
 * @param codecs for users, such as {@code zstd level 1, crc32c}
 * @param images the file name and size of each image if {@code storage} is {@link Storage#IMAGES};
 *     else empty
 * @param memory the memory of one reader
 * @param identity a hash that identifies the input: the hash of its metadata, or of names and sizes
 * @param view how this array follows from others; null for an array as it is stored
 */
public record ArrayInfo(
    String format,
    String uri,
    String description,
    Axes axes,
    List<String> dimensionNames,
    FeatureShape shape,
    Quantisation quantisation,
    MissingChunks missing,
    Extent tile,
    int channelsPerChunk,
    String codecs,
    Storage storage,
    List<ImageFile> images,
    ReadMemory memory,
    String identity,
    @Nullable ArrayView view) {

  /**
   * Returns the description of an array in one file, of a format that stores all channels of a
   * pixel in one tile.
   */
  public static ArrayInfo inFile(
      String format,
      String uri,
      String description,
      Axes axes,
      FeatureShape shape,
      Quantisation quantisation,
      Extent tile,
      String codecs,
      ReadMemory memory,
      String identity) {
    return new ArrayInfo(
        format,
        uri,
        description,
        axes,
        axes.order().stream().map(Axis::letter).toList(),
        shape,
        quantisation,
        MissingChunks.FILL,
        tile,
        shape.c(),
        codecs,
        Storage.FILE,
        List.of(),
        memory,
        identity,
        null);
  }

  /** Returns the element type of the stored numbers. */
  public ElementType type() {
    return quantisation.type();
  }

  /**
   * Returns the meaning of stored numbers and missing chunks as text for records, in the wording of
   * earlier builds. Scales are float32 numbers.
   */
  public String describeNumbers() {
    return "Dequantisation[%s, nodata=%s, missing=%s]"
        .formatted(quantisation.scaling(), quantisation.nodata(), missing);
  }

  /**
   * Returns {@link #describeNumbers}, followed by the float64 scales if these are applied. Used for
   * fingerprints of plans.
   */
  public String describeExactNumbers() {
    Scaling scaling = quantisation.scaling();
    return type().exactAsFloat32() || scaling.isNone()
        ? describeNumbers()
        : describeNumbers() + " in float64: " + scaling.exact();
  }

  /** The name of one file of a folder, and the height and width of its image. */
  public record ImageFile(String name, long y, long x) {}

  /** Returns this description with another memory, identity and view. */
  ArrayInfo as(ReadMemory otherMemory, String otherIdentity, ArrayView otherView) {
    return new ArrayInfo(
        format,
        uri,
        description,
        axes,
        dimensionNames,
        shape,
        quantisation,
        missing,
        tile,
        channelsPerChunk,
        codecs,
        storage,
        images,
        otherMemory,
        otherIdentity,
        otherView);
  }

  /** Returns the stored array of which this is a part, without a mask. */
  public ArrayInfo whole() {
    if (view instanceof ArrayView.Appended appended) {
      return appended.added().whole();
    }
    return view instanceof ArrayView.Part part
        ? part.whole()
        : view instanceof ArrayView.Masked masked ? masked.unmasked().whole() : this;
  }

  /** Returns the part of a stored array that this array is; null if it is the whole array. */
  public @Nullable Subset subset() {
    if (view instanceof ArrayView.Appended appended) {
      return appended.added().subset();
    }
    return view instanceof ArrayView.Part part
        ? part.subset()
        : view instanceof ArrayView.Masked masked ? masked.unmasked().subset() : null;
  }

  /**
   * Returns the indexes along the axes of which not all are read, such as {@code rows 0:64 columns
   * 0:64}; empty for the whole array.
   */
  public String describeSubset() {
    Subset subset = subset();
    return subset == null ? "" : subset.describe(whole().shape());
  }

  /** Returns the mask that hides pixels of this array; null if there is none. */
  public @Nullable ArrayInfo mask() {
    if (view instanceof ArrayView.Appended appended) {
      return appended.added().mask();
    }
    return view instanceof ArrayView.Masked masked ? masked.mask() : null;
  }

  /** Returns the number of leading images that cannot be read; 0 unless others come after them. */
  public long past() {
    return view instanceof ArrayView.Appended appended ? appended.past() : 0;
  }

  /** Returns the array that can be read: this one without {@link #past} images. */
  public ArrayInfo added() {
    return view instanceof ArrayView.Appended appended ? appended.added() : this;
  }

  /**
   * Returns the position of the first pixel of the array, and of each image of a folder, within the
   * first of its tiles.
   */
  public Offset offset() {
    if (view instanceof ArrayView.Appended appended) {
      Offset first = appended.added().offset();
      int n = (int) Math.floorMod(first.n() - appended.past(), (long) tile.n());
      return new Offset(n, first.y(), first.x());
    }
    return view instanceof ArrayView.Part part
        ? part.subset().offset(part.whole().tile())
        : view instanceof ArrayView.Masked masked ? masked.unmasked().offset() : Offset.NONE;
  }

  /** Returns the tiles of an array, or of a folder as if all its images had the largest size. */
  public Grid grid() {
    return new Grid(shape.n(), shape.y(), shape.x(), tile, offset());
  }

  /** Returns the tile that holds all pixels of a box. The box must lie within one tile. */
  public Box tileOf(Box box) {
    Grid grid = grid();
    Box tile = grid.box(grid.ordinals(box).findFirst().orElseThrow());
    Box image = image(box.n0());
    return new Box(
        tile.n0(),
        tile.n1(),
        tile.y0(),
        Math.min(tile.y1(), image.y1()),
        tile.x0(),
        Math.min(tile.x1(), image.x1()));
  }

  /** Passes the parts of a box that lie in one tile each to {@code use}, in row-major order. */
  public void split(Box box, Consumer<Box> use) {
    grid().split(box, use);
  }

  /** Returns the decoded bytes of all elements. */
  public long bytes() {
    return Math.multiplyExact(
        pixels(), Math.multiplyExact((long) shape.c(), (long) type().bytes()));
  }

  public long pixels() {
    return storage == Storage.IMAGES
        ? images.stream().mapToLong(image -> Math.multiplyExact(image.y(), image.x())).sum()
        : shape.pixels();
  }

  /** Returns the box of image {@code n}. */
  public Box image(long n) {
    if (storage != Storage.IMAGES) {
      return new Box(n, n + 1, 0, shape.y(), 0, shape.x());
    }
    ImageFile image = images.get(Math.toIntExact(n));
    return new Box(n, n + 1, 0, image.y(), 0, image.x());
  }

  /**
   * Returns the names of the files of a folder, in the order of their images; else an empty list.
   */
  public List<String> imageNames() {
    return images.stream().map(ImageFile::name).toList();
  }

  /** Returns whether all images have the same size, as an array requires. */
  public boolean uniform() {
    return images.stream().allMatch(image -> image.y() == shape.y() && image.x() == shape.x());
  }
}
