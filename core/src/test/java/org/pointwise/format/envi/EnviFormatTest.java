package org.pointwise.format.envi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.ReadOptions;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.quantise.Scaling;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.testing.Seed;
import org.pointwise.testing.SharedData;

/** Tests cubes of every element type, interleave and byte order, and a real cube. */
class EnviFormatTest {
  /** Element type codes of the header and their sizes in bytes. */
  private static final Map<Integer, Integer> TYPES =
      Map.of(1, 1, 2, 2, 3, 4, 4, 4, 5, 8, 12, 2, 13, 4, 14, 8, 15, 8);

  private final Random random = Seed.random("envi");

  @TempDir Path folder;

  private static double at(FeatureSource source, Box box, int n, int y, int x, int c)
      throws Exception {
    ChannelBlock block = source.reader().read(box).blocks().get(0);
    return ElementAccess.doubleAt(
        block.bytes(), block.byteOffset(n, y, x, c), block.type(), block.order());
  }

  private static void put(ByteBuffer file, int at, int type, int value) {
    switch (type) {
      case 1 -> file.put(at, (byte) value);
      case 2, 12 -> file.putShort(at, (short) value);
      case 3, 13 -> file.putInt(at, value);
      case 4 -> file.putFloat(at, value);
      case 5 -> file.putDouble(at, value);
      default -> file.putLong(at, value);
    }
  }

  private static int place(String interleave, int[] size, int y, int x, int c) {
    return switch (interleave) {
      case "bsq" -> (c * size[0] + y) * size[1] + x;
      case "bil" -> (y * size[2] + c) * size[1] + x;
      default -> (y * size[1] + x) * size[2] + c;
    };
  }

