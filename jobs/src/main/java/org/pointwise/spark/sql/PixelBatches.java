package org.pointwise.spark.sql;

import java.io.IOException;
import java.util.Objects;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PixelDecoder;
import org.pointwise.spark.sql.SourceOptions.NodataRows;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;

/**
 * Reads the pixels of a partition in batches. Each batch overwrites the one before.
 *
 * <p>Spark may read in one thread and close in another.
 */
final class PixelBatches implements PartitionReader<ColumnarBatch> {
  private static final int MAX_ROWS = 4096;

  private final BoxReader boxes;
  private final @Nullable LabelReader labels;
  private final NodataRows nodata;
  private final PixelBlock block = new PixelBlock();
  private final ColumnarBatch batch;
  private long remaining;
  private @Nullable PixelDecoder decoder;
  private @Nullable Box box;
  private boolean[] rows = {}; // of the box, those that are chosen; empty for all
  private boolean[] columns = {};
  private long done; // pixels of the box
  private boolean closed;

  PixelBatches(ScanReaders scan, BoxReader boxes, @Nullable LabelReader labels) {
    this.boxes = boxes;
    this.labels = labels;
    this.nodata = scan.nodata();
    this.remaining = scan.limit();
    StructField[] fields = scan.columns().fields();
    ColumnVector[] vectors = new ColumnVector[fields.length];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = column(fields[i].name(), scan);
    }
    this.batch = new ColumnarBatch(vectors);
  }

  private ColumnVector column(String name, ScanReaders scan) {
    return switch (name) {
      case "n" -> new IndexVector(block, Axis.N);
      case "y" -> new IndexVector(block, Axis.Y);
      case "x" -> new IndexVector(block, Axis.X);
      case OpenedArray.FEATURES -> new FeaturesVector(block, boxes.info().shape().c());
      case OpenedArray.LABEL -> new LabelVector(block);
      default ->
          new CoordinateVector(
              block,
              scan.coordinates().stream()
                  .filter(coordinate -> coordinate.name().equals(name))
                  .findFirst()
                  .orElseThrow());
    };
  }

  @Override
  public synchronized boolean next() throws IOException {
    int count = 0;
    while (count == 0) {
      if (closed || remaining == 0 || (box == null && !nextBox())) {
        close();
        return false;
      }
      count = nextBlock();
    }
    count = (int) Math.min(count, remaining);
    remaining -= count;
    batch.setNumRows(count);
    return true;
  }

  private boolean nextBox() throws IOException {
    Box found = boxes.next();
    if (found == null) {
      return false;
    }
    box = found;
    rows = boxes.tiles().rows(found);
    columns = boxes.tiles().columns(found);
    done = 0;
    if (boxes.reads()) {
      decode(found);
    }
    if (labels != null) {
      labels.read(found);
    }
    return true;
  }

  private void decode(Box found) throws IOException {
    if (decoder == null) {
      decoder =
          PixelDecoder.of(boxes.read(found), boxes.info().quantisation(), boxes.info().shape().c());
    } else {
      decoder.start(boxes.read(found));
    }
  }

  /** Fills the block with the next pixels of the box. Returns the number of rows. */
  private int nextBlock() {
    Box current = Objects.requireNonNull(box);
    PixelDecoder features = decoder;
    int count =
        features == null ? (int) Math.min(MAX_ROWS, current.pixels() - done) : features.next();
    if (count == 0) {
      box = null;
      return 0;
    }
    block.start(current, done, count, features, labels);
    done += count;
    block.drop(rows, columns, features != null && nodata == NodataRows.DROP);
    return block.rows();
  }

  @Override
  public ColumnarBatch get() {
    return batch;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      boxes.close();
      if (labels != null) {
        labels.close();
      }
    }
  }
}
