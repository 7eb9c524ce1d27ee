package org.pointwise.demo;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Finds small parts of pictures that show how reconstructions differ. */
public final class Details {
  /** Rows and columns of a detail, in patches. */
  private static final int PATCHES = 15;

  private Details() {}

  /**
   * Returns a detail of each of the first pictures, in all columns: where the second column differs
   * most from the first.
   *
   * @param columns lists of as many pictures, all of one size
   */
  public static List<List<BufferedImage>> of(List<List<BufferedImage>> columns, int pictures) {
    List<List<BufferedImage>> details = new ArrayList<>();
    columns.forEach(column -> details.add(new ArrayList<>()));
    for (int i = 0; i < Math.min(pictures, columns.get(0).size()); i++) {
      BufferedImage original = columns.get(0).get(i);
      int width = Math.min(PATCHES, original.getWidth() / Patches.SIZE);
      int height = Math.min(PATCHES, original.getHeight() / Patches.SIZE);
      int[] corner = mostDifferent(original, columns.get(1).get(i), width, height);
      for (int column = 0; column < columns.size(); column++) {
        details
            .get(column)
            .add(
                columns
                    .get(column)
                    .get(i)
                    .getSubimage(
                        corner[0] * Patches.SIZE,
                        corner[1] * Patches.SIZE,
                        width * Patches.SIZE,
                        height * Patches.SIZE));
      }
    }
    return details;
  }

  /** Returns column and row, in patches, of the first corner of the part that differs most. */
  private static int[] mostDifferent(BufferedImage a, BufferedImage b, int width, int height) {
    int columns = a.getWidth() / Patches.SIZE;
    int rows = a.getHeight() / Patches.SIZE;
    long[] differences = new long[columns * rows];
    Arrays.setAll(differences, patch -> difference(a, b, patch % columns, patch / columns));
    int[] corner = new int[2];
    long most = -1;
    for (int y = 0; y + height <= rows; y++) {
      for (int x = 0; x + width <= columns; x++) {
        long difference = 0;
        for (int i = 0; i < width * height; i++) {
          difference += differences[(y + i / width) * columns + x + i % width];
        }
        if (difference > most) {
          most = difference;
          corner = new int[] {x, y};
        }
      }
    }
    return corner;
  }

  private static long difference(BufferedImage a, BufferedImage b, int column, int row) {
    long squares = 0;
    for (int i = 0; i < Patches.SIZE * Patches.SIZE; i++) {
      int x = column * Patches.SIZE + i % Patches.SIZE;
      int y = row * Patches.SIZE + i / Patches.SIZE;
      int green = (a.getRGB(x, y) >> 8 & 255) - (b.getRGB(x, y) >> 8 & 255);
      squares += (long) green * green;
    }
    return squares;
  }
}
