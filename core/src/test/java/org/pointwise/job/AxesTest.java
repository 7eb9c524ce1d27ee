package org.pointwise.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Reductions;
import org.pointwise.testing.Seed;
import org.pointwise.testing.SharedData;

/** Tests the sources of axes, and the behaviour without them. */
class AxesTest {
  private static final Extent CHUNK = new Extent(1, 4, 4);

  @TempDir Path folder;

  private Arrays4 array(long n) {
    return Arrays4.random(Seed.random("axes"), new FeatureShape(n, 6, 7, 5));
  }

  private void rewrite(String file, String from, String to) throws Exception {
    Path path = folder.resolve(file);
    String text = Files.readString(path);
    assertThat(text).contains(from);
    Files.writeString(path, text.replace(from, to));
  }

  @Test
  void readsDimensionNamesOfZarrV2AndV3() throws Exception {
    Arrays4 array = array(2);
    for (int format = 2; format <= 3; format++) {
      String path = array.zarr(folder + "/named" + format, format, "x,c,n,y", CHUNK, CHUNK);
      FeatureSource source = Reductions.open(path);
      assertThat(source.info().axes()).hasToString("x,c,n,y");
      assertThat(source.info().shape()).isEqualTo(array.shape());
      assertThat(Reductions.read(source)).isEqualTo(array.values());
    }
  }

  @Test
  void readsOmeZarrAxesOfBothVersions() throws Exception {
    Arrays4 array = array(1);
    array.zarr(folder + "/ome4", 2, "c,y,x", CHUNK, CHUNK);
    Files.delete(folder.resolve("ome4/data/.zattrs"));
    String axes =
        "{\"multiscales\":[{\"axes\":[{\"name\":\"stain\",\"type\":\"channel\"},{\"name\":\"y\",\"type\":\"space\"},{\"name\":\"x\",\"type\":\"space\"}],\"datasets\":[{\"path\":\"data\"}]}]}";
    Files.writeString(folder.resolve("ome4/.zattrs"), axes);
    assertThat(Reductions.open(folder + "/ome4/data").info().axes()).hasToString("c,y,x");

    array.zarr(folder + "/ome5", 3, "c,y,x", CHUNK, CHUNK);
    rewrite("ome5/data/zarr.json", "[ \"c\", \"y\", \"x\" ]", "null");
    rewrite("ome5/zarr.json", "\"attributes\" : { }", "\"attributes\" : {\"ome\":" + axes + "}");
    FeatureSource source = Reductions.open(folder + "/ome5/data");
    assertThat(source.info().axes()).hasToString("c,y,x");
    assertThat(Reductions.read(source)).isEqualTo(array.values());
  }

  @Test
  void failsWithoutDimensionNames() throws Exception {
    array(2).zarr(folder + "/bare", 3, "n,y,x,c", CHUNK, CHUNK);
    rewrite("bare/data/zarr.json", "\"dimension_names\" : [ \"n\", \"y\", \"x\", \"c\" ],", "");
    String path = folder + "/bare/data";
    assertThatThrownBy(() -> Reductions.open(path))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "Cannot determine the axes of %s: its shape is [2, 6, 7, 5] and it names no dimensions; name them, for example --axes n,y,x,c"
                .formatted(path));
    FeatureSource named = Formats.open(ByteStores.LOCAL, path, Axes.parse("n,y,x,c"), null);
    assertThat(Reductions.read(named)).isEqualTo(array(2).values());
    String ome = SharedData.string("formats/zarr/zarr_java_testdata/testdata/ome/v0.5/0");
    assertThatThrownBy(() -> Reductions.open(ome))
        .hasMessageContaining(
            "its dimensions are [t, c, z, y, x] and 'z' is none of the known names (n image");
  }

  @Test
  void axesMayBeMissing() throws Exception {
    Arrays4 image = array(1);
    String path = image.npyFile(folder.toString(), "image.npy", "c,y,x");
    FeatureSource source = Formats.open(ByteStores.LOCAL, path, Axes.parse("c,y,x"), null);
    assertThat(Reductions.read(source)).isEqualTo(image.values());
    Arrays4 vectors = Arrays4.random(Seed.random("rows"), new FeatureShape(40, 1, 1, 9));
    Extent rows = new Extent(16, 1, 1);
    FeatureSource table = Reductions.open(vectors.zarr(folder + "/rows", 3, "n,c", rows, rows));
    assertThat(Reductions.read(table)).isEqualTo(vectors.values());
  }

  @Test
  void largeFilesAreReadInPartsInAnyAxisOrder() throws Exception {
    // 48 MiB exceed one read, so that rows, columns or planes are cut along the slowest axis.
    Arrays4 image = Arrays4.random(Seed.random("large"), new FeatureShape(3, 64, 256, 256));
    for (String axes : new String[] {"n,y,x,c", "c,n,y,x", "x,c,y,n"}) {
      String path = image.npyFile(folder.toString(), "large.npy", axes);
      FeatureSource source = Formats.open(ByteStores.LOCAL, path, Axes.parse(axes), null);
      assertThat(source.info().tile()).isNotEqualTo(new Extent(3, 64, 256));
      assertThat(java.util.Arrays.equals(Reductions.read(source), image.values()))
          .as(axes)
          .isTrue();
    }
  }
}
