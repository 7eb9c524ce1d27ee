package org.pointwise.format.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Tile;
import org.pointwise.testing.Seed;

/** Tests files in every order that NumPy writes, and every box that can be read. */
class NpyOrdersTest {
  @TempDir Path folder;

  private final Random random = Seed.random("npy orders");

  /** Returns a number that encodes its position. */
  private static float value(long n, long y, long x, int c) {
    return n * 1000 + y * 100 + x * 10 + c;
  }

  private void write(
      String name, FeatureShape shape, Axes axes, boolean fortran, ByteOrder order, long image)
      throws Exception {
    List<Axis> slowestFirst = new ArrayList<>(axes.order());
    if (fortran) {
      Collections.reverse(slowestFirst);
    }
    int count = Math.toIntExact(shape.pixels() * shape.c());
    ByteBuffer numbers = ByteBuffer.allocate(4 * count).order(order);
    for (int i = 0; i < count; i++) {
      long[] at = new long[Axis.values().length];
      long rest = i;
      for (int d = slowestFirst.size() - 1; d >= 0; d--) {
        Axis axis = slowestFirst.get(d);
        at[axis.ordinal()] = rest % shape.length(axis);
        rest /= shape.length(axis);
      }
      numbers.putFloat(
          value(
              image + at[Axis.N.ordinal()],
              at[Axis.Y.ordinal()],
              at[Axis.X.ordinal()],
              (int) at[Axis.C.ordinal()]));
    }
    String lengths =
        axes.order().stream().map(a -> "" + shape.length(a)).collect(Collectors.joining(", "));
    String text =
        "{'descr': '%sf4', 'fortran_order': %s, 'shape': (%s,), }\n"
            .formatted(
                order.equals(ByteOrder.BIG_ENDIAN) ? ">" : "<",
                fortran ? "True" : "False",
                lengths);
    ByteBuffer file =
        ByteBuffer.allocate(10 + text.length() + 4 * count).order(ByteOrder.LITTLE_ENDIAN);
    file.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    file.putShort((short) text.length()).put(text.getBytes(StandardCharsets.US_ASCII));
    file.put(numbers.array());
    Files.createDirectories(folder.resolve(name).getParent());
    Files.write(folder.resolve(name), file.array());
  }

  private static void check(FeatureSource.Reader reader, Box box, int channels) throws Exception {
    Tile tile = reader.read(box);
    assertThat(tile.box()).isEqualTo(box);
    ChannelBlock block = tile.blocks().get(0);
    for (int n = 0; n < box.n(); n++) {
      for (int y = 0; y < box.y(); y++) {
        for (int x = 0; x < box.x(); x++) {
          for (int c = 0; c < channels; c++) {
            float found =
                ElementAccess.floatAt(
                    block.bytes(), block.byteOffset(n, y, x, c), block.type(), block.order());
            assertThat(found).isEqualTo(value(box.n0() + n, box.y0() + y, box.x0() + x, c));
          }
        }
      }
    }
  }

  private long[] run(long length) {
    long first = random.nextInt((int) length);
    return new long[] {first, first + 1 + random.nextInt((int) (length - first))};
  }

  private Box box(long n, long y, long x) {
    long[] images = run(n);
    long[] rows = run(y);
    long[] columns = run(x);
    return new Box(images[0], images[1], rows[0], rows[1], columns[0], columns[1]);
  }

  @Test
  void readsAnyBoxInAnyMemoryOrder() throws Exception {
    FeatureShape shape = new FeatureShape(3, 4, 5, 6);
    for (String axes : List.of("n,y,x,c", "n,c,y,x", "c,x,n,y")) {
      for (boolean fortran : new boolean[] {false, true}) {
        for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
          write("one.npy", shape, Axes.parse(axes), fortran, order, 0);
          FeatureSource source =
              Formats.open(ByteStores.LOCAL, folder + "/one.npy", Axes.parse(axes), null);
          FeatureSource.Reader reader = source.reader();
          for (int i = 0; i < 50; i++) {
            check(reader, box(3, 4, 5), 6);
          }
          for (Box outside :
              List.of(
                  new Box(2, 4, 0, 1, 0, 1),
                  new Box(0, 1, 4, 5, 0, 1),
                  new Box(0, 1, 0, 4, 4, 6))) {
            assertThatThrownBy(() -> reader.read(outside))
                .isInstanceOf(IllegalArgumentException.class);
          }
        }
      }
    }
  }

  @Test
  void eachFileOfFolderIsReadInItsOwnOrder() throws Exception {
    List<FeatureShape> shapes = new ArrayList<>();
    for (int n = 0; n < 8; n++) {
      FeatureShape shape = new FeatureShape(1, 1 + random.nextInt(6), 1 + random.nextInt(6), 5);
      shapes.add(shape);
      ByteOrder order = (n & 2) == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
      write("mixed/%d.npy".formatted(n), shape, Axes.parse("y,x,c"), (n & 1) != 0, order, n);
    }
    FeatureSource source =
        Formats.open(ByteStores.LOCAL, folder + "/mixed", Axes.parse("y,x,c"), null);
    assertThat(source.info().description()).isEqualTo("folder of 8 npy, C and Fortran order");
    for (FeatureSource each : List.of(source, Formats.reopen(ByteStores.LOCAL, source.info()))) {
      FeatureSource.Reader reader = each.reader();
      for (int i = 0; i < 200; i++) {
        int n = random.nextInt(8);
        Box box = box(1, shapes.get(n).y(), shapes.get(n).x());
        check(reader, new Box(n, n + 1, box.y0(), box.y1(), box.x0(), box.x1()), 5);
      }
    }
  }

  @Test
  void reportsDifferencesBetweenFiles() throws Exception {
    write(
        "c/0.npy",
        new FeatureShape(1, 2, 2, 3),
        Axes.parse("y,x,c"),
        false,
        ByteOrder.LITTLE_ENDIAN,
        0);
    write(
        "c/1.npy",
        new FeatureShape(1, 2, 2, 4),
        Axes.parse("y,x,c"),
        true,
        ByteOrder.LITTLE_ENDIAN,
        0);
    assertThatThrownBy(
            () -> Formats.open(ByteStores.LOCAL, folder + "/c", Axes.parse("y,x,c"), null))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("c/1.npy")
        .hasMessageContaining("of 4 channels but 0.npy is float32 of 3;")
        .hasMessageEndingWith("or use --axes c,x,y or --axes y,c,x");
  }
}
