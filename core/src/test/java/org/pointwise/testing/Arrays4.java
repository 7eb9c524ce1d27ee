package org.pointwise.testing;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.npy.NpySink;
import org.pointwise.format.zarr.ZarrGroupWriter;
import org.pointwise.format.zarr.ZarrLayout;
import org.pointwise.format.zarr.ZarrSink;
import org.pointwise.quantise.Compression;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Elements;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Grid;

/** Made-up feature arrays, stored in many ways. Values are held in the order n, y, x, c. */
public record Arrays4(FeatureShape shape, float[] values) {

  /** Rectified Gaussian noise, as a network's activations look. */
  public static Arrays4 random(Random random, FeatureShape shape) {
    float[] values = new float[Math.toIntExact(shape.pixels() * shape.c())];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.max(0, (float) random.nextGaussian());
    }
    return new Arrays4(shape, values);
  }

  public float at(long n, long y, long x, int c) {
    return values[(int) (((n * shape.y() + y) * shape.x() + x) * shape.c() + c)];
  }

  /** Writes a group with the array {@code data}; returns the array's path. */
  public String zarr(String group, int format, String axes, Extent chunk, Extent shard)
      throws IOException {
    ByteStore store = ByteStores.LOCAL.open(group);
    Axes order = Axes.parse(axes);
    ZarrLayout layout =
        new ZarrLayout(
            format,
            "data",
            order,
            order.order().stream().map(Axis::letter).toList(),
            shape,
            ElementType.FLOAT32,
            chunk,
            shard,
            !shard.equals(chunk),
            new Compression(Compression.Kind.ZSTD, 1));
    ZarrGroupWriter writer = new ZarrGroupWriter(store, format);
    writer.writeArray(layout, JsonText.object());
    writer.writeGroup(JsonText.object(), true);
    write(new ZarrSink(store, layout), shard, chunk);
    return group + "/data";
  }

  /** Writes one file for each image; returns the folder. */
  public String npyFolder(String folder, String axes) throws IOException {
    List<String> names = new ArrayList<>();
    for (int n = 0; n < shape.n(); n++) {
      names.add("image%02d.npy".formatted(n));
    }
    Extent image = new Extent(1, (int) shape.y(), (int) shape.x());
    write(
        new NpySink(
            ByteStores.LOCAL.open(folder),
            "",
            names,
            Axes.parse(axes),
            shape.c(),
            ElementType.FLOAT32),
        image,
        image);
    return folder;
  }

  /** Writes one file; returns its path. */
  public String npyFile(String folder, String name, String axes) throws IOException {
    Extent all = new Extent((int) shape.n(), (int) shape.y(), (int) shape.x());
    write(
        new NpySink(
            ByteStores.LOCAL.open(folder),
            "",
            List.of(name),
            Axes.parse(axes),
            shape.c(),
            ElementType.FLOAT32),
        all,
        all);
    return folder + "/" + name;
  }

  private void write(FeatureSink sink, Extent object, Extent chunk) throws IOException {
    Grid objects = Grid.over(shape, object);
    FeatureSink.Writer writer = sink.writer();
    for (long i = 0; i < objects.count(); i++) {
      writer.begin(objects.box(i));
      List<Box> chunks = new ArrayList<>();
      objects.box(i).split(chunk, chunks::add);
      for (Box box : chunks) {
        fill(box, writer.chunk(box));
        writer.endChunk();
      }
      writer.end();
    }
  }

  private void fill(Box box, ChannelBlock block) {
    for (int n = 0; n < box.n(); n++) {
      for (int y = 0; y < box.y(); y++) {
        for (int x = 0; x < box.x(); x++) {
          for (int c = 0; c < shape.c(); c++) {
            Elements.putFloat(
                block.bytes(),
                block.at(n, y, x, c),
                block.type(),
                at(box.n0() + n, box.y0() + y, box.x0() + x, c));
          }
        }
      }
    }
  }
}
