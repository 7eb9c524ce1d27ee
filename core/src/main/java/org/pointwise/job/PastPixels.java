package org.pointwise.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.ReadOptions;
import org.pointwise.plan.Head;
import org.pointwise.plan.ReducePlan;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.quantise.Nodata;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.Tile;

/**
 * Copies the stored pixels of images whose source is not read, bit by bit. Confined to one thread.
 */
final class PastPixels implements AutoCloseable {
  private final List<FeatureSource> heads = new ArrayList<>();
  private final List<FeatureSource.Reader> readers = new ArrayList<>();

  /**
   * @param stores the output with the objects that hold these images
   */
  PastPixels(ReducePlan plan, ByteStores stores) {
    ReadOptions options =
        new ReadOptions(
            null,
            plan.output().axes(),
            true,
            Nodata.NONE,
            null,
            null,
            MissingChunks.NODATA,
            List.of());
    for (Head head : plan.spec().heads()) {
      FeatureSource source = Formats.open(stores, plan.destination() + "/" + head.name(), options);
      heads.add(source);
      readers.add(source.reader());
    }
  }

  /**
   * Copies the pixels of a box.
   *
   * @param to of each head, from the first pixel of the box
   * @return number of pixels that are nodata because no chunk of any head is stored
   */
  long copy(Box box, List<ChannelBlock> to) throws IOException {
    long[] empty = {Long.MAX_VALUE};
    for (int head = 0; head < readers.size(); head++) {
      FeatureSource.Reader reader = readers.get(head);
      ChannelBlock block = to.get(head);
      long[] missing = {0};
      try {
        heads
            .get(head)
            .info()
            .split(box, part -> missing[0] += copy(reader, part, box, block) ? 0 : part.pixels());
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
      empty[0] = Math.min(empty[0], missing[0]);
    }
    return empty[0];
  }

  /** Copies a part of a box; returns false if it is not stored. */
  private static boolean copy(FeatureSource.Reader reader, Box part, Box box, ChannelBlock block) {
    ChannelBlock to =
        block.startingAt(part.n0() - box.n0(), part.y0() - box.y0(), part.x0() - box.x0());
    Tile tile;
    try {
      tile = reader.read(part);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (int n = 0; n < part.n(); n++) {
      for (int y = 0; y < part.y(); y++) {
        for (int x = 0; x < part.x(); x++) {
          if (tile.nodata()) {
            for (int c = 0; c < to.channels(); c++) {
              ElementAccess.putFloat(to.bytes(), to.byteOffset(n, y, x, c), to.type(), Float.NaN);
            }
          } else {
            tile.blocks().get(0).copyPixel(n, y, x, to);
          }
        }
      }
    }
    return !tile.nodata();
  }

  @Override
  public void close() {
    readers.forEach(FeatureSource.Reader::close);
  }
}
