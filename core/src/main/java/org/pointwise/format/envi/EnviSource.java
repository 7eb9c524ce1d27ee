package org.pointwise.format.envi;

import java.io.IOException;
import java.util.List;
import java.util.TreeMap;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.RawFile;
import org.pointwise.format.RawTiles;
import org.pointwise.format.ReadOptions;
import org.pointwise.format.Storage;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.quantise.Scaling;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Hashes;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;

/** One cube. */
final class EnviSource implements FeatureSource {
  private final ByteStore folder;
  private final List<String> objects;
  private final RawFile file;
  private final ArrayInfo info;
  private final Dequantisation dequantisation;

  private EnviSource(
      ByteStore folder,
      List<String> objects,
      RawFile file,
      ArrayInfo info,
      Dequantisation dequantisation) {
    this.folder = folder;
    this.objects = objects;
    this.file = file;
    this.info = info;
    this.dequantisation = dequantisation;
  }

  /**
   * Opens a cube.
   *
   * @param uri that it is known by
   * @param header key of its header
   * @param data key of its numbers
   */
  static EnviSource open(
      ByteStore folder, String uri, String header, String data, ReadOptions options)
      throws IOException {
    EnviHeader parsed = EnviHeader.read(folder, header);
    if (parsed == null) {
      throw new InvalidInputException(
          "Cannot read %s: there is no such file; check the path".formatted(uri));
    }
    parsed.requireSupported();
    Axes axes = parsed.axes();
    Scaling scaling = Scaling.of(parsed.gains(), parsed.offsets());
    if (!options.channels() && !scaling.isNone()) {
      throw new InvalidInputException(
          "Cannot use labels %s: its header scales them; labels are whole numbers as stored"
              .formatted(uri));
    }
    if (options.axes() != null && !options.axes().equals(axes)) {
      throw new InvalidInputException(
          "Cannot read %s with the axes %s: its header says %s; leave out --axes"
              .formatted(uri, options.axes(), axes));
    }
    FeatureShape shape = ArrayInfo.shape(uri, parsed.shape(), axes);
    RawFile file =
        new RawFile(data, parsed.offset(), parsed.type(), parsed.order(), axes, false, shape);
    long size = folder.size(data);
    if (file.dataOffset() > size || size - file.dataOffset() < file.bytes()) {
      throw new CorruptDataException(
          "Cannot read %s/%s: it has %d bytes but its header %s needs %d from byte %d on; restore the file, or mend the header"
              .formatted(folder.uri(), data, size, header, file.bytes(), file.dataOffset()));
    }
    String identity =
        Hashes.sha256("%s %d %s".formatted(data, size, new TreeMap<>(parsed.fields())));
    ArrayInfo info =
        new ArrayInfo(
            EnviFormat.NAME,
            uri,
            "ENVI, " + axes,
            axes,
            axes.order().stream().map(Axis::letter).toList(),
            shape,
            file.type(),
            file.cell(),
            shape.c(),
            "none",
            Storage.FILE,
            List.of(),
            file.memory(),
            identity);
    return new EnviSource(
        folder,
        List.of(data, header),
        file,
        info,
        new Dequantisation(
            options.scaling(scaling, shape.c(), uri),
            options.nodata(parsed.nodata(), file.type(), uri),
            MissingChunks.FILL));
  }

  /** The same cube, its numbers read otherwise. */
  EnviSource with(Dequantisation numbers) {
    return new EnviSource(folder, objects, file, info, numbers);
  }

  @Override
  public ArrayInfo info() {
    return info;
  }

  @Override
  public Dequantisation dequantisation() {
    return dequantisation;
  }

  @Override
  public ByteStore store() {
    return folder;
  }

  @Override
  public Extent object() {
    FeatureShape shape = info.shape();
    return new Extent(1, Math.toIntExact(shape.y()), Math.toIntExact(shape.x()));
  }

  @Override
  public List<String> objects(Box box) {
    return objects;
  }

  @Override
  public Reader reader() {
    return new RawTiles(folder, false) {
      @Override
      protected RawFile file(long image) {
        return file;
      }
    };
  }
}
