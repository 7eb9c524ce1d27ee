package org.pointwise.format;

import java.util.ArrayList;
import java.util.List;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.quantise.Quantisation;
import org.pointwise.quantise.Scaling;
import org.pointwise.store.Hashes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.IndexList;
import org.pointwise.tensor.Offset;

/**
 * A part of a feature array: some images, a range of rows, a range of columns and some channels.
 * Images and channels may be in any order. Immutable.
 *
 * @param window whether rows and columns were chosen. If not, they are all rows and columns of the
 *     array, and images of a folder may have fewer
 */
public record Subset(
    IndexList images, IndexList rows, IndexList columns, IndexList channels, boolean window) {
  /**
   * @throws IllegalArgumentException if the rows or the columns are not one range
   */
  public Subset {
    if (!rows.isRange() || !columns.isRange()) {
      throw new IllegalArgumentException("Rows and columns are ranges");
    }
  }

  /** Returns the part with chosen rows and columns. */
  public Subset(IndexList images, IndexList rows, IndexList columns, IndexList channels) {
    this(images, rows, columns, channels, true);
  }

  /** Returns whether this is the whole of an array, and stays so if a folder gains images. */
  boolean isWhole(ArrayInfo whole) {
    FeatureShape shape = whole.shape();
    boolean allPixels =
        !window
            || (whole.storage() != Storage.IMAGES
                && rows.isAll(shape.y())
                && columns.isAll(shape.x()));
    return allPixels && images.isAll(shape.n()) && channels.isAll(shape.c());
  }

  /** Returns these pixels of an array of one number per pixel. */
  Subset ofPixels() {
    return new Subset(images, rows, columns, IndexList.range(0, 1), window);
  }

  /** Returns these rows, columns and channels of an array that has one image. */
  Subset ofOneImage() {
    return new Subset(IndexList.range(0, 1), rows, columns, channels, window);
  }

  /**
   * Returns the description of the part of an array.
   *
   * @param memory the memory of a reader that reads the channels of the part
   * @throws InvalidInputException if an image of a folder does not have the rows and columns
   */
  ArrayInfo of(ArrayInfo whole, ReadMemory memory) {
    Extent tile = whole.tile();
    return new ArrayInfo(
        whole.format(),
        whole.uri(),
        whole.description(),
        whole.axes(),
        whole.dimensionNames(),
        new FeatureShape(
            images.count(),
            window ? rows.count() : imageSize(whole, Axis.Y),
            window ? columns.count() : imageSize(whole, Axis.X),
            Math.toIntExact(channels.count())),
        quantisation(whole.quantisation()),
        whole.missing(),
        new Extent(
            images.isRange() ? length(images, tile.n()) : 1,
            length(rows, tile.y()),
            length(columns, tile.x())),
        (int) Math.min(whole.channelsPerChunk(), channels.count()),
        whole.codecs(),
        whole.storage(),
        imageFiles(whole),
        memory,
        Hashes.sha256(whole.identity() + "\n" + this),
        new ArrayView.Part(whole, this));
  }

  /** Returns the largest height or width of the images of a folder, or that of an array. */
  private long imageSize(ArrayInfo whole, Axis axis) {
    return whole.storage() != Storage.IMAGES
        ? whole.shape().length(axis)
        : images.stream()
            .map(n -> axis == Axis.Y ? whole.image(n).y1() : whole.image(n).x1())
            .max()
            .orElseThrow();
  }

  /**
   * Returns the length of the tiles of this part along one axis; all of it where one tile holds it.
   */
  private static int length(IndexList range, int tile) {
    return offset(range, tile) + range.count() <= tile ? (int) range.count() : tile;
  }

  private static int offset(IndexList range, int tile) {
    return (int) (range.first() % tile);
  }

  /** Returns the position of the first pixel of this part within the first of its tiles. */
  Offset offset(Extent tile) {
    return new Offset(
        images.isRange() ? offsetWithin(images, tile.n()) : 0,
        offsetWithin(rows, tile.y()),
        offsetWithin(columns, tile.x()));
  }

  private static int offsetWithin(IndexList range, int tile) {
    return length(range, tile) < tile ? 0 : offset(range, tile);
  }

  private Quantisation quantisation(Quantisation whole) {
    Scaling scaling = whole.scaling();
    return scaling.isPerChannel()
        ? new Quantisation(
            whole.type(),
            Scaling.of(
                channels.stream().mapToDouble(c -> scaling.scale((int) c)).toArray(),
                channels.stream().mapToDouble(c -> scaling.offset((int) c)).toArray()),
            whole.nodata())
        : whole;
  }

  private List<ArrayInfo.ImageFile> imageFiles(ArrayInfo whole) {
    List<ArrayInfo.ImageFile> files = new ArrayList<>();
    if (whole.storage() == Storage.IMAGES) {
      for (long i = 0; i < images.count(); i++) {
        ArrayInfo.ImageFile image = whole.images().get(Math.toIntExact(images.get(i)));
        if (window
            && (rows.first() + rows.count() > image.y()
                || columns.first() + columns.count() > image.x())) {
          throw new InvalidInputException(
              "Cannot read rows %s and columns %s of %s/%s: it has %d rows and %d columns; choose a --bbox within all images, or leave images out with --images"
                  .formatted(rows, columns, whole.uri(), image.name(), image.y(), image.x()));
        }
        files.add(
            window ? new ArrayInfo.ImageFile(image.name(), rows.count(), columns.count()) : image);
      }
    }
    return files;
  }

  /** Returns the boxes of the whole array that hold the pixels of a box of this part. */
  List<Box> boxes(Box part) {
    if (images.isRange()) {
      return List.of(box(part, images.first() + part.n0()));
    }
    List<Box> boxes = new ArrayList<>();
    for (long n = part.n0(); n < part.n1(); n++) {
      boxes.add(box(new Box(n, n + 1, part.y0(), part.y1(), part.x0(), part.x1()), images.get(n)));
    }
    return boxes;
  }

  private Box box(Box part, long firstImage) {
    return new Box(
        firstImage,
        firstImage + part.n(),
        rows.first() + part.y0(),
        rows.first() + part.y1(),
        columns.first() + part.x0(),
        columns.first() + part.x1());
  }

  /** Returns the indexes along the axes on which some were chosen. */
  String describe(FeatureShape shape) {
    List<String> parts = new ArrayList<>();
    if (!images.isAll(shape.n())) {
      parts.add("images " + images);
    }
    if (window) {
      parts.add("rows %s columns %s".formatted(rows, columns));
    }
    if (!channels.isAll(shape.c())) {
      parts.add("channels " + channels);
    }
    return String.join(" ", parts);
  }

  /** Returns the text form, such as {@code images 0:100 rows 0:64 columns 0:64 channels 0:3,7}. */
  @Override
  public String toString() {
    return "images %s rows %s columns %s channels %s".formatted(images, rows, columns, channels);
  }
}
