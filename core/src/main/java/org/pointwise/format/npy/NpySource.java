package org.pointwise.format.npy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.ArrayInfo.ImageFile;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.FolderFiles;
import org.pointwise.format.Location;
import org.pointwise.format.RawFile;
import org.pointwise.format.ReadOptions;
import org.pointwise.format.Storage;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.quantise.Quantisation;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Hashes;
import org.pointwise.store.ParallelRequests;
import org.pointwise.store.npy.NpyHeader;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;

/**
 * One {@code .npy} file, or a folder of {@code .npy} files with one image each. The images are in
 * the order of the file names, after the files of {@link ReadOptions#first}. The files of a folder
 * share element type and channels. Each file is read in its own order (C or Fortran) and byte
 * order. Heights and widths may differ.
 */
final class NpySource implements FeatureSource {
  private static final String NAMELESS = ".npy";

  private final ByteStore store;
  private final ArrayInfo info;
  private final Axes fileAxes;
  private final NpyHeader firstHeader;

  private NpySource(ByteStore store, ArrayInfo info, Axes fileAxes, NpyHeader firstHeader) {
    this.store = store;
    this.info = info;
    this.fileAxes = fileAxes;
    this.firstHeader = firstHeader;
  }

  /** Opens a file. */
  static NpySource openFile(Location location, ReadOptions options) throws IOException {
    ByteStore store = location.parent();
    String name = location.name();
    String uri = location.uri();
    NpyHeader header = NpyHeader.read(store, name);
    Axes named = options.requireAxes(uri, NAMELESS, header.shape());
    FeatureShape shape = FeatureShape.of(uri, header.shape(), named);
    String identity =
        Hashes.sha256(name + " " + store.size(name) + " " + Arrays.toString(header.shape()));
    return new NpySource(
        store,
        info(
            uri,
            "npy" + order(header),
            named,
            shape,
            header,
            named,
            List.of(),
            identity,
            quantisation(options, header, shape.c(), uri)),
        named,
        header);
  }

