package org.pointwise.format.mat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.errors.PointwiseException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Tile;
import org.pointwise.testing.Seed;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.types.MatFile;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Sinks;

/** Tests refusals and the effects of damage. The differential test reads SciPy's files. */
class MatFormatTest {
  private static final int[] SIZE = {20, 15, 6};

  @TempDir Path folder;

  private final Random random = Seed.random("mat");

  private static byte[] file(boolean deflated, MatFile content) throws Exception {
    ByteBuffer bytes =
        ByteBuffer.allocate(1 << 20).order(ByteOrder.nativeOrder()); // recorded in the file
    Mat5.newWriter(Sinks.wrap(bytes))
        .setDeflateLevel(deflated ? Deflater.DEFAULT_COMPRESSION : Deflater.NO_COMPRESSION)
        .writeMat(content);
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  private static Matrix cube() {
    Matrix cube = Mat5.newMatrix(SIZE, MatlabType.Int16);
    for (int i = 0; i < cube.getNumElements(); i++) {
      cube.setShort(i, (short) (i * 7 - 5000));
    }
    return cube;
  }

  private static MatFile scene() {
    return Mat5.newMatFile()
        .addArray("about", Mat5.newString("a scene"))
        .addArray("scene", cube())
        .addArray("scene_gt", Mat5.newMatrix(20, 15));
  }

  private String write(byte[] bytes) throws Exception {
    return Files.write(folder.resolve("a.mat"), bytes).toString();
  }

  private static FeatureSource open(String uri) {
    return Formats.open(ByteStores.LOCAL, uri, Axes.parse("y,x,c"), null);
  }

  private static void requireValues(FeatureSource source, Box box) throws Exception {
    Tile tile = source.reader().read(box);
    for (long y = box.y0(); y < box.y1(); y++) {
      for (long x = box.x0(); x < box.x1(); x++) {
        for (int c = 0; c < SIZE[2]; c++) {
          int at = tile.blocks().get(0).byteOffset(0, y - box.y0(), x - box.x0(), c);
          short value =
              ByteBuffer.wrap(tile.blocks().get(0).bytes())
                  .order(tile.blocks().get(0).order())
                  .getShort(at);
          assertThat(value)
              .isEqualTo((short) ((y + SIZE[0] * (x + SIZE[1] * (long) c)) * 7 - 5000));
        }
      }
    }
  }

  @Test
  void opensOnlyArrayOrNamedArray() throws Exception {
    String uri = write(file(true, scene()));
    requireValues(open(uri), new Box(0, 1, 0, 20, 0, 15));
    FeatureSource source = open(uri + "#scene");
    FeatureSource again = Formats.reopen(ByteStores.LOCAL, source.info());
    requireValues(again, new Box(0, 1, 3, 17, 2, 9));
    FeatureSource labels =
        Formats.openLabels(ByteStores.LOCAL, uri + "#scene_gt", null, source.info());
    assertThat(labels.info().uri()).endsWith("a.mat#scene_gt");
    assertThatThrownBy(() -> open(uri + "#about"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(
            uri + "#about: it is of class char, not an array of real numbers; save it as one");
    assertThatThrownBy(() -> open(uri + "#nothing"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(
            "it holds no array of real numbers 'nothing' but scene (20×15×6), scene_gt (20×15)");
    write(file(false, scene().addArray("other", cube())));
    assertThatThrownBy(() -> open(uri)).hasMessageContaining("name one, for example " + uri + "#");
  }

  @Test
  void trailingSingletonDimensionsMayBeMissing() throws Exception {
    String uri = write(file(false, scene()));
    assertThat(open(uri + "#scene_gt").info().shape().c()).isEqualTo(1);
  }

  @Test
  void unsupportedLevelsAreRefusedByName() throws Exception {
    byte[] whole = file(false, scene());
    System.arraycopy("MATLAB 7.3".getBytes(StandardCharsets.US_ASCII), 0, whole, 0, 10);
    String uri = write(whole);
    assertThatThrownBy(() -> open(uri))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("level 7.3, which is HDF5; save it with -v7");
    write("no such file".getBytes(StandardCharsets.US_ASCII));
    assertThatThrownBy(() -> open(uri)).isInstanceOf(CorruptDataException.class);
  }

  @Test
  void headerLargerThanFileAllocatesNoMemory() throws Exception {
    byte[] bytes = file(false, Mat5.newMatFile().addArray("scene", cube()));
    ByteBuffer numbers = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 128; at < bytes.length - 12; at++) {
      if (numbers.getInt(at) == 20 && numbers.getInt(at + 4) == 15 && numbers.getInt(at + 8) == 6) {
        numbers.putInt(at, 1 << 20).putInt(at + 4, 1 << 5).putInt(at + 8, 1 << 4);
      }
    }
    String uri = write(bytes);
    assertThatThrownBy(() -> open(uri))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining("cannot hold");
  }

  @Test
  void truncatedOrAlteredFilesAreReadOrRefused() throws Exception {
    for (boolean deflated : new boolean[] {false, true}) {
      byte[] whole = file(deflated, scene());
      for (int i = 0; i < 300; i++) {
        boolean cut = i % 2 == 0;
        byte[] bytes = Arrays.copyOf(whole, cut ? random.nextInt(whole.length) : whole.length);
        if (!cut) {
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
        }
        String uri = write(bytes);
        try {
          open(uri + "#scene").reader().read(new Box(0, 1, 0, 20, 0, 15));
        } catch (PointwiseException e) {
          assertThat(e).isInstanceOfAny(CorruptDataException.class, InvalidInputException.class);
        }
      }
    }
  }
}
