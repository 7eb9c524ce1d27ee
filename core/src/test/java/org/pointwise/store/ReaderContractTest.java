package org.pointwise.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.Subset;
import org.pointwise.plan.TileGrid;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.IndexList;
import org.pointwise.tensor.Tile;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Seed;

/** Tests the contract of {@link FeatureSource.Reader#read} for every source. */
class ReaderContractTest {
  private static final FeatureShape SHAPE = new FeatureShape(7, 11, 13, 5);

  private static final Subset WHOLE =
      new Subset(
          IndexList.range(0, SHAPE.n()),
          IndexList.range(0, SHAPE.y()),
          IndexList.range(0, SHAPE.x()),
          IndexList.range(0, SHAPE.c()));

  @TempDir Path folder;

  private final Random random = Seed.random("readers");
  private final Arrays4 array = Arrays4.random(random, SHAPE);

  private Map<String, FeatureSource> sources() throws Exception {
    Map<String, FeatureSource> sources = new LinkedHashMap<>();
    Extent ragged = new Extent(3, 4, 5);
    for (int format : new int[] {2, 3}) {
      for (String axes : new String[] {"n,y,x,c", "c,x,n,y"}) {
        String name = "v%d %s".formatted(format, axes);
        String path = array.zarr(folder + "/" + name, format, axes, ragged, ragged);
        sources.put(name, open(path, null));
      }
    }
    String shards = array.zarr(folder + "/s", 3, "n,c,y,x", ragged, new Extent(6, 8, 10));
    sources.put("v3 sharded", open(shards, null));
    String large =
        array.zarr(folder + "/l", 3, "n,y,x,c", new Extent(9, 20, 20), new Extent(9, 20, 20));
    sources.put("v3 one chunk", open(large, null));
    sources.put("npy folder", open(array.npyFolder(folder + "/f", "c,y,x"), "n,c,y,x"));
    sources.put("npy file", open(array.npyFile(folder + "/n", "a.npy", "y,n,x,c"), "y,n,x,c"));
    for (boolean deflated : new boolean[] {false, true}) {
      String archive = zip(folder + "/n/a.npy", deflated);
      sources.put("npz, deflated " + deflated, open(archive + "#a", "y,n,x,c"));
    }
    return sources;
  }

