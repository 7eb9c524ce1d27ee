package org.pointwise.plan;

import java.util.ArrayList;
import java.util.List;
import org.pointwise.tensor.ArrayInfo;
import org.pointwise.tensor.ArrayInfo.ImageFile;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.Grid;

/** The units of work of a plan, by ordinal: which boxes become objects of the output. */
public sealed interface Units permits Units.Shards, Units.Files {
  long count();

  /** The boxes of a unit; each becomes one object for each head. */
  List<Box> boxes(long ordinal);

  /** One shard a unit. */
  record Shards(Grid grid) implements Units {
    @Override
    public long count() {
      return grid.count();
    }

    @Override
    public List<Box> boxes(long ordinal) {
      return List.of(grid.box(ordinal));
    }
  }

  /** A run of files a unit: many small ones, or one large one. */
  final class Files implements Units {
    private final List<Box> files;
    private final int[] starts;

    private Files(List<Box> files, int[] starts) {
      this.files = files;
      this.starts = starts;
    }

    /**
     * @param unitBytes decoded input of a unit to aim at
     */
    static Files of(ArrayInfo input, boolean oneFile, long unitBytes) {
      List<Box> files = oneFile ? List.of(input.shape().box()) : images(input);
      long pixelBytes = (long) input.shape().c() * input.type().bytes();
      List<Integer> starts = new ArrayList<>();
      long filled = 0;
      for (int i = 0; i < files.size(); i++) {
        long bytes = Math.multiplyExact(files.get(i).pixels(), pixelBytes);
        if (i == 0 || filled + bytes > unitBytes) {
          starts.add(i);
          filled = 0;
        }
        filled += bytes;
      }
      return new Files(files, starts.stream().mapToInt(Integer::intValue).toArray());
    }

    private static List<Box> images(ArrayInfo input) {
      List<ImageFile> images = input.images();
      if (images == null) {
        List<Box> boxes = new ArrayList<>();
        input
            .shape()
            .box()
            .split(
                new Extent(
                    1, Math.toIntExact(input.shape().y()), Math.toIntExact(input.shape().x())),
                boxes::add);
        return boxes;
      }
      List<Box> boxes = new ArrayList<>(images.size());
      for (int i = 0; i < images.size(); i++) {
        boxes.add(new Box(i, i + 1L, 0, images.get(i).y(), 0, images.get(i).x()));
      }
      return boxes;
    }

    long mostPixels() {
      return files.stream().mapToLong(Box::pixels).max().orElse(0);
    }

    @Override
    public long count() {
      return starts.length;
    }

    @Override
    public List<Box> boxes(long ordinal) {
      int unit = Math.toIntExact(ordinal);
      int end = unit + 1 < starts.length ? starts[unit + 1] : files.size();
      return files.subList(starts[unit], end);
    }
  }
}
