package org.pointwise.format.zarr;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureFormat;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Location;
import org.pointwise.format.ReadOptions;
import org.pointwise.format.Storage;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;

/** Reads Zarr arrays, v2 and v3. */
public final class ZarrFormat implements FeatureFormat {
  static final String NAME = "zarr";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String inputs() {
    return "a Zarr array (store.zarr/array)";
  }

  @Override
  public @Nullable Storage recognises(Location location) throws IOException {
    return ZarrNodes.isZarr(location.parent(), location.name()) ? Storage.GRID : null;
  }

  @Override
  public List<String> namesBeside(Location location) throws IOException {
    ByteStore parent = location.parent();
    return ZarrNodes.groupAttributes(parent, "") == null
        ? List.of()
        : ZarrNodes.arrayNames(parent, "");
  }

  @Override
  public FeatureSource open(Location location, ReadOptions options) throws IOException {
    return ZarrSource.open(location.stores(), location.uri(), options);
  }

  @Override
  public FeatureSource reopen(ByteStores stores, ArrayInfo info) throws IOException {
    return ZarrSource.reopen(stores, info);
  }
}
