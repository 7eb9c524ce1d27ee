package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.Count;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.ArrayInfo.ImageFile;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.ReadOptions;
import org.pointwise.format.Storage;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.quantise.Quantisation;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.ParallelRequests;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.PixelMask;
import org.pointwise.tensor.Tile;

/**
 * Files of one image each, read as one array. Each file is opened separately, so that its format
 * need not support folders. The format must be able to read any box of a file, whatever the tile
 * size of that file.
 */
final class ImageFiles implements FeatureSource {
  private final ByteStores stores;
  private final ByteStore folder;
  private final UnaryOperator<String> arrays;
  private final ReadOptions options;
  private final ArrayInfo info;

  private ImageFiles(
      ByteStores stores,
      ByteStore folder,
      UnaryOperator<String> arrays,
      ReadOptions options,
      ArrayInfo info) {
    this.stores = stores;
    this.folder = folder;
    this.arrays = arrays;
    this.options = options;
    this.info = info;
  }

  /**
   * Opens all files by metadata alone.
   *
   * @param names of the files, in the order of their images
   * @param arrays returns the URI of the array in a file
   * @param options for opening each file
   * @throws CorruptDataException if element types or numbers of channels differ, or if a file does
   *     not hold exactly one image
   */
  static ImageFiles open(
      ByteStores stores,
      String uri,
      List<String> names,
      UnaryOperator<String> arrays,
      ReadOptions options)
      throws IOException {
    ByteStore folder = stores.open(uri);
    List<ArrayInfo> files =
        ParallelRequests.each(
            folder,
            names,
            name -> Formats.open(stores, arrays.apply(uri + "/" + name), options).info());
    List<ImageFile> images = new ArrayList<>();
    ArrayInfo largest = files.get(0);
    FeatureShape max = largest.shape();
    for (int i = 0; i < files.size(); i++) {
      ArrayInfo file = files.get(i);
      requireCompatible(file, files.get(0));
      FeatureShape shape = file.shape();
      images.add(new ImageFile(names.get(i), shape.y(), shape.x()));
      max =
          new FeatureShape(1, Math.max(max.y(), shape.y()), Math.max(max.x(), shape.x()), max.c());
      largest = shape.pixels() > largest.shape().pixels() ? file : largest;
    }
    FeatureShape all = new FeatureShape(images.size(), max.y(), max.x(), max.c());
    return new ImageFiles(stores, folder, arrays, options, info(uri, largest, all, images));
  }

  private static void requireCompatible(ArrayInfo file, ArrayInfo first) {
    if (file.type() != first.type()
        || file.shape().c() != first.shape().c()
        || file.shape().n() != 1) {
      throw new CorruptDataException(
          "%s holds %s, %s of %s, but needs one, %s of %d as in %s"
              .formatted(
                  file.uri(),
                  Count.of(file.shape().n(), "image"),
                  file.type(),
                  Count.of(file.shape().c(), "channel"),
                  first.type(),
                  first.shape().c(),
                  first.uri()));
    }
  }

  private static ArrayInfo info(
      String uri, ArrayInfo largest, FeatureShape all, List<ImageFile> images) {
    List<Axis> order = new ArrayList<>(largest.axes().order());
    order.remove(Axis.N);
    order.add(0, Axis.N);
    return new ArrayInfo(
        largest.format(),
        uri,
        "%d files of one image each".formatted(images.size()),
        new Axes(order),
        order.stream().map(Axis::letter).toList(),
        all,
        Quantisation.none(largest.type()),
        MissingChunks.FILL,
        largest.tile(),
        largest.channelsPerChunk(),
        largest.codecs(),
        Storage.IMAGES,
        images,
        largest.memory(),
        largest.identity(),
        null);
  }

  @Override
  public ArrayInfo info() {
    return info;
  }

  @Override
  public ByteStore store() {
    return folder;
  }

  @Override
  public Extent object() {
    return info.shape().extent().withLength(Axis.N, 1);
  }

  @Override
  public List<String> objects(Box box) {
    return info.imageNames().subList(Math.toIntExact(box.n0()), Math.toIntExact(box.n1()));
  }

  @Override
  public Reader reader() {
    return new FileReader();
  }

  /** Keeps one file open at a time. */
  private final class FileReader implements Reader {
    private int image = -1;
    private @Nullable Reader file;

    @Override
    public Tile read(Box box) throws IOException {
      Tile tile =
          reader(Math.toIntExact(box.n0()))
              .read(new Box(0, box.n(), box.y0(), box.y1(), box.x0(), box.x1()));
      Tile read = new Tile(box, tile.blocks(), tile.storedBytes());
      PixelMask mask = tile.mask();
      return mask == null ? read : read.withMask(new PixelMask(box, mask.hidden()));
    }

    private Reader reader(int index) throws IOException {
      Reader open = file;
      if (open == null || image != index) {
        close();
        String uri = arrays.apply(info.uri() + "/" + info.images().get(index).name());
        open = Formats.open(stores, uri, options).reader();
        file = open;
        image = index;
      }
      return open;
    }

    @Override
    public void close() {
      Reader open = file;
      file = null;
      if (open != null) {
        open.close();
      }
    }
  }
}
