package org.pointwise.job;

import java.io.IOException;
import java.util.List;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.format.FeatureSource;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Tile;

/**
 * Reads pixels whose stored bytes are damaged as nodata, with the reason. Does not catch failures
 * of the store itself, such as those of the network.
 */
final class TolerantReader implements FeatureSource.Reader {
  private final FeatureSource.Reader reader;

  TolerantReader(FeatureSource.Reader reader) {
    this.reader = reader;
  }

  @Override
  public void prefetch(List<Box> tiles) {
    reader.prefetch(tiles);
  }

  @Override
  public Tile read(Box box) throws IOException {
    try {
      return reader.read(box);
    } catch (CorruptDataException e) {
      return Tile.unreadable(box, String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void close() {
    reader.close();
  }
}
