package org.pointwise.parquet;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.store.Bytes;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.PixelMask;
import org.pointwise.tensor.Tile;

/**
 * Reads consecutive rows of files. Null rows are hidden by the mask of a tile; if all are null, the
 * tile is nodata. Their numbers are NaN. Keeps one file open. Confined to one thread.
 */
final class ParquetTiles implements FeatureSource.Reader {
  private static final Axes ORDER = new Axes(List.of(Axis.X, Axis.C));

  private final ParquetSource source;
  private final ArrayInfo info;
  private final Bytes bytes = new Bytes();
  private long image = -1;
  private @Nullable RowReader rows;

  ParquetTiles(ParquetSource source) {
    this.source = source;
    this.info = source.info();
  }

  @Override
  public Tile read(Box box) throws IOException {
    if (box.n() > 1) {
      throw new IllegalArgumentException(
          "Cannot read %s at once: a file holds one image".formatted(box));
    }
    RowReader open = open(box.n0());
    int channels = info.shape().c();
    byte[] numbers =
        bytes.resize(
            Math.toIntExact(Math.multiplyExact((long) box.x() * channels, info.type().bytes())));
    BitSet nulls = new BitSet(box.x());
    long before = open.fetched();
    open.read(box.x0(), box.x(), channels, numbers, nulls);
    long fetched = open.fetched() - before;
    int hidden = nulls.cardinality();
    if (hidden > 0 && !info.axes().has(Axis.C)) {
      throw new InvalidInputException(
          "Cannot read %s: row %d has no number; give every row one"
              .formatted(info.uri(), box.x0() + nulls.nextSetBit(0)));
    }
    if (hidden == box.x()) {
      return new Tile(box, List.of(), fetched);
    }
    int rowBytes = channels * info.type().bytes();
    for (int row = nulls.nextSetBit(0); row >= 0; row = nulls.nextSetBit(row + 1)) {
      for (int at = row * rowBytes; at < (row + 1) * rowBytes; at += info.type().bytes()) {
        ElementAccess.putFloat(numbers, at, info.type(), Float.NaN);
      }
    }
    ChannelBlock block =
        ChannelBlock.of(
            numbers,
            0,
            info.type(),
            ByteOrder.LITTLE_ENDIAN,
            ORDER,
            new long[] {channels, 1},
            0,
            channels);
    Tile tile = new Tile(box, List.of(block), fetched);
    return hidden == 0 ? tile : tile.withMask(new PixelMask(box, nulls));
  }

  private RowReader open(long wanted) throws IOException {
    RowReader open = rows;
    if (open == null || image != wanted) {
      close();
      TableFile file = source.file(wanted);
      if (file.rows() != info.image(wanted).x() || file.column().type() != info.type()) {
        throw new InvalidInputException(
            "Cannot read %s: it changed since the run was planned; run again"
                .formatted(file.uri()));
      }
      open = new RowReader(file);
      rows = open;
      image = wanted;
    }
    return open;
  }

  @Override
  public void close() {
    RowReader open = rows;
    rows = null;
    if (open != null) {
      open.close();
    }
  }
}