  /**
   * Opens a folder. If the axes have one dimension more than the files, a leading {@code n} stands
   * for the files themselves.
   *
   * @throws InvalidInputException if the files differ in type or channels, or a file holds several
   *     images
   */
  static NpySource openFolder(Location location, ReadOptions options) throws IOException {
    String uri = location.uri();
    ByteStore store = location.folder();
    List<String> names =
        FolderFiles.names(
            uri, location.list().stream().filter(NpyFormat::isFile).toList(), options.first());
    NpyHeader first = NpyHeader.read(store, names.get(0));
    Axes fileAxes =
        fileAxes(
            uri + "/" + names.get(0),
            options.requireAxes(uri + "/" + names.get(0), NAMELESS, first.shape()),
            first);
    List<NpyHeader> headers =
        ParallelRequests.each(store, names, name -> NpyHeader.read(store, name));
    List<ImageFile> images = new ArrayList<>();
    StringBuilder identity = new StringBuilder();
    FeatureShape max = FeatureShape.of(uri, first.shape(), fileAxes);
    Set<String> orders = new LinkedHashSet<>();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      NpyHeader header = headers.get(i);
      NpyFolder.requireOneImage(uri + "/" + name, fileAxes, header);
      FeatureShape shape = FeatureShape.of(uri + "/" + name, header.shape(), fileAxes);
      NpyFolder.requireCompatible(uri, name, header, names.get(0), first, fileAxes);
      orders.add(order(header));
      images.add(new ImageFile(name, shape.y(), shape.x()));
      identity.append(name).append(' ').append(Arrays.toString(header.shape())).append('\n');
      max =
          new FeatureShape(1, Math.max(max.y(), shape.y()), Math.max(max.x(), shape.x()), max.c());
    }
    List<Axis> order = new ArrayList<>(fileAxes.order());
    if (!fileAxes.has(Axis.N)) {
      order.add(0, Axis.N);
    }
    FeatureShape shape = new FeatureShape(images.size(), max.y(), max.x(), max.c());
    return new NpySource(
        store,
        info(
            uri,
            "folder of %d npy%s"
                .formatted(
                    images.size(), orders.size() > 1 ? ", C and Fortran order" : order(first)),
            new Axes(order),
            shape,
            first,
            fileAxes,
            images,
            Hashes.sha256(identity.toString()),
            quantisation(options, first, shape.c(), uri)),
        fileAxes,
        first);
  }

  private static Quantisation quantisation(
      ReadOptions options, NpyHeader header, int channels, String uri) {
    return options.quantisation(ReadOptions.NamedScaling.NONE, null, channels, header.type(), uri);
  }

  /** Opens an array again, without listing its folder. */
  static NpySource reopen(ByteStores stores, ArrayInfo info) throws IOException {
    boolean folder = info.storage() == Storage.IMAGES;
    ByteStore store = stores.open(folder ? info.uri() : ByteStores.parent(info.uri()));
    String first = folder ? info.images().get(0).name() : ByteStores.name(info.uri());
    NpyHeader firstHeader = NpyHeader.read(store, first);
    Axes fileAxes = fileAxes(info.uri(), info.axes(), firstHeader);
    return new NpySource(store, info, fileAxes, firstHeader);
  }

  /**
   * @throws InvalidInputException if the file has no dimensions
   */
  private static Axes fileAxes(String uri, Axes named, NpyHeader header) {
    if (header.shape().length == 0) {
      throw new InvalidInputException(
          "Cannot read %s: it holds a single number without dimensions; store the numbers of all images in one array"
              .formatted(uri));
    }
    boolean filesAreImages =
        named.order().get(0) == Axis.N && named.rank() == header.shape().length + 1;
    Axes fileAxes = filesAreImages ? new Axes(named.order().subList(1, named.rank())) : named;
    return fileAxes;
  }

  /** Returns a phrase for users that follows the name of the format. */
  private static String order(NpyHeader header) {
    return header.fortran() ? ", Fortran order" : "";
  }

  private static ArrayInfo info(
      String uri,
      String format,
      Axes axes,
      FeatureShape shape,
      NpyHeader header,
      Axes fileAxes,
      List<ImageFile> images,
      String identity,
      Quantisation quantisation) {
    FeatureShape file =
        images.isEmpty() ? shape : new FeatureShape(1, shape.y(), shape.x(), shape.c());
    RawFile raw =
        new RawFile(
            uri,
            header.dataOffset(),
            header.type(),
            header.order(),
            fileAxes,
            header.fortran(),
            file);
    return new ArrayInfo(
        NpyFormat.NAME,
        uri,
        format,
        axes,
        axes.order().stream().map(Axis::letter).toList(),
        shape,
        quantisation,
        MissingChunks.FILL,
        raw.tile(), // also for files in another order, which take more runs
        shape.c(),
        "none",
        images.isEmpty() ? Storage.FILE : Storage.IMAGES,
        images,
        raw.memory(),
        identity,
        null);
  }

  /** Returns the description of a file's numbers. */
  static RawFile file(ByteStore store, String key, NpyHeader header, Axes fileAxes) {
    return new RawFile(
        key,
        header.dataOffset(),
        header.type(),
        header.order(),
        fileAxes,
        header.fortran(),
        FeatureShape.of(ByteStore.join(store.uri(), key), header.shape(), fileAxes));
  }

  @Override
  public ArrayInfo info() {
    return info;
  }

  @Override
  public ByteStore store() {
    return store;
  }

  @Override
  public Extent object() {
    FeatureShape shape = info.shape();
    return new Extent(
        info.storage() == Storage.FILE ? Math.toIntExact(shape.n()) : 1,
        Math.toIntExact(shape.y()),
        Math.toIntExact(shape.x()));
  }

  @Override
  public List<String> objects(Box box) {
    List<ImageFile> images = info.images();
    return info.storage() == Storage.FILE
        ? List.of(ByteStores.name(info.uri()))
        : images.subList((int) box.n0(), (int) box.n1()).stream().map(ImageFile::name).toList();
  }

  @Override
  public Reader reader() {
    return new NpyTiles(store, info, fileAxes, firstHeader.type());
  }
}
