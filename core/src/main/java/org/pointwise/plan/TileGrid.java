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

/** The tiles in which an input is read, ordered by image, then row, then column. Immutable. */
public final class TileGrid {
  private final @Nullable Grid grid;
  private final List<ImageFile> images; // of a folder
  private final long[] firsts; // first tile of each image of a folder, and the count of tiles
  private final Extent tile;
  private final long tilesPerImage;

  private TileGrid(@Nullable Grid grid, List<ImageFile> images, Extent tile, long perImage) {
    this.grid = grid;
    this.images = images;
    this.tile = tile;
    this.tilesPerImage = perImage;
    this.firsts = new long[grid == null ? images.size() + 1 : 0];
    for (int i = 0; i + 1 < firsts.length; i++) {
      firsts[i + 1] = Math.addExact(firsts[i], rows(i) * columns(i));
    }
  }

  /** The tiles of an array, or of the files of a folder. */
  public static TileGrid of(ArrayInfo input) {
    Extent tile = input.tile();
    long perImage = Grid.ceil(input.shape().y(), tile.y()) * Grid.ceil(input.shape().x(), tile.x());
    return input.storage() == Storage.IMAGES
        ? new TileGrid(null, input.images(), tile, perImage)
        : new TileGrid(Grid.over(input.shape(), tile), List.of(), tile, perImage);
  }

  private long rows(int image) {
    return Grid.ceil(images.get(image).y(), tile.y());
  }

  private long columns(int image) {
    return Grid.ceil(images.get(image).x(), tile.x());
  }

  public long count() {
    return grid != null ? grid.count() : firsts[firsts.length - 1];
  }

  /** The first tile that holds pixels of image {@code n}, which may be one past the last image. */
  public long firstOf(long n) {
    return grid != null ? n / tile.n() * tilesPerImage : firsts[Math.toIntExact(n)];
  }

  /**
   * The number of leading tiles that hold pixels of the first {@code images} images, at least one.
   */
  public long countOf(long images) {
    return grid != null
        ? firstOf(Math.min(images, grid.n()) - 1) + tilesPerImage
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
    long y = within / columns(image) * tile.y();
    long x = within % columns(image) * tile.x();
    return new Box(
        image,
        image + 1L,
        y,
        Math.min(y + tile.y(), file.y()),
        x,
        Math.min(x + tile.x(), file.x()));
  }

  /**
   * The number of the part of a tile that lies in image {@code n}, among the parts of all tiles. It
   * does not depend on how many images a tile holds.
   */
  public long part(long ordinal, long n) {
    return grid != null ? n * tilesPerImage + ordinal % tilesPerImage : ordinal;
  }
}
