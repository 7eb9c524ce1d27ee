package org.pointwise.spark.ml;

import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.PixelSample;
import scala.Tuple2;

/**
 * The sample of the rows of a partition, tile by tile. The tiles are those of {@link RowTiles}, and
 * the pixel at (partition, 0, number of the row in the partition) of the sample decides over a row.
 * Rows with a number that is not finite are left out. Confined to one thread.
 *
 * <p>A tile has the number of the partition and its own number as its {@link #key}. Its numbers are
 * its rows' channels, then, if there are labels, their labels.
 */
final class SampledTiles implements Iterator<Tuple2<Long, float[]>> {
  private final FeatureType type;
  private final int part;
  private final PixelSample sample;
  private final UsableRows rows;
  private final boolean labelled;
  private final byte[] bytes;
  private boolean more;
  private int tile;
  private float[] values = new float[0];
  private float[] labels = new float[0]; // exact, as labels have 16 bits
  private int count;

  SampledTiles(FeatureType type, int part, PixelSample sample, UsableRows rows, boolean labelled) {
    this.type = type;
    this.part = part;
    this.sample = sample;
    this.rows = rows;
    this.labelled = labelled;
    this.more = rows.next();
    this.bytes = new byte[rows.channels() * type.elements().bytes()];
  }

  static long key(int part, int tile) {
    return (long) part << 32 | tile;
  }

  /** Returns the partition of a key. */
  static int part(long key) {
    return (int) (key >> 32);
  }

  /** Returns the tile of a key. */
  static int tile(long key) {
    return (int) key;
  }

  @Override
  public boolean hasNext() {
    return more;
  }

  /** Returns the next tile; it may be empty. */
  @Override
  public Tuple2<Long, float[]> next() {
    if (!more) {
      throw new NoSuchElementException();
    }
    count = 0;
    int tilePixels = RowTiles.tilePixels(type, rows.channels());
    for (int p = 0; p < tilePixels && more; p++) {
      if (sample.contains(part, 0, rows.index())) {
        add();
      }
      more = rows.next();
    }
    int channels = rows.channels();
    float[] numbers = Arrays.copyOf(values, count * channels + (labelled ? count : 0));
    if (labelled) {
      System.arraycopy(labels, 0, numbers, count * channels, count);
    }
    return new Tuple2<>(key(part, tile++), numbers);
  }

  /** Adds a row unless one of its numbers is not finite. */
  private void add() {
    int channels = rows.channels();
    if (count == labels.length) {
      int enough = Math.max(1024, 2 * count);
      values = Arrays.copyOf(values, Math.multiplyExact(enough, channels));
      labels = Arrays.copyOf(labels, enough);
    }
    type.copy(rows.value(), bytes, 0);
    ElementType elements = type.elements();
    for (int c = 0; c < channels; c++) {
      float number =
          (float)
              ElementAccess.doubleAt(
                  bytes, c * elements.bytes(), elements, ByteOrder.LITTLE_ENDIAN);
      if (!Float.isFinite(number)) {
        return;
      }
      values[count * channels + c] = number;
    }
    labels[count++] = rows.label();
  }
}
