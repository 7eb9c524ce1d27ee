package org.pointwise.format.npz;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureFormat;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Location;
import org.pointwise.format.ReadOptions;
import org.pointwise.format.Storage;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.store.ByteStores;

/** One array of an {@code .npz} file as input: {@code FILE.npz#NAME}, or the only one. */
public final class NpzFormat implements FeatureFormat {
  static final String NAME = "npz";
  private static final String ENDING = ".npz";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String inputs() {
    return "an array in an .npz file (file.npz#array)";
  }

  @Override
  public boolean recognisesName(String name) {
    return name.endsWith(ENDING);
  }

  @Override
  public @Nullable Storage recognises(Location location) {
    return recognisesName(location.name()) ? Storage.FILE : null;
  }

  @Override
  public FeatureSource open(Location location, ReadOptions options) throws IOException {
    return NpzSource.open(location, options);
  }

  @Override
  public FeatureSource reopen(ByteStores stores, ArrayInfo info, Dequantisation numbers)
      throws IOException {
    NpzSource source =
        NpzSource.open(new Location(stores, info.uri()), ReadOptions.features(info.axes(), null));
    if (!source.info().identity().equals(info.identity())) {
      throw new InvalidInputException(
          "Cannot read %s: it changed since the run was planned; run again".formatted(info.uri()));
    }
    return source.with(numbers);
  }
}
