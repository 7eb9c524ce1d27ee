package org.pointwise.parquet;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.apache.parquet.format.RowGroup;
import org.jspecify.annotations.Nullable;
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

  /** Largest bytes of a decoded page that readers have room for without looking at the file. */
  private static final long PAGE_BYTES = 8L << 20;

  /** Opens a file. */
  static ParquetSource openFile(Location location, ReadOptions options) throws IOException {
    TableFile file = open(location.parent(), location.name(), location.member(), options);
    return of(location, options, location.parent(), Storage.FILE, List.of(file));
  }

  /**
   * Opens a folder. The files are in the order of their names, after the files of {@link
   * ReadOptions#first}. If no column is named, that of the first file is read from all.
   *
   * @throws InvalidInputException if a file lacks the column, or has other numbers in it
   */
  static ParquetSource openFolder(Location location, ReadOptions options) throws IOException {
    ByteStore folder = folder(location);
    List<String> names =
        FolderFiles.names(
            location.uri(), TableFolder.files(location.stores(), folder), options.first());
    if (names.isEmpty()) {
      throw new InvalidInputException(
          "Cannot read %s: there is no Parquet file; check the path".formatted(location.uri()));
    }
    TableFile first = open(folder, names.get(0), location.member(), options);
    String column = first.column().name();
    List<TableFile> files = new ArrayList<>(List.of(first));
    files.addAll(
        ParallelRequests.each(
            folder, names.subList(1, names.size()), name -> open(folder, name, column, options)));
    return of(location, options, folder, Storage.IMAGES, files);
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

  private static TableFile open(
      ByteStore store, String name, @Nullable String column, ReadOptions options)
      throws IOException {
    TableFile file = TableFile.open(store, name, column, options.channels());
    if (file.rows() == 0) {
      throw new InvalidInputException(
          "Cannot read %s: it has 0 rows but needs one; move it out of the table"
              .formatted(file.uri()));
    }
    return file;
  }

  private static ParquetSource of(
      Location location,
      ReadOptions options,
      ByteStore store,
      Storage storage,
      List<TableFile> files)
      throws IOException {
    TableFile first = files.get(0);
    VectorColumn column = first.column();
    List<ImageFile> images = new ArrayList<>();
    StringBuilder identity = new StringBuilder(column.name()).append(' ').append(column.type());
    long rows = 0;
    for (TableFile file : files) {
      if (file.column().type() != column.type()) {
        throw new InvalidInputException(
            "Cannot read %s with its neighbours: the column %s is %s but in %s it is %s; keep files of one kind in a folder"
                .formatted(
                    file.uri(), column.name(), file.column().type(), first.uri(), column.type()));
      }
      images.add(new ImageFile(file.file().key(), 1, file.rows()));
      identity.append('\n').append(file.file().key()).append(' ').append(file.rows());
      rows = Math.max(rows, file.rows());
    }
    boolean folder = storage == Storage.IMAGES;
    Axes axes = axes(folder, options.channels());
    requireAxes(location.uri(), axes, options.axes());
    int channels = options.channels() ? channels(files) : 1;
    identity.append('\n').append(channels);
    FeatureShape shape = new FeatureShape(files.size(), 1, rows, channels);
    int pixelBytes = channels * column.type().bytes();
    int tile = (int) Math.min(rows, Math.max(1, TILE_BYTES / pixelBytes));
    ArrayInfo info =
        new ArrayInfo(
            ParquetFormat.NAME,
            ParquetFormat.uri(location.fileUri(), column.name()),
            (folder ? "folder of %d Parquet files".formatted(files.size()) : "Parquet")
                + ", column "
                + column.name(),
            axes,
            axes.order().stream().map(Axis::letter).toList(),
            shape,
            options.quantisation(
                ReadOptions.NamedScaling.NONE, null, channels, column.type(), location.uri()),
            MissingChunks.FILL,
            new Extent(1, 1, tile),
            channels,
            codecs(files),
            storage,
            folder ? images : List.of(),
            memory(files, (long) tile * pixelBytes),
            Hashes.sha256(identity.toString()),
            null);
    List<String> keys = images.stream().map(ImageFile::name).toList();
    return new ParquetSource(store, info, keys, column.name());
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

  /** Returns the length of the first vector that is not null. */
  private static int channels(List<TableFile> files) throws IOException {
    for (TableFile file : files) {
      try (RowReader rows = new RowReader(file)) {
        int length = rows.firstLength();
        if (length > 0) {
          return length;
        }
      }
    }
    throw new InvalidInputException(
        "Cannot read %s: all rows of the column %s are null or empty; name another with --column"
            .formatted(files.get(0).uri(), files.get(0).column().name()));
  }

  private static String codecs(List<TableFile> files) {
    return String.join(
        ", ",
        files.stream()
            .flatMap(file -> file.groups().stream().map(file::chunk))
            .map(chunk -> chunk.getCodec().name().toLowerCase(Locale.ROOT))
            .distinct()
            .sorted()
            .toList());
  }

  /** Returns the memory for a tile, and for a page as it is stored and decoded. */
  private static ReadMemory memory(List<TableFile> files, long tileBytes) {
    long chunk = 0;
    for (TableFile file : files) {
      for (RowGroup group : file.groups()) {
        chunk = Math.max(chunk, file.chunk(group).getTotal_uncompressed_size());
      }
    }
    long page = Math.min(chunk, PAGE_BYTES);
    return new ReadMemory(tileBytes + 3 * page + StoreStream.READ_BYTES, 2 * page);
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
