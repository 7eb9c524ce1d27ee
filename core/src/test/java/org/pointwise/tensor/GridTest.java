package org.pointwise.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.testing.Seed;

class GridTest {
  @Test
  void boxesAreDisjointAndCoverShape() {
    Random random = Seed.random("grid");
    for (int round = 0; round < 200; round++) {
      FeatureShape shape =
          new FeatureShape(
              1 + random.nextInt(5), 1 + random.nextInt(30), 1 + random.nextInt(30), 3);
      Extent tile =
          new Extent(1 + random.nextInt(6), 1 + random.nextInt(35), 1 + random.nextInt(35));
      Offset offset =
          new Offset(random.nextInt(tile.n()), random.nextInt(tile.y()), random.nextInt(tile.x()));
      Grid moved = new Grid(shape.n(), shape.y(), shape.x(), tile, offset);
      requireTilesOfMovedGrid(shape, moved);
      Grid grid = Grid.over(shape, tile);
      int[] counts = new int[(int) shape.pixels()];
      for (long ordinal = 0; ordinal < grid.count(); ordinal++) {
        count(grid.box(ordinal), shape, counts);
      }
      List<Box> split = new ArrayList<>();
      shape.box().split(tile, split::add);
      assertThat(split).hasSize((int) grid.count());
      assertThat(split.get(split.size() - 1)).isEqualTo(grid.box(grid.count() - 1));
      assertThat(counts).as("%s %s seed=%d", shape, tile, Seed.value()).containsOnly(1);
    }
  }

  /** A grid with an offset has the boxes of a larger array's grid, cut at the array's edges. */
  private static void requireTilesOfMovedGrid(FeatureShape shape, Grid moved) {
    Offset at = moved.offset();
    Grid larger =
        Grid.over(
            new FeatureShape(shape.n() + at.n(), shape.y() + at.y(), shape.x() + at.x(), 3),
            moved.tile());
    assertThat(moved.count()).isEqualTo(larger.count());
    int[] counts = new int[(int) shape.pixels()];
    for (long ordinal = 0; ordinal < moved.count(); ordinal++) {
      Box box = moved.box(ordinal);
      Box whole = larger.box(ordinal);
      assertThat(box.n1() + at.n()).isEqualTo(whole.n1());
      assertThat(box.y0()).isEqualTo(Math.max(0, whole.y0() - at.y()));
      assertThat(box.x0()).isEqualTo(Math.max(0, whole.x0() - at.x()));
      assertThat(moved.ordinals(box)).containsExactly(ordinal);
      count(box, shape, counts);
    }
    assertThat(counts).containsOnly(1);
    List<Box> parts = new ArrayList<>();
    moved.split(shape.box(), parts::add);
    assertThat(parts).hasSize((int) moved.count());
  }

  private static void count(Box box, FeatureShape shape, int[] counts) {
    for (long n = box.n0(); n < box.n1(); n++) {
      for (long y = box.y0(); y < box.y1(); y++) {
        for (long x = box.x0(); x < box.x1(); x++) {
          counts[(int) ((n * shape.y() + y) * shape.x() + x)]++;
        }
      }
    }
  }

  @Test
  void countsWithoutIntOverflow() {
    FeatureShape petabytes = new FeatureShape(9, 1_859_584, 4_009_984, 64);
    assertThat(petabytes.pixels()).isEqualTo(67_112_118_779_904L);
    assertThat(Grid.over(petabytes, new Extent(1, 256, 256)).count()).isEqualTo(9L * 7264 * 15664);
  }

  @Test
  void axesAreUniqueAndIncludeChannels() {
    assertThat(Axes.parse("image, row,column,band").order())
        .containsExactly(Axis.N, Axis.Y, Axis.X, Axis.C);
    assertThatThrownBy(() -> Axes.parse("n,y,y,c"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("Cannot order axes n,y,y,c: y is given twice; name each axis once");
    assertThatThrownBy(() -> Axes.parse("n,y,x")).hasMessageContaining("there is no channel axis");
    assertThatThrownBy(() -> Axes.parse("n,q"))
        .hasMessage(
            "Cannot read axes 'n,q': 'q' is not an axis; write them with commas, such as n,y,x,c, or NAME=c for a dimension of another name (known: %s)"
                .formatted(Axis.knownNames()));
  }
}
