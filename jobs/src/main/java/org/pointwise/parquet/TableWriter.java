package org.pointwise.parquet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.FeatureSink.StoredObject;
import org.pointwise.store.Bytes;
import org.pointwise.store.ObjectAssembly;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;

/** Writes a file like the input's, with other vectors. Confined to one thread. */
final class TableWriter implements FeatureSink.Writer {
  private static final Axes ORDER = new Axes(List.of(Axis.X, Axis.C));

  private final ParquetSink sink;
  private final ObjectAssembly object;
  private final Bytes bytes = new Bytes();
  private String key = "";
  private Box chunk = new Box(0, 1, 0, 1, 0, 1);
  private @Nullable TableCopy copy;
  private @Nullable RowReader nulls;
  private byte[] levels = {};

  TableWriter(ParquetSink sink) {
    this.sink = sink;
    this.object = new ObjectAssembly(sink.store());
  }

  @Override
  public void begin(Box box) {
    abort();
    key = sink.keys(box).get(0);
    object.begin(key);
    try {
      TableFile table = sink.tables().open(box.n0());
      copy = new TableCopy(table, object, sink.channels(), sink.type());
      nulls = new RowReader(table);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public ChannelBlock chunk(Box box) {
    chunk = box;
    return ChannelBlock.of(
        bytes.resize(Math.toIntExact(box.pixels() * sink.channels() * sink.type().bytes())),
        0,
        sink.type(),
        ByteOrder.LITTLE_ENDIAN,
        ORDER,
        new long[] {sink.channels(), 1},
        0,
        sink.channels());
  }

  /** Writes NaN where rows are not null, because a file cannot leave out rows. */
  @Override
  public void skipChunk() throws IOException {
    for (int at = 0; at < bytes.length(); at += sink.type().bytes()) {
      ElementAccess.putFloat(bytes.array(), at, sink.type(), Float.NaN);
    }
    endChunk();
  }

  @Override
  public void endChunk() throws IOException {
    RowReader reader = nulls;
    TableCopy open = copy;
    if (reader == null || open == null) {
      throw new IllegalStateException("No file is open");
    }
    if (levels.length < chunk.x()) {
      levels = new byte[chunk.x()];
    }
    reader.nulls(chunk.x0(), chunk.x(), sink.inChannels(), levels);
    open.write(bytes.array(), chunk.x(), levels);
  }

  @Override
  public List<StoredObject> end() throws IOException {
    if (copy != null) {
      copy.end();
    }
    closeInput();
    long length = object.length();
    return List.of(new StoredObject(key, length, object.end()));
  }

  @Override
  public void abort() {
    closeInput();
    object.abort();
  }

  private void closeInput() {
    TableCopy open = copy;
    copy = null;
    if (open != null) {
      open.close();
    }
    RowReader rows = nulls;
    nulls = null;
    if (rows != null) {
      rows.close();
    }
  }
}
