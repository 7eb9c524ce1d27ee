package org.pointwise.format.mat;

import java.io.IOException;
import java.util.List;
import org.pointwise.format.FileFormat;
import org.pointwise.format.FileSource;
import org.pointwise.format.Location;
import org.pointwise.format.ReadOptions;

/** Reads one array of a MAT file: {@code FILE.mat#NAME}, or the only suitable array. */
public final class MatFormat extends FileFormat {
  static final String NAME = "mat";

  public MatFormat() {
    super(NAME, List.of(".mat"), "an array in a MAT file (file.mat#array)", true);
  }

  @Override
  public FileSource open(Location location, ReadOptions options) throws IOException {
    return MatArray.open(location, options);
  }
}
