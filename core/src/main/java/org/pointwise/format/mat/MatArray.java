package org.pointwise.format.mat;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.FileSource;
import org.pointwise.format.Location;
import org.pointwise.format.ReadMemory;
import org.pointwise.format.ReadOptions;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Hashes;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Tile;

/** Opens an array of a MAT file. Its axes are in MATLAB's order of indexes. */
final class MatArray {
  private static final long STREAM_BYTES = 4 << 20;

  private MatArray() {}

  static FileSource open(Location location, ReadOptions options) throws IOException {
    ByteStore folder = location.parent();
    String key = location.name();
    MatFile file = MatFile.open(folder, key);
    MatFile.Variable variable = file.find(location.member(), options.channels() ? 3 : 2);
    String uri = ByteStore.join(folder.uri(), key) + "#" + variable.name();
    Axes axes = options.requireAxes(uri, "MAT", variable.lengths());
    long[] lengths = variable.lengths();
    if (axes.rank() > lengths.length) { // MATLAB drops trailing dimensions of length one
      lengths = Arrays.copyOf(lengths, axes.rank());
      Arrays.fill(lengths, variable.lengths().length, lengths.length, 1);
    }
    FeatureShape shape = FeatureShape.of(uri, lengths, axes);
    String identity =
        Hashes.sha256(
            "%s %d %s %s %s"
                .formatted(key, folder.size(key), variable.describe(), variable.type(), axes));
    ArrayInfo info =
        ArrayInfo.inFile(
            MatFormat.NAME,
            uri,
            "MAT 5",
            axes,
            shape,
            options.quantisation(
                ReadOptions.NamedScaling.NONE, null, shape.c(), variable.type(), uri),
            shape.extent(),
            "deflate or none",
            // One copy in the library, and one in the reader.
            new ReadMemory(Math.addExact(2 * variable.bytes(), STREAM_BYTES), STREAM_BYTES),
            identity);
    return new FileSource(
        folder, List.of(key), info, List.of(), () -> new Whole(folder, key, variable, info));
  }

  /** Reads all numbers of the array and returns boxes of them. */
  private static final class Whole implements FeatureSource.Reader {
    private final ByteStore folder;
    private final String key;
    private final MatFile.Variable variable;
    private final ArrayInfo info;
    private byte[] numbers = new byte[0];

    Whole(ByteStore folder, String key, MatFile.Variable variable, ArrayInfo info) {
      this.folder = folder;
      this.key = key;
      this.variable = variable;
      this.info = info;
    }

    @Override
    public Tile read(Box box) throws IOException {
      boolean first = numbers.length == 0;
      if (first) {
        numbers = MatFile.open(folder, key).numbers(variable);
      }
      return new Tile(box, List.of(block(box)), first ? numbers.length : 0);
    }

    /** Returns the box as a view of all numbers. */
    private ChannelBlock block(Box box) {
      Axes axes = info.axes();
      long[] strides = new long[axes.rank()];
      long step = 1;
      long begin = 0;
      for (int i = 0; i < strides.length; i++) {
        Axis axis = axes.order().get(i);
        strides[i] = step;
        begin += step * first(box, axis);
        step *= info.shape().length(axis);
      }
      int offset = Math.toIntExact(begin * variable.type().bytes());
      return ChannelBlock.of(
          numbers,
          offset,
          variable.type(),
          ByteOrder.LITTLE_ENDIAN,
          axes,
          strides,
          0,
          info.shape().c());
    }

    private static long first(Box box, Axis axis) {
      return switch (axis) {
        case N -> box.n0();
        case Y -> box.y0();
        case X -> box.x0();
        case C -> 0;
      };
    }
  }
}
