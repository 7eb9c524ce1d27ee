package org.pointwise.format.envi;

import java.io.IOException;
import java.util.List;
import java.util.TreeMap;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Companions;
import org.pointwise.format.FileSource;
import org.pointwise.format.RawFile;
import org.pointwise.format.RawTiles;
import org.pointwise.format.ReadOptions;
import org.pointwise.quantise.Scaling;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Hashes;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.FeatureShape;

/** Opens ENVI cubes. */
final class EnviCube {
  private EnviCube() {}

  /**
   * Opens a cube.
   *
   * @param uri the URI of the array
   * @param header the key of the header
   * @param data the key of the file of numbers
   */
  static FileSource open(
      ByteStore folder, String uri, String header, String data, ReadOptions options)
      throws IOException {
    EnviHeader parsed = EnviHeader.read(folder, header);
    if (parsed == null) {
      throw new InvalidInputException(
          "Cannot read %s: there is no such file; check the path".formatted(uri));
    }
    parsed.requireSupported();
    Axes axes = parsed.axes();
    if (!options.channels() && !Scaling.of(parsed.gains(), parsed.offsets()).isNone()) {
      throw new InvalidInputException(
          "Cannot use labels %s: its header scales them; labels are whole numbers as stored"
              .formatted(uri));
    }
    if (options.axes() != null && !options.axes().equals(axes)) {
      throw new InvalidInputException(
          "Cannot read %s with the axes %s: its header has %s; leave out --axes"
              .formatted(uri, options.axes(), axes));
    }
    FeatureShape shape = FeatureShape.of(uri, parsed.shape(), axes);
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
        ArrayInfo.inFile(
            EnviFormat.NAME,
            uri,
            "ENVI, " + axes,
            axes,
            shape,
            options.quantisation(
                new ReadOptions.NamedScaling(parsed::gains, parsed::offsets),
                parsed.nodata(),
                shape.c(),
                file.type(),
                uri),
            file.tile(),
            "none",
            file.memory(),
            identity);
    return new FileSource(
        folder,
        List.of(data, header),
        info,
        Companions.ofAttributes(
            HeaderText.place(parsed.fields()),
            HeaderBands.attributes(parsed.fields(), shape.c()),
            info.dimensionNames().get(axes.indexOf(Axis.C)),
            shape.c()),
        parsed.notes(),
        () -> RawTiles.of(folder, file));
  }
}
