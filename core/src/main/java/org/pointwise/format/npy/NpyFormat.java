package org.pointwise.format.npy;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureFormat;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Location;
import org.pointwise.format.ReadOptions;
import org.pointwise.format.Storage;
import org.pointwise.store.ByteStores;

/** Reads {@code .npy} files, and folders of them. */
public final class NpyFormat implements FeatureFormat {
  static final String NAME = "npy";
  static final String ENDING = ".npy";

  static boolean isFile(String name) {
    return name.endsWith(ENDING) && !name.startsWith(".");
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String inputs() {
    return "an .npy file or a folder of them";
  }

  @Override
  public boolean recognisesName(String name) {
    return name.endsWith(ENDING);
  }

  @Override
  public @Nullable Storage recognises(Location location) throws IOException {
    if (location.uri().endsWith(ENDING)) {
      return Storage.FILE;
    }
    return location.list().stream().anyMatch(NpyFormat::isFile) ? Storage.IMAGES : null;
  }

  @Override
  public FeatureSource open(Location location, ReadOptions options) throws IOException {
    return recognises(location) == Storage.FILE
        ? NpySource.openFile(location, options)
        : NpySource.openFolder(location, options);
  }

  @Override
  public FeatureSource reopen(ByteStores stores, ArrayInfo info) throws IOException {
    return NpySource.reopen(stores, info);
  }
}