  private String zip(String file, boolean deflated) throws Exception {
    Path archive = folder.resolve(deflated + ".npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
      byte[] bytes = Files.readAllBytes(Path.of(file));
      ZipEntry entry = new ZipEntry("a.npy");
      if (!deflated) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(crc.getValue());
      }
      zip.putNextEntry(entry);
      zip.write(bytes);
    }
    return archive.toString();
  }

  private static FeatureSource open(String path, String axes) {
    return Formats.open(ByteStores.LOCAL, path, axes == null ? null : Axes.parse(axes), null);
  }

  @Test
  void everyBoxWithinTileHoldsItsPixels() throws Exception {
    for (Map.Entry<String, FeatureSource> source : sources().entrySet()) {
      TileGrid tiles = TileGrid.of(source.getValue().info());
      FeatureSource.Reader reader = source.getValue().reader();
      for (int i = 0; i < 200; i++) {
        Box box = within(tiles.box(random.nextLong(tiles.count())));
        Tile tile = reader.read(box);
        assertThat(tile.box()).as(source.getKey()).isEqualTo(box);
        requireValues(source.getKey(), tile);
      }
    }
  }

  private Box within(Box tileBox) {
    long n = tileBox.n0() + random.nextInt(tileBox.n());
    long y = tileBox.y0() + random.nextInt(tileBox.y());
    long x = tileBox.x0() + random.nextInt(tileBox.x());
    return new Box(
        n,
        n + 1 + random.nextInt((int) (tileBox.n1() - n)),
        y,
        y + 1 + random.nextInt((int) (tileBox.y1() - y)),
        x,
        x + 1 + random.nextInt((int) (tileBox.x1() - x)));
  }

  private void requireValues(String source, Tile tile) {
    requireValues(source, tile, WHOLE);
  }

  /**
   * @param part the part of the array whose coordinates the tile has
   */
  private void requireValues(String source, Tile tile, Subset part) {
    Box box = tile.box();
    int channels = 0;
    for (ChannelBlock block : tile.blocks()) {
      channels += block.channels();
      for (int n = 0; n < box.n(); n++) {
        for (int y = 0; y < box.y(); y++) {
          for (int x = 0; x < box.x(); x++) {
            for (int c = 0; c < block.channels(); c++) {
              int at = block.byteOffset(n, y, x, c);
              assertThat(ElementAccess.floatAt(block.bytes(), at, block.type(), block.order()))
                  .as("%s n %d y %d x %d", source, box.n0() + n, box.y0() + y, box.x0() + x)
                  .isEqualTo(
                      array.at(
                          part.images().get(box.n0() + n),
                          part.rows().get(box.y0() + y),
                          part.columns().get(box.x0() + x),
                          (int) part.channels().get(block.firstChannel() + c)));
            }
          }
        }
      }
    }
    assertThat(channels).isEqualTo((int) part.channels().count());
  }

  @Test
  void everyBoxWithinTileOfPartHoldsItsPixels() throws Exception {
    for (Map.Entry<String, FeatureSource> source : sources().entrySet()) {
      for (int i = 0; i < 40; i++) {
        Subset part =
            new Subset(list(SHAPE.n()), range(SHAPE.y()), range(SHAPE.x()), list(SHAPE.c()));
        FeatureSource read =
            Formats.reopen(ByteStores.LOCAL, Formats.subset(source.getValue(), part).info());
        TileGrid tiles = TileGrid.of(read.info());
        FeatureSource.Reader reader = read.reader();
        long pixels = 0;
        for (long ordinal = 0; ordinal < tiles.count(); ordinal++) {
          pixels += tiles.box(ordinal).pixels();
          Box box = within(tiles.box(ordinal));
          Tile tile = reader.read(box);
          assertThat(tile.box()).as(source.getKey()).isEqualTo(box);
          requireValues(source.getKey() + " " + part, tile, part);
        }
        assertThat(pixels).as("%s %s", source.getKey(), part).isEqualTo(read.info().pixels());
      }
    }
  }

  private IndexList range(long length) {
    long first = random.nextLong(length);
    return IndexList.range(first, first + 1 + random.nextLong(length - first));
  }

  /** A range, or indexes in any order. */
  private IndexList list(long length) {
    if (random.nextBoolean()) {
      return range(length);
    }
    List<Long> indexes = new ArrayList<>(LongStream.range(0, length).boxed().toList());
    Collections.shuffle(indexes, random);
    return IndexList.of(indexes.subList(0, 1 + random.nextInt((int) length)), "a list");
  }

  @Test
  void chunksOfOtherImagesAndChannelsAreNotRead() throws Exception {
    String path =
        array.zarr(folder + "/apart", 3, "n,y,x,c", new Extent(1, 11, 13), new Extent(1, 11, 13));
    rechunk(path, 2);
    Subset part =
        new Subset(
            IndexList.range(2, 4), range(SHAPE.y()), range(SHAPE.x()), IndexList.range(2, 4));
    FeatureSource read = Formats.subset(open(path, null), part);
    assertThat(read.objects(read.info().shape().box()))
        .containsExactly("data/c/2/0/0/1", "data/c/3/0/0/1");
    assertThat(read.info().memory().heap()).isLessThan(open(path, null).info().memory().heap());
    int chunks = 0;
    try (FeatureSource.Reader reader = read.reader()) {
      for (long n = 0; n < 2; n++) {
        chunks += reader.read(read.info().image(n)).chunks();
      }
    }
    assertThat(chunks).isEqualTo(2);
  }

  /** Changes the recorded number of channels in an array's chunks. Its chunks are not rewritten. */
  private static void rechunk(String path, int channels) throws Exception {
    Path metadata = Path.of(path, "zarr.json");
    String text = Files.readString(metadata).replaceAll("\\s", "");
    Files.writeString(
        metadata,
        text.replace("\"chunk_shape\":[1,11,13,5]", "\"chunk_shape\":[1,11,13," + channels + "]"));
    for (int n = 0; n < SHAPE.n(); n++) {
      Path image = Path.of(path, "c", "" + n, "0", "0");
      Files.delete(image.resolve("0"));
    }
  }

  @Test
  void partsOfTileAreDecodedOnce() throws Exception {
    FeatureSource.Reader reader = sources().get("v3 sharded").reader();
    Tile first = reader.read(new Box(0, 1, 0, 4, 0, 5));
    assertThat(first.chunks()).isEqualTo(1);
    assertThat(first.storedBytes()).isPositive();
    for (long n = 1; n < 3; n++) {
      Tile next = reader.read(new Box(n, n + 1, 1, 3, 0, 5));
      assertThat(next.chunks()).isZero();
      assertThat(next.storedBytes()).isZero();
      requireValues("a part", next);
    }
    assertThat(reader.read(new Box(3, 4, 0, 4, 0, 5)).chunks()).isEqualTo(1);
  }

  @Test
  void boxOfSeveralTilesIsRefused() throws Exception {
    for (Map.Entry<String, FeatureSource> source : sources().entrySet()) {
      if (TileGrid.of(source.getValue().info()).count() > 1) {
        FeatureSource.Reader reader = source.getValue().reader();
        assertThatThrownBy(() -> reader.read(SHAPE.box()))
            .as(source.getKey())
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  @Test
  void failedReadDoesNotReturnPreviousTile() throws Exception {
    FeatureSource source = sources().get("v3 n,y,x,c");
    FeatureSource.Reader reader = source.reader();
    reader.read(new Box(0, 3, 0, 4, 0, 5));
    Path second = folder.resolve("v3 n,y,x,c/data/c/0/0/1/0");
    byte[] bytes = Files.readAllBytes(second);
    Files.write(second, new byte[] {1, 2, 3});
    Box box = new Box(0, 3, 0, 4, 5, 10);
    assertThatThrownBy(() -> reader.read(box)).hasMessageContaining("c/0/0/1/0");
    Files.write(second, bytes);
    requireValues("mended", reader.read(box));
  }
}
