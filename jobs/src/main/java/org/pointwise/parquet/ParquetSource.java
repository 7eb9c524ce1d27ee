package org.pointwise.parquet;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.ArrayInfo.ImageFile;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.FolderFiles;
import org.pointwise.format.Location;
import org.pointwise.format.ReadMemory;
import org.pointwise.format.ReadOptions;
import org.pointwise.format.Storage;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Hashes;
import org.pointwise.store.ParallelRequests;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;

/**
 * A column of one file, with the rows along x, or of a folder of files, with the files along n.
 *
 * @param store the folder of the files
 * @param keys the file of each image
 * @param column the name of the column
 */
record ParquetSource(ByteStore store, ArrayInfo info, List<String> keys, String column)
    implements FeatureSource {
  /** Target bytes of a tile. */
  private static final long TILE_BYTES = 4L << 20;

  /** Opens a file. */
  static ParquetSource openFile(Location location, ReadOptions options) throws IOException {
    ByteStore store = location.parent();
    TablePart part = TablePart.read(store, location.name(), location.member(), options.channels());
    return of(location, options, store, Storage.FILE, List.of(part));
  }

  /**
   * Opens a folder. The files are in the order of their names, after the files of {@link
   * ReadOptions#first}. If no column is named, that of the first file is read from all.
   *
   * @throws InvalidInputException if a file lacks the column, or has other numbers in it
   */
  static ParquetSource openFolder(Location location, ReadOptions options) throws IOException {
    ByteStore folder = folder(location);
    requireFolder(location);
    List<String> names =
        FolderFiles.names(
            location.uri(), TableFolder.files(location.stores(), folder), options.first());
    if (names.isEmpty()) {
      throw new InvalidInputException(
          "Cannot read %s: there is no Parquet file; check the path".formatted(location.uri()));
    }
    boolean vectors = options.channels();
    TablePart first = TablePart.read(folder, names.get(0), location.member(), vectors);
    List<TablePart> parts = new ArrayList<>(List.of(first));
    parts.addAll(
        ParallelRequests.each(
            folder,
            names.subList(1, names.size()),
            name -> TablePart.read(folder, name, first.column(), vectors)));
    return of(location, options, folder, Storage.IMAGES, parts);
  }

  /** Requires that a table of any name, such as a file of another format, is a folder. */
  private static void requireFolder(Location location) throws IOException {
    if (location.name().equals(ParquetFormat.ALL_FILES)) {
      Location table = new Location(location.stores(), ByteStores.parent(location.fileUri()));
      if (table.isFile()) {
        throw new InvalidInputException(
            "Cannot read the column %s of %s: its name does not end with %s; rename it if it is a Parquet file, or leave out --column"
                .formatted(
                    location.member(), table.uri(), String.join(", ", ParquetFormat.ENDINGS)));
      }
    }
  }

  /** Opens an array again, without reading it. */
  static ParquetSource reopen(Location location, ArrayInfo info) {
    String column = Objects.requireNonNull(location.member());
    return info.storage() == Storage.FILE
        ? new ParquetSource(location.parent(), info, List.of(location.name()), column)
        : new ParquetSource(folder(location), info, info.imageNames(), column);
  }

  private static ByteStore folder(Location location) {
    return location.name().equals(ParquetFormat.ALL_FILES) ? location.parent() : location.folder();
  }

  /**
   * @param all the files; those without rows, as Spark writes them, are left out
   */
  private static ParquetSource of(
      Location location,
      ReadOptions options,
      ByteStore store,
      Storage storage,
      List<TablePart> all) {
    List<TablePart> parts = all.stream().filter(part -> part.rows() > 0).toList();
    if (parts.isEmpty()) {
      throw new InvalidInputException(
          "Cannot read %s: it has no rows; check the path".formatted(location.uri()));
    }
    TablePart first = parts.get(0);
    List<ImageFile> images = new ArrayList<>();
    StringBuilder identity = new StringBuilder(first.column()).append(' ').append(first.type());
    long rows = 0;
    for (TablePart part : parts) {
      requireType(part, first);
      images.add(new ImageFile(part.key(), 1, part.rows()));
      identity.append('\n').append(part.key()).append(' ').append(part.rows());
      rows = Math.max(rows, part.rows());
    }
    boolean folder = storage == Storage.IMAGES;
    Axes axes = axes(folder, options.channels());
    requireAxes(location.uri(), axes, options.axes());
    int channels = options.channels() ? channels(parts) : 1;
    identity.append('\n').append(channels);
    int pixelBytes = channels * first.type().bytes();
    int tile = (int) Math.min(rows, Math.max(1, TILE_BYTES / pixelBytes));
    ArrayInfo info =
        new ArrayInfo(
            ParquetFormat.NAME,
            ParquetFormat.uri(location.fileUri(), first.column()),
            description(folder, parts.size(), all.size() - parts.size())
                + ", column "
                + first.column(),
            axes,
            axes.order().stream().map(Axis::letter).toList(),
            new FeatureShape(parts.size(), 1, rows, channels),
            options.quantisation(
                ReadOptions.NamedScaling.NONE, null, channels, first.type(), location.uri()),
            MissingChunks.FILL,
            new Extent(1, 1, tile),
            channels,
            String.join(
                ", ",
                parts.stream()
                    .flatMap(part -> part.codecs().stream())
                    .sorted()
                    .distinct()
                    .toList()),
            storage,
            folder ? images : List.of(),
            memory(parts, (long) tile * pixelBytes),
            Hashes.sha256(identity.toString()),
            null);
    List<String> keys = images.stream().map(ImageFile::name).toList();
    return new ParquetSource(store, info, keys, first.column());
  }

  private static String description(boolean folder, int files, int empty) {
    return !folder
        ? "Parquet"
        : "folder of %s%s"
            .formatted(
                Count.of(files, "Parquet file"),
                empty == 0 ? "" : " (%d without rows are left out)".formatted(empty));
  }

  private static void requireType(TablePart part, TablePart first) {
    if (part.type() != first.type()) {
      throw new InvalidInputException(
          "Cannot read %s with its neighbours: the column %s is %s but in %s it is %s; keep files of one kind in a folder"
              .formatted(part.uri(), part.column(), part.type(), first.uri(), first.type()));
    }
  }

  private static Axes axes(boolean folder, boolean channels) {
    List<Axis> order = new ArrayList<>(List.of(Axis.X));
    if (folder) {
      order.add(0, Axis.N);
    }
    if (channels) {
      order.add(Axis.C);
    }
    return new Axes(order);
  }

  private static void requireAxes(String uri, Axes own, @Nullable Axes given) {
    if (given != null && !given.equals(own)) {
      throw new InvalidInputException(
          "Cannot read %s with the axes %s: those of a table are %s (its rows are x); leave out --axes"
              .formatted(uri, given, own));
    }
  }

  /**
   * Returns the length of the first vector.
   *
   * @throws InvalidInputException if the first vector of a file has another length
   */
  private static int channels(List<TablePart> parts) {
    List<TablePart.Vector> vectors =
        parts.stream().map(TablePart::vector).filter(Objects::nonNull).toList();
    if (vectors.isEmpty()) {
      throw new InvalidInputException(
          "Cannot read %s: all rows of the column %s are null or empty; name another with --column"
              .formatted(parts.get(0).uri(), parts.get(0).column()));
    }
    TablePart.Vector first = vectors.get(0);
    for (TablePart.Vector vector : vectors) {
      if (vector.length() != first.length()) {
        throw new InvalidInputException(
            "Cannot read %s with its neighbours: row %d of the column %s has %d numbers but row %d of %s has %d; keep vectors of one length in a table"
                .formatted(
                    vector.uri(),
                    vector.row(),
                    parts.get(0).column(),
                    vector.length(),
                    first.row(),
                    first.uri(),
                    first.length()));
      }
    }
    return first.length();
  }

  /**
   * Returns the memory for a tile, and for a page as it is stored and decoded: of a reader, and of
   * the writer of a table, which reads the levels again.
   */
  private static ReadMemory memory(List<TablePart> parts, long tileBytes) {
    long page = parts.stream().mapToLong(TablePart::pageBytes).max().orElse(0);
    return new ReadMemory(tileBytes + 6 * page + StoreStream.READ_BYTES, 2 * page);
  }

  /** Opens the file of an image by its metadata. */
  TableFile file(long image) throws IOException {
    return TableFile.open(store, keys.get(Math.toIntExact(image)), column, info.axes().has(Axis.C));
  }

  @Override
  public Extent object() {
    return new Extent(1, 1, Math.toIntExact(info.shape().x()));
  }

  @Override
  public List<String> objects(Box box) {
    return keys.subList(Math.toIntExact(box.n0()), Math.toIntExact(box.n1()));
  }

  @Override
  public Reader reader() {
    return new ParquetTiles(this);
  }
}
