package org.pointwise.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Storage;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Grid;

/** The units of work of a plan, by ordinal, with the boxes that become objects of the output. */
public sealed interface Units permits Units.Shards, Units.Files {
  long count();

  /** The number of boxes of all units. */
  long boxes();

  /**
   * The boxes of a unit, in groups that share input tiles, so that each tile is read once for all
   * boxes of its group. Each box becomes one object for each head.
   */
  List<List<Box>> groups(long ordinal);

  /** The units that hold pixels of {@code box}, which lies within the input, in ascending order. */
  LongStream holding(Box box);

  /** The units of an output that has one file for each file, or each image, of its input. */
  static Units files(ArrayInfo input) {
    // A constant size, so that units stay the same while the input grows.
    return Files.of(input, oneFile(input), ReduceLayout.MIN_UNIT_INPUT);
  }

  /** Whether such an output is a single file. */
  static boolean oneFile(ArrayInfo input) {
    return input.storage() == Storage.FILE;
  }

  /** Units of one shard each. */
  record Shards(Grid grid) implements Units {
    @Override
    public long count() {
      return grid.count();
    }

    @Override
    public long boxes() {
      return grid.count();
    }

    @Override
    public List<List<Box>> groups(long ordinal) {
      return List.of(List.of(grid.box(ordinal)));
    }

    @Override
    public LongStream holding(Box box) {
      return grid.ordinals(box);
    }
  }

  /** Units of consecutive files each: many small files, or one large file. */
  final class Files implements Units {
    private final List<List<Box>> groups;
    private final int[] starts;

    private Files(List<List<Box>> groups, int[] starts) {
      this.groups = groups;
      this.starts = starts;
    }

    /**
     * Divides the files of an input into units.
     *
     * @param unitBytes desired decoded input bytes of a unit
     */
    static Files of(ArrayInfo input, boolean oneFile, long unitBytes) {
      List<Box> files = oneFile ? List.of(input.shape().box()) : images(input);
      List<List<Box>> groups = grouped(files, oneFile ? 1 : input.tile().n(), input.offset().n());
      long pixelBytes = (long) input.shape().c() * input.type().bytes();
      List<Integer> starts = new ArrayList<>();
      long filled = 0;
      for (int i = 0; i < groups.size(); i++) {
        long pixels = groups.get(i).stream().mapToLong(Box::pixels).sum();
        long bytes = Math.multiplyExact(pixels, pixelBytes);
        if (i == 0 || filled + bytes > unitBytes) {
          starts.add(i);
          filled = 0;
        }
        filled += bytes;
      }
      return new Files(groups, starts.stream().mapToInt(Integer::intValue).toArray());
    }

    /**
     * Groups files whose images lie in the same tiles.
     *
     * @param images the number of images in a tile
     * @param offset the position of the first image in its tile
     */
    private static List<List<Box>> grouped(List<Box> files, int images, int offset) {
      List<List<Box>> groups = new ArrayList<>();
      for (int first = 0; first < files.size(); ) {
        int end = Math.min(files.size(), first + images - (first + offset) % images);
        groups.add(files.subList(first, end));
        first = end;
      }
      return groups;
    }

    private static List<Box> images(ArrayInfo input) {
      List<Box> boxes = new ArrayList<>();
      for (long n = 0; n < input.shape().n(); n++) {
        boxes.add(input.image(n));
      }
      return boxes;
    }

    @Override
    public long count() {
      return starts.length;
    }

    @Override
    public long boxes() {
      return groups.stream().mapToLong(List::size).sum();
    }

    @Override
    public List<List<Box>> groups(long ordinal) {
      int unit = Math.toIntExact(ordinal);
      int end = unit + 1 < starts.length ? starts[unit + 1] : groups.size();
      return groups.subList(starts[unit], end);
    }

    @Override
    public LongStream holding(Box box) {
      return LongStream.rangeClosed(unitOf(box.n0()), unitOf(box.n1() - 1));
    }

    /** The last unit that begins at or before an image. */
    private int unitOf(long image) {
      int low = 0;
      for (int high = starts.length - 1; low < high; ) {
        int middle = (low + high + 1) >>> 1;
        if (groups.get(starts[middle]).get(0).n0() <= image) {
          low = middle;
        } else {
          high = middle - 1;
        }
      }
      return low;
    }
  }
}
