package org.pointwise.format.mat;

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

/** One array of a MAT file as input: {@code FILE.mat#NAME}, or the only one that fits. */
public final class MatFormat implements FeatureFormat {
  static final String NAME = "mat";
  private static final String ENDING = ".mat";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String inputs() {
    return "an array in a MAT file (file.mat#array)";
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
    return MatSource.open(location, options);
  }

  @Override
  public FeatureSource reopen(ByteStores stores, ArrayInfo info, Dequantisation numbers)
      throws IOException {
    MatSource source =
        MatSource.open(new Location(stores, info.uri()), ReadOptions.features(info.axes(), null));
    if (!source.info().identity().equals(info.identity())) {
      throw new InvalidInputException(
          "Cannot read %s: it changed since the run was planned; run again".formatted(info.uri()));
    }
    return source.with(numbers);
  }
}
