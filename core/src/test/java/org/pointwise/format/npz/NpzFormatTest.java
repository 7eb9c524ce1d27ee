package org.pointwise.format.npz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.errors.PointwiseException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Bytes;
import org.pointwise.store.npy.NpyHeader;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Tile;
import org.pointwise.testing.Seed;
import org.pointwise.testing.SharedData;

/** Tests archives written by {@code java.util.zip}, intact and damaged. */
class NpzFormatTest {
  private static final Axes AXES = Axes.parse("y,x,c");
  private static final int Y = 40;
  private static final int X = 30;
  private static final int C = 7;

  @TempDir Path folder;

  private final Random random = Seed.random("npz");

  private static byte[] member() {
    byte[] header = NpyHeader.encode(ElementType.UINT8, new long[] {Y, X, C});
    byte[] file = Arrays.copyOf(header, header.length + Y * X * C);
    for (int i = 0; i < Y * X * C; i++) {
      file[header.length + i] = (byte) (i % 251);
    }
    return file;
  }

  private static byte[] archive(boolean deflated, String... names) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (String name : names) {
        byte[] file = name.endsWith(".npy") ? member() : "no array".getBytes("US-ASCII");
        ZipEntry entry = new ZipEntry(name);
        if (!deflated) {
          CRC32 crc = new CRC32();
          crc.update(file);
          entry.setMethod(ZipEntry.STORED);
          entry.setSize(file.length);
          entry.setCrc(crc.getValue());
        }
        zip.putNextEntry(entry);
        zip.write(file);
        zip.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  private String write(byte[] bytes) throws Exception {
    return Files.write(folder.resolve("a.npz"), bytes).toString();
  }

  private static FeatureSource open(String uri) {
    return Formats.open(ByteStores.LOCAL, uri, AXES, null);
  }

  private static void requireValues(FeatureSource source, Box box) throws Exception {
    Tile tile = source.reader().read(box);
    for (long y = box.y0(); y < box.y1(); y++) {
      for (long x = box.x0(); x < box.x1(); x++) {
        for (int c = 0; c < C; c++) {
          int at = tile.blocks().get(0).byteOffset(0, y - box.y0(), x - box.x0(), c);
          assertThat(tile.blocks().get(0).bytes()[at])
              .isEqualTo((byte) (((y * X + x) * C + c) % 251));
        }
      }
    }
  }

  @Test
  void readsAnyBoxInAnyOrder() throws Exception {
    for (boolean deflated : new boolean[] {false, true}) {
      String uri = write(archive(deflated, "notes.txt", "first.npy", "b.npy"));
      for (String name : new String[] {"#b", "#b.npy", "#first"}) {
        FeatureSource source = open(uri + name);
        assertThat(source.info().codecs()).isEqualTo(deflated ? "deflate" : "none");
        FeatureSource again = Formats.reopen(ByteStores.LOCAL, source.info());
        for (int i = 0; i < 20; i++) {
          int y = random.nextInt(Y);
          int x = random.nextInt(X);
          Box box =
              new Box(0, 1, y, y + 1 + random.nextInt(Y - y), x, x + 1 + random.nextInt(X - x));
          requireValues(i % 2 == 0 ? source : again, box);
        }
      }
    }
  }

  /** Archives written by two versions of NumPy; pickled members are never opened. */
  @Test
  void readsRealArchives() throws Exception {
    for (String version : new String[] {"1.24.2", "2.4.6"}) {
      String generated = SharedData.string("formats/npy/numpy_" + version + "_generated");
      Box box = new Box(0, 2, 0, 3, 0, 4);
      byte[][] read = new byte[2][];
      for (int i = 0; i < 2; i++) {
        String uri = generated + (i == 0 ? "/stored" : "/deflated") + ".npz#features";
        FeatureSource source = Formats.open(ByteStores.LOCAL, uri, Axes.parse("n,y,x,c"), null);
        read[i] = source.reader().read(box).blocks().get(0).bytes();
        read[i] = Arrays.copyOf(read[i], 2 * 3 * 4 * 5 * Float.BYTES);
      }
      assertThat(read[0]).isEqualTo(read[1]);
      assertThat(read[0]).isNotEqualTo(new byte[read[0].length]);
    }
    for (String python : new String[] {"py2", "py3"}) {
      String uri = SharedData.string("formats/npy/numpy_upstream/" + python + "-objarr.npz");
      assertThatThrownBy(() -> open(uri)).hasMessageContaining("pickled objects");
    }
  }

  @Test
  void missingArrayIsReported() throws Exception {
    String uri = write(archive(true, "a.npy", "b.npy", "c.txt"));
    assertThatThrownBy(() -> open(uri))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("it holds a, b; name one, for example " + uri + "#a");
    assertThatThrownBy(() -> open(uri + "#c"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("it holds no array 'c' but a, b");
    write(archive(false, "c.txt"));
    assertThatThrownBy(() -> open(uri)).hasMessageContaining("it holds no arrays");
    Files.delete(Path.of(uri));
    assertThatThrownBy(() -> open(uri + "#a")).hasMessageContaining("there is no such file");
    write(archive(false, "only.npy"));
    requireValues(open(uri), new Box(0, 1, 0, Y, 0, X));
  }

  /** A damaged array returns no data, whichever part is read. */
  @Test
  void checksumIsVerifiedBeforeAnyDataIsReturned() throws Exception {
    for (boolean deflated : new boolean[] {false, true}) {
      byte[] bytes = archive(deflated, "a.npy");
      ByteBuffer directory = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      int at = directory.getInt(bytes.length - 6); // the end record's offset of the directory
      directory.putInt(at + 16, directory.getInt(at + 16) ^ 1); // the member's CRC-32
      FeatureSource source = open(write(bytes));
      assertThatThrownBy(() -> source.reader().read(new Box(0, 1, 0, 1, 0, 1)))
          .isInstanceOf(CorruptDataException.class)
          .hasMessageContaining("its checksum is wrong");
    }
  }

  @Test
  void namesMayContainHashSignOrFolders() throws Exception {
    String uri = write(archive(true, "dir/sub.npy", "b.c#d.npy"));
    for (String name : new String[] {"#dir/sub", "#b.c#d"}) {
      FeatureSource source = open(uri + name);
      assertThat(source.info().uri()).isEqualTo(uri + name);
      Box all = new Box(0, 1, 0, Y, 0, X);
      requireValues(Formats.reopen(ByteStores.LOCAL, source.info()), all);
    }
    Path moved = Files.move(Path.of(uri), folder.resolve("run.v1#2.npz"));
    requireValues(open(moved + "#dir/sub"), new Box(0, 1, 0, 1, 0, 1));
  }

  /** NumPy does the same. */
  @Test
  void lastOfDuplicateNamesIsRead() throws Exception {
    byte[] bytes = archive(false, "a.npy", "b.npy");
    for (int i = 0; i + 5 <= bytes.length; i++) { // renames b.npy to a.npy in both its headers
      if (new String(bytes, i, 5, "ISO-8859-1").equals("b.npy")) {
        bytes[i] = 'a';
      }
    }
    int first = new String(bytes, "ISO-8859-1").indexOf("a.npy") + 5;
    bytes[first + 200] ^= 1; // damages only the first
    requireValues(open(write(bytes) + "#a"), new Box(0, 1, 0, Y, 0, X));
  }

  /** Part of the requested data may have been inflated before a store fails. */
  @Test
  void failedReadIsRetriedFromCorrectPosition() throws Exception {
    byte[] noise = new byte[1 << 20]; // larger than several windows, even when compressed
    random.nextBytes(noise);
    try (ZipOutputStream zip =
        new ZipOutputStream(Files.newOutputStream(folder.resolve("a.npz")))) {
      zip.putNextEntry(new ZipEntry("a.npy"));
      zip.write(noise);
    }
    ByteStore store = ByteStores.LOCAL.open(folder.toString());
    int[] readsLeft = {Integer.MAX_VALUE};
    ByteStore failing =
        (ByteStore)
            Proxy.newProxyInstance(
                ByteStore.class.getClassLoader(),
                new Class<?>[] {ByteStore.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("read") && readsLeft[0]-- == 0) {
                    throw new IOException("the connection is lost");
                  }
                  return method.invoke(store, arguments);
                });
    MemberBytes bytes = new MemberBytes(failing, ZipMember.find(failing, "a.npz", "a"));
    Bytes into = new Bytes();
    readsLeft[0] = 2;
    assertThatThrownBy(() -> bytes.read("a", 10, noise.length - 10, into))
        .hasMessage("the connection is lost");
    assertThat(bytes.read("a", 100, 50, into)).isTrue();
    assertThat(into.toArray()).isEqualTo(Arrays.copyOfRange(noise, 100, 150));
  }

  @Test
  void alteredDirectoryNameReturnsNoOtherArray() throws Exception {
    byte[] bytes = archive(false, "a.npy", "b.npy");
    byte[] name = "b.npy".getBytes(StandardCharsets.US_ASCII);
    int at = bytes.length;
    do {
      at--;
    } while (!Arrays.equals(Arrays.copyOfRange(bytes, at, at + name.length), name));
    bytes[at] = 'a';
    String uri = write(bytes);
    assertThatThrownBy(() -> open(uri + "#a"))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining("name it otherwise");
  }

  @Test
  void truncatedOrAlteredArchivesAreReadRightOrRefused() throws Exception {
    for (boolean deflated : new boolean[] {false, true}) {
      byte[] whole = archive(deflated, "a.npy", "b.npy");
      for (int i = 0; i < 300; i++) {
        byte[] bytes =
            Arrays.copyOf(whole, i % 2 == 0 ? random.nextInt(whole.length) : whole.length);
        if (i % 2 == 1) {
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
        }
        String uri = write(bytes);
        try {
          FeatureSource source = open(uri + "#a");
          Tile tile = source.reader().read(source.info().shape().box()); // may have a wrong header
          assertThat(i % 2).as("an archive that is cut off").isOne();
          requireValues(open(uri + "#a"), new Box(0, 1, 0, Y, 0, X));
          assertThat(tile.storedBytes()).isPositive();
        } catch (PointwiseException e) {
          assertThat(e).isInstanceOfAny(CorruptDataException.class, InvalidInputException.class);
        }
      }
    }
  }
}
