package org.pointwise.plan;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.ArrayInfo.ImageFile;
import org.pointwise.format.Storage;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.Grid;

/** The boxes by which an input is read, in the order of images, then rows, then columns. */
public final class Cells {
  private final @Nullable Grid grid;
  private final List<ImageFile> images; // of a folder
  private final long[] firsts; // of each image of a folder, and their end
  private final Extent cell;
  private final long cellsPerImage;

  private Cells(@Nullable Grid grid, List<ImageFile> images, Extent cell, long perImage) {
    this.grid = grid;
    this.images = images;
    this.cell = cell;
    this.cellsPerImage = perImage;
    this.firsts = new long[grid == null ? images.size() + 1 : 0];
    for (int i = 0; i + 1 < firsts.length; i++) {
      firsts[i + 1] = Math.addExact(firsts[i], rows(i) * columns(i));
    }
  }

  /** The cells of an array, or of a folder's files. */
  public static Cells of(ArrayInfo input) {
    Extent cell = input.cell();
    long perImage = Grid.ceil(input.shape().y(), cell.y()) * Grid.ceil(input.shape().x(), cell.x());
    return input.storage() == Storage.IMAGES
        ? new Cells(null, input.images(), cell, perImage)
        : new Cells(Grid.over(input.shape(), cell), List.of(), cell, perImage);
  }

  private long rows(int image) {
    return Grid.ceil(images.get(image).y(), cell.y());
  }

  private long columns(int image) {
    return Grid.ceil(images.get(image).x(), cell.x());
  }

  public long count() {
    return grid != null ? grid.count() : firsts[firsts.length - 1];
  }

  /** The first cell that holds a part of image {@code n}, which may be one past the last. */
  long firstOf(long n) {
    return grid != null ? n / cell.n() * cellsPerImage : firsts[Math.toIntExact(n)];
  }

  /**
   * The cells that hold a part of the first {@code images} images, at least one: the first ones.
   */
  public long countOf(long images) {
    return grid != null
        ? firstOf(Math.min(images, grid.n()) - 1) + cellsPerImage
        : firsts[Math.toIntExact(Math.min(images, firsts.length - 1))];
  }

  public Box box(long ordinal) {
    if (grid != null) {
      return grid.box(ordinal);
    }
    int found = Arrays.binarySearch(firsts, ordinal);
    int image = found >= 0 ? found : -found - 2;
    ImageFile file = images.get(image);
    long within = ordinal - firsts[image];
    long y = within / columns(image) * cell.y();
    long x = within % columns(image) * cell.x();
    return new Box(
        image,
        image + 1L,
        y,
        Math.min(y + cell.y(), file.y()),
        x,
        Math.min(x + cell.x(), file.x()));
  }

  /**
   * The number of the part of a cell that lies in image {@code n}, among the parts of all cells:
   * whether a cell holds one image or several changes nothing.
   */
  public long part(long ordinal, long n) {
    return grid != null ? n * cellsPerImage + ordinal % cellsPerImage : ordinal;
  }
}
