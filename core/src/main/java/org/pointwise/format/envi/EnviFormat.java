package org.pointwise.format.envi;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureFormat;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Location;
import org.pointwise.format.ReadOptions;
import org.pointwise.format.Storage;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;

/** ENVI cubes as input: given by their header, or by the file that one lies beside. */
public final class EnviFormat implements FeatureFormat {
  static final String NAME = "envi";
  private static final String ENDING = ".hdr";

  /** Endings that the file of a header may have, the first that is there counts. */
  private static final List<String> ENDINGS =
      List.of("", ".raw", ".img", ".dat", ".bin", ".bil", ".bip", ".bsq");

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String inputs() {
    return "an ENVI cube (its .hdr)";
  }

  @Override
  public boolean recognisesName(String name) {
    return name.endsWith(ENDING);
  }

  @Override
  public @Nullable Storage recognises(Location location) throws IOException {
    if (recognisesName(location.name())) {
      return Storage.FILE;
    }
    return location.isFile() && header(location.parent(), location.name()) != null
        ? Storage.FILE
        : null;
  }

  /** The header beside a file; null where there is none. */
  private static @Nullable String header(ByteStore folder, String file) throws IOException {
    int dot = file.lastIndexOf('.');
    for (String stem : dot > 0 ? List.of(file, file.substring(0, dot)) : List.of(file)) {
      if (folder.size(stem + ENDING) >= 0) {
        return stem + ENDING;
      }
    }
    return null;
  }

  /** The file beside a header. */
  private static String data(ByteStore folder, String header) throws IOException {
    String stem = header.substring(0, header.length() - ENDING.length());
    for (String ending : ENDINGS) {
      if (folder.size(stem + ending) >= 0) {
        return stem + ending;
      }
    }
    throw new InvalidInputException(
        "Cannot read %s: the file of its numbers is not beside it; name it %s, or that with one of %s"
            .formatted(
                ByteStore.join(folder.uri(), header),
                stem,
                String.join(", ", ENDINGS.subList(1, ENDINGS.size()))));
  }

  @Override
  public FeatureSource open(Location location, ReadOptions options) throws IOException {
    ByteStore folder = location.parent();
    String name = location.name();
    boolean byHeader = recognisesName(name);
    String header = byHeader ? name : String.valueOf(header(folder, name));
    String data = byHeader ? data(folder, name) : name;
    return EnviSource.open(folder, location.uri(), header, data, options);
  }

  @Override
  public FeatureSource reopen(ByteStores stores, ArrayInfo info, Dequantisation numbers)
      throws IOException {
    String nodata = numbers.nodata() == null ? "none" : numbers.nodata().toString();
    FeatureSource source =
        open(new Location(stores, info.uri()), ReadOptions.features(info.axes(), nodata));
    if (!source.info().identity().equals(info.identity())) {
      throw new InvalidInputException(
          "Cannot read %s: its header changed since the run was planned; run again"
              .formatted(info.uri()));
    }
    return source;
  }
}
