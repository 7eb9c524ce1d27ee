package org.pointwise.format.npz;

import java.io.IOException;
import java.util.List;
import org.pointwise.format.FileFormat;
import org.pointwise.format.FileSource;
import org.pointwise.format.Location;
import org.pointwise.format.ReadOptions;

/** Reads one array of an {@code .npz} file: {@code FILE.npz#NAME}, or the only array. */
public final class NpzFormat extends FileFormat {
  static final String NAME = "npz";

  public NpzFormat() {
    super(NAME, List.of(".npz"), "an array in an .npz file (file.npz#array)", true);
  }

  @Override
  public FileSource open(Location location, ReadOptions options) throws IOException {
    return NpzArray.open(location, options);
  }
}
