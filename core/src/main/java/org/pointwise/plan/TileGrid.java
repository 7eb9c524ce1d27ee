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
import org.pointwise.tensor.Offset;

/** The tiles in which an input is read, ordered by image, then row, then column. Immutable. */
public final class TileGrid {
  private final @Nullable Grid grid;
  private final List<ImageFile> images; // of a folder
  private final long[] firsts; // first tile of each image of a folder, and the count of tiles
  private final Extent tile;
  private final Offset offset;
  private final long tilesPerImage;

  private TileGrid(@Nullable Grid grid, ArrayInfo input) {
    this.grid = grid;
    this.images = grid == null ? input.images() : List.of();
    this.tile = input.tile();
    this.offset = input.offset();
    this.tilesPerImage = input.grid().down() * input.grid().across();
    this.firsts = new long[grid == null ? images.size() + 1 : 0];
    for (int i = 0; i + 1 < firsts.length; i++) {
      firsts[i + 1] = Math.addExact(firsts[i], tilesOf(i).count());
    }
  }

  /** The tiles of an array, or of the files of a folder. */
  public static TileGrid of(ArrayInfo input) {
    return new TileGrid(input.storage() == Storage.IMAGES ? null : input.grid(), input);
  }

  private Grid tilesOf(int image) {
    ImageFile file = images.get(image);
    return new Grid(1, file.y(), file.x(), tile, new Offset(0, offset.y(), offset.x()));
  }

  public long count() {
    return grid != null ? grid.count() : firsts[firsts.length - 1];
  }

  /** The first tile that holds pixels of image {@code n}, which may be one past the last image. */
  public long firstOf(long n) {
    return grid != null ? (n + offset.n()) / tile.n() * tilesPerImage : firsts[Math.toIntExact(n)];
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
    int position = Arrays.binarySearch(firsts, ordinal);
    int image = position >= 0 ? position : -position - 2;
    Box within = tilesOf(image).box(ordinal - firsts[image]);
    return new Box(image, image + 1L, within.y0(), within.y1(), within.x0(), within.x1());
  }

  /**
   * The number of the part of a tile that lies in image {@code n}, among the parts of all tiles. It
   * does not depend on how many images a tile holds.
   */
  public long part(long ordinal, long n) {
    return grid != null ? n * tilesPerImage + ordinal % tilesPerImage : ordinal;
  }
}
