package org.pointwise.spark.sql;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PixelDecoder;
import org.pointwise.spark.sql.SourceOptions.NodataRows;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Tile;

/**
 * Reads the tiles of a partition, one row for each image of a tile. The channels of nodata pixels
 * are NaN; a tile without another pixel is left out, or null.
 *
 * <p>Spark may read in one thread and close in another.
 */
final class TileRows implements PartitionReader<InternalRow> {
  private final BoxReader boxes;
  private final List<String> columns;
  private final boolean tensors;
  private final NodataRows nodata;
  private final GenericInternalRow row;
  private long remaining;
  private @Nullable Box box;
  private @Nullable PixelDecoder decoder;
  private boolean closed;

  TileRows(ScanReaders scan, BoxReader boxes) {
    this.boxes = boxes;
    this.columns = List.of(scan.columns().fieldNames());
    this.tensors = columns.contains(OpenedArray.TENSOR);
    this.nodata = scan.nodata();
    this.row = new GenericInternalRow(columns.size());
    this.remaining = scan.limit();
  }

  @Override
  public synchronized boolean next() throws IOException {
    while (!closed && remaining > 0) {
      Box image = nextImage();
      if (image == null) {
        break;
      }
      byte[] tensor = boxes.reads() ? tensor(image) : null;
      if (tensor != null || !boxes.reads() || nodata == NodataRows.KEEP) {
        fill(image, tensor);
        remaining--;
        return true;
      }
    }
    close();
    return false;
  }

  /** Returns the part of the next box in its next image; null after the last one. */
  private @Nullable Box nextImage() {
    Box all = box == null ? boxes.next() : box;
    if (all == null) {
      return null;
    }
    long next = all.n0() + 1;
    box = next == all.n1() ? null : new Box(next, all.n1(), all.y0(), all.y1(), all.x0(), all.x1());
    return new Box(all.n0(), next, all.y0(), all.y1(), all.x0(), all.x1());
  }

  /** Reads the features of an image's tile; empty if they are not needed; null if all is nodata. */
  private byte @Nullable [] tensor(Box image) throws IOException {
    int line = boxes.info().shape().c() * Float.BYTES;
    Tile tile = boxes.read(image);
    PixelDecoder pixels = decoder;
    if (pixels == null) {
      pixels = PixelDecoder.of(tile, boxes.info().quantisation(), boxes.info().shape().c());
      decoder = pixels;
    } else {
      pixels.start(tile);
    }
    byte[] tensor = new byte[tensors ? Math.toIntExact(image.pixels() * line) : 0];
    boolean data = false;
    for (int count = pixels.next(); count > 0; count = pixels.next()) {
      for (int p = 0; p < count; p++) {
        data |= !pixels.isNodata(p);
        if (tensors) {
          int at = (int) (pixels.first() + p) * line;
          if (pixels.isNodata(p)) {
            fillNan(tensor, at, line);
          } else {
            System.arraycopy(pixels.features(), p * pixels.pitch(), tensor, at, line);
          }
        }
      }
    }
    return data ? tensor : null;
  }

  private static void fillNan(byte[] tensor, int at, int length) {
    ByteBuffer pixel = ByteBuffer.wrap(tensor, at, length).order(ByteOrder.LITTLE_ENDIAN);
    while (pixel.hasRemaining()) {
      pixel.putFloat(Float.NaN);
    }
  }

  private void fill(Box image, byte @Nullable [] tensor) {
    for (int i = 0; i < columns.size(); i++) {
      row.update(
          i,
          switch (columns.get(i)) {
            case "n" -> image.n0();
            case "y" -> image.y0();
            case "x" -> image.x0();
            case "height" -> image.y();
            case "width" -> image.x();
            case "channels" -> boxes.info().shape().c();
            default -> tensor;
          });
    }
  }

  @Override
  public InternalRow get() {
    return row;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      boxes.close();
    }
  }
}
