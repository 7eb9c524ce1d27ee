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
      Grid grid = Grid.over(shape, tile);
      int[] seen = new int[(int) shape.pixels()];
      for (long ordinal = 0; ordinal < grid.count(); ordinal++) {
        mark(grid.box(ordinal), shape, seen);
      }
      List<Box> split = new ArrayList<>();
      shape.box().split(tile, split::add);
      assertThat(split).hasSize((int) grid.count());
      assertThat(split.get(split.size() - 1)).isEqualTo(grid.box(grid.count() - 1));
      assertThat(seen).as("%s %s seed=%d", shape, tile, Seed.value()).containsOnly(1);
    }
  }

  private static void mark(Box box, FeatureShape shape, int[] seen) {
    for (long n = box.n0(); n < box.n1(); n++) {
      for (long y = box.y0(); y < box.y1(); y++) {
        for (long x = box.x0(); x < box.x1(); x++) {
          seen[(int) ((n * shape.y() + y) * shape.x() + x)]++;
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
        .hasMessage("Cannot order axes n,y,y,c: y stands twice; name each axis once");
    assertThatThrownBy(() -> Axes.parse("n,y,x")).hasMessageContaining("there is no channel axis");
    assertThatThrownBy(() -> Axes.parse("n,q"))
        .hasMessage(
            "Cannot read axes 'n,q': 'q' is not an axis (known: %s); write n, y, x or c, or NAME=c for a dimension of another name"
                .formatted(Axis.knownNames()));
  }
}