  @Test
  void readsEveryTypeInterleaveAndByteOrder() throws Exception {
    for (int type : TYPES.keySet()) {
      for (String interleave : List.of("bsq", "bil", "bip")) {
        for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
          check(type, interleave, order);
        }
      }
    }
  }

  private void check(int type, String interleave, ByteOrder order) throws Exception {
    int[] size = {1 + random.nextInt(6), 1 + random.nextInt(6), 1 + random.nextInt(6)};
    int offset = random.nextInt(3) * 7;
    int bytes = TYPES.get(type);
    ByteBuffer file =
        ByteBuffer.allocate(offset + size[0] * size[1] * size[2] * bytes).order(order);
    for (int y = 0; y < size[0]; y++) {
      for (int x = 0; x < size[1]; x++) {
        for (int c = 0; c < size[2]; c++) {
          put(file, offset + bytes * place(interleave, size, y, x, c), type, y * 20 + x * 3 + c);
        }
      }
    }
    String ending = List.of("", ".raw", ".img", "." + interleave).get(random.nextInt(4));
    Files.write(folder.resolve("cube" + ending), file.array());
    Path header =
        Files.writeString(
            folder.resolve("cube.hdr"),
            """
            ENVI
            ; a comment = no field
            Samples = %d
            lines   = %d
            bands = %d
            header offset = %d
            data type = %d
            interleave = %s
            byte order = %d
            band names = { one,
             two = 2 }
            """
                .formatted(
                    size[1],
                    size[0],
                    size[2],
                    offset,
                    type,
                    interleave.toUpperCase(java.util.Locale.ROOT),
                    order == ByteOrder.LITTLE_ENDIAN ? 0 : 1));
    for (String given : List.of("cube.hdr", "cube" + ending)) {
      FeatureSource source =
          Formats.open(ByteStores.LOCAL, folder.resolve(given).toString(), null, null);
      FeatureSource again = Formats.reopen(ByteStores.LOCAL, source.info());
      for (FeatureSource one : List.of(source, again)) {
        int y0 = random.nextInt(size[0]);
        int x0 = random.nextInt(size[1]);
        Box box = new Box(0, 1, y0, size[0], x0, size[1]);
        for (int c = 0; c < size[2]; c++) {
          assertThat(at(one, box, 0, 0, 0, c))
              .as("%s %s %s", type, interleave, order)
              .isEqualTo(y0 * 20 + x0 * 3 + c);
        }
      }
    }
    Files.delete(header);
    Files.delete(folder.resolve("cube" + ending));
  }

  @Test
  void readsRealCube() throws Exception {
    String path = SharedData.string("hyperspectral/corn-kernel-hyperspectral.hdr");
    FeatureSource source = Formats.open(ByteStores.LOCAL, path, null, null);
    assertThat(source.info().axes()).isEqualTo(Axes.parse("y,c,x"));
    assertThat(source.info().shape().c()).isEqualTo(580);
    try (RandomAccessFile raw = new RandomAccessFile(path.replace(".hdr", ".raw"), "r")) {
      for (int i = 0; i < 100; i++) {
        int y = random.nextInt(31);
        int x = random.nextInt(43);
        int c = random.nextInt(580);
        raw.seek(2L * ((y * 580L + c) * 43 + x));
        int value = raw.read() | raw.read() << 8;
        assertThat(at(source, new Box(0, 1, y, y + 1, x, x + 1), 0, 0, 0, c)).isEqualTo(value);
      }
    }
  }

  @Test
  void reportsHeaderErrors() throws Exception {
    refuses("samples = 2\nlines = 2\nbands = 2\ninterleave = bip\n", "it has no 'data type'");
    String good = "samples = 2\nlines = 2\nbands = 2\n";
    refuses(good + "data type = 6\n", "complex numbers are not supported");
    refuses(good + "data type = 1\ninterleave = tiles\n", "needs to be bsq, bil or bip");
    refuses(good + "data type = 1\nfile compression = 1\n", "'file compression' is 1");
    refuses("samples = 0\nlines = 2\nbands = 2\ndata type = 1\n", "a whole number from 1");
    refuses("samples = 9999999999\nlines = 9999999999\nbands = 9\ndata type = 5\n", "overflows");
    refuses(good + "data type = 1\nband names = {a,\n", "is never closed");
    refuses(good + "data type = 4\n", "has 8 bytes but its header bad.hdr needs 32 from byte 0 on");
    refuses(
        good + "data type = 1\nheader offset = 9223372036854775807\n",
        "needs 8 from byte 9223372036854775807 on");
    refuses(good + "data type = 1\nfile type = TIFF\n", "'file type' is TIFF");
    refuses(good + "data type = 1\nmajor frame offsets = {4, 0}\n", "'major frame offsets' is");
    refuses(good + "data type = 1\ndata gain values = {,}\n", "numbers");
    refuses(
        good + "data type = 1\ndata gain values = {2, 2, 2}\n",
        "is 3 numbers but needs to be one, or one for each of the 2 bands");
    String digits = "1".repeat(400_000);
    refuses(good + "data type = 1\ndata ignore value = " + digits, "but needs to be a number");
    Files.write(folder.resolve("bad.img"), new byte[8]);
    refuses(good + "data type = 1\n", "may be in any of bad, bad.img");
    Files.write(folder.resolve("bad.zip"), new byte[8]);
    String archive = folder.resolve("bad.zip").toString();
    assertThatThrownBy(() -> Formats.open(ByteStores.LOCAL, archive, null, null))
        .hasMessageContaining("of no format that is read");
  }

  @Test
  void givenScaleReplacesInvalidHeaderScale() throws Exception {
    Files.write(folder.resolve("cube"), new byte[8]);
    Path header =
        Files.writeString(
            folder.resolve("cube.hdr"),
            "ENVI\nsamples = 2\nlines = 2\nbands = 2\ndata type = 1\ndata gain values = {2, 2, 2}\n");
    ReadOptions given =
        new ReadOptions(
            null,
            null,
            true,
            null,
            new double[] {0.5, 3},
            new double[] {1},
            MissingChunks.FILL,
            List.of());
    FeatureSource source = Formats.open(ByteStores.LOCAL, header.toString(), given);
    assertThat(source.info().quantisation().scaling())
        .isEqualTo(Scaling.of(new double[] {0.5, 3}, new double[] {1}));
    FeatureSource again = Formats.reopen(ByteStores.LOCAL, source.info());
    assertThat(again.info()).isEqualTo(source.info());
  }

  private void refuses(String fields, String message) throws Exception {
    Files.write(folder.resolve("bad"), new byte[8]);
    Path header = Files.writeString(folder.resolve("bad.hdr"), "ENVI\n" + fields);
    assertThatThrownBy(() -> Formats.open(ByteStores.LOCAL, header.toString(), null, null))
        .isInstanceOfAny(InvalidInputException.class, CorruptDataException.class)
        .hasMessageContaining(message);
  }
}
