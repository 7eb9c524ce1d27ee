package org.pointwise.testing;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.pointwise.format.Companions;
import org.pointwise.format.Compression;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.InputFiles;
import org.pointwise.format.OutputArray;
import org.pointwise.format.OutputDescription;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.OutputFormats;
import org.pointwise.format.OutputTarget;
import org.pointwise.format.Storage;
import org.pointwise.quantise.Quantisation;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Grid;

/** Synthetic feature arrays that can be stored in many ways. Values are in the order n, y, x, c. */
public record Arrays4(FeatureShape shape, float[] values) {

  /** Returns rectified Gaussian noise, similar to a network's activations. */
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
    write(
        OutputFormats.named("zarr" + format),
        store,
        "data",
        new OutputArray(
            order,
            order.order().stream().map(Axis::letter).toList(),
            chunk,
            shard,
            !shard.equals(chunk)),
        InputFiles.NONE);
    return group + "/data";
  }

  /** Writes one file per image; returns the folder. */
  public String npyFolder(String folder, String axes) throws IOException {
    Extent image = new Extent(1, (int) shape.y(), (int) shape.x());
    List<String> names =
        IntStream.range(0, (int) shape.n()).mapToObj("image%02d"::formatted).toList();
    write(
        OutputFormats.named("npy"),
        ByteStores.LOCAL.open(folder),
        "",
        new OutputArray(Axes.parse(axes), List.of(), image, image, false),
        new InputFiles(Storage.IMAGES, names));
    return folder;
  }

  /** Writes one file; returns its path. */
  public String npyFile(String folder, String name, String axes) throws IOException {
    Extent all = new Extent((int) shape.n(), (int) shape.y(), (int) shape.x());
    write(
        OutputFormats.named("npy"),
        ByteStores.LOCAL.open(folder),
        "",
        new OutputArray(Axes.parse(axes), List.of(), all, all, false),
        new InputFiles(Storage.FILE, List.of(name)));
    return folder + "/" + name;
  }

  private void write(
      OutputFormat format, ByteStore store, String name, OutputArray layout, InputFiles files)
      throws IOException {
    OutputTarget target =
        new OutputTarget(
            name,
            true,
            shape,
            layout.dimensionNames(),
            Quantisation.floating(ElementType.FLOAT32),
            layout,
            new Compression(Compression.Kind.ZSTD, 1),
            files);
    format.describe(
        store,
        new OutputDescription(
            List.of(target), List.of(), null, List.of(), Companions.none(), true));
    write(format.sink(store, target), layout.shard(), layout.chunk());
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
            ElementAccess.putFloat(
                block.bytes(),
                block.byteOffset(n, y, x, c),
                block.type(),
                at(box.n0() + n, box.y0() + y, box.x0() + x, c));
          }
        }
      }
    }
  }
}
