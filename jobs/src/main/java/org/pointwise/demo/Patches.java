package org.pointwise.demo;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.format.Companions;
import org.pointwise.format.Compression;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.FeatureSink.StoredObject;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.InputFiles;
import org.pointwise.format.OutputArray;
import org.pointwise.format.OutputDescription;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.OutputFormats;
import org.pointwise.format.OutputTarget;
import org.pointwise.quantise.Quantisation;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Grid;
import org.pointwise.tensor.Tile;

/**
 * Converts pictures to features and back. Each 16×16 patch of RGB is one pixel of 768 channels,
 * channel {@code (row · 16 + column) · 3 + colour}, values in [−1, 1]: the input of the first layer
 * of a vision transformer.
 */
public final class Patches {
  /** Side of a patch, in picture pixels. */
  public static final int SIZE = 16;

  /** Number of channels of a patch. */
  public static final int CHANNELS = SIZE * SIZE * 3;

  private static final Extent CHUNK = new Extent(1, 16, 16);
  private static final Extent SHARD = new Extent(1, 64, 64);

  private Patches() {}

  /**
   * Writes pictures of one size as the array {@code patches} of a group in the standard format.
   *
   * @return decoded and stored size in bytes
   */
  public static long[] write(List<BufferedImage> pictures, String group) throws IOException {
    BufferedImage first = pictures.get(0);
    FeatureShape shape =
        new FeatureShape(
            pictures.size(), first.getHeight() / SIZE, first.getWidth() / SIZE, CHANNELS);
    ByteStore store = ByteStores.LOCAL.open(group);
    OutputFormat format = OutputFormats.standard();
    List<String> dimensions = List.of("image", "y", "x", "channel");
    OutputArray layout = new OutputArray(Axes.parse("n,y,x,c"), dimensions, CHUNK, SHARD, true);
    OutputTarget target =
        new OutputTarget(
            "patches",
            true,
            shape,
            dimensions,
            Quantisation.floating(ElementType.FLOAT32),
            layout,
            new Compression(Compression.Kind.ZSTD, 1),
            InputFiles.NONE);
    format.describe(
        store,
        new OutputDescription(
            List.of(target), List.of(), null, List.of(), Companions.none(), true));
    FeatureSink.Writer writer = format.sink(store, target).writer();
    Grid shards = Grid.over(shape, SHARD);
    long stored = 0;
    for (long i = 0; i < shards.count(); i++) {
      writer.begin(shards.box(i));
      List<Box> chunks = new ArrayList<>();
      shards.box(i).split(CHUNK, chunks::add);
      for (Box chunk : chunks) {
        fill(pictures.get((int) chunk.n0()), chunk, writer.chunk(chunk));
        writer.endChunk();
      }
      stored += writer.end().stream().mapToLong(StoredObject::bytes).sum();
    }
    return new long[] {shape.pixels() * CHANNELS * Float.BYTES, stored};
  }

  private static void fill(BufferedImage picture, Box chunk, ChannelBlock block) {
    for (int y = 0; y < chunk.y(); y++) {
      for (int x = 0; x < chunk.x(); x++) {
        for (int c = 0; c < CHANNELS; c++) {
          int row = (int) (chunk.y0() + y) * SIZE + c / 3 / SIZE;
          int column = (int) (chunk.x0() + x) * SIZE + c / 3 % SIZE;
          int colour = picture.getRGB(column, row) >> (16 - 8 * (c % 3)) & 255;
          ElementAccess.putFloat(
              block.bytes(),
              block.byteOffset(0, y, x, c),
              ElementType.FLOAT32,
              colour / 127.5f - 1);
        }
      }
    }
  }

  /** Reconstructs pictures from a reduced array with a decoder F′ → 768. */
  public static List<BufferedImage> reconstruct(String array, PointwiseLayer decoder)
      throws IOException {
    FeatureSource source = Formats.open(ByteStores.LOCAL, array, null, null);
    FeatureShape shape = source.info().shape();
    List<BufferedImage> pictures = new ArrayList<>();
    for (long n = 0; n < shape.n(); n++) {
      pictures.add(
          new BufferedImage(
              (int) shape.x() * SIZE, (int) shape.y() * SIZE, BufferedImage.TYPE_INT_RGB));
    }
    Grid tiles = Grid.over(shape, source.info().tile());
    float[] reduced = new float[shape.c()];
    try (FeatureSource.Reader reader = source.reader()) {
      for (long i = 0; i < tiles.count(); i++) {
        Tile tile = reader.read(tiles.box(i));
        Box box = tile.box();
        for (long n = box.n0(); n < box.n1(); n++) {
          for (long y = box.y0(); y < box.y1(); y++) {
            for (long x = box.x0(); x < box.x1(); x++) {
              for (ChannelBlock block : tile.blocks()) {
                for (int c = 0; c < block.channels(); c++) {
                  int at = block.byteOffset(n - box.n0(), y - box.y0(), x - box.x0(), c);
                  reduced[block.firstChannel() + c] =
                      ElementAccess.floatAt(block.bytes(), at, block.type(), block.order());
                }
              }
              paint(pictures.get((int) n), (int) y, (int) x, decode(decoder, reduced));
            }
          }
        }
      }
    }
    return pictures;
  }

  private static float[] decode(PointwiseLayer decoder, float[] reduced) {
    float[] patch = decoder.bias().clone();
    for (int i = 0; i < patch.length; i++) {
      for (int o = 0; o < reduced.length; o++) {
        patch[i] += decoder.weight(i, o) * reduced[o];
      }
    }
    return patch;
  }

  private static void paint(BufferedImage picture, int y, int x, float[] patch) {
    for (int p = 0; p < SIZE * SIZE; p++) {
      int rgb = 0;
      for (int colour = 0; colour < 3; colour++) {
        int value = Math.round((patch[p * 3 + colour] + 1) * 127.5f);
        rgb = rgb << 8 | Math.max(0, Math.min(255, value));
      }
      picture.setRGB(x * SIZE + p % SIZE, y * SIZE + p / SIZE, rgb);
    }
  }
}
