package org.pointwise.store;

import java.io.IOException;
import java.util.List;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.tensor.ArrayInfo;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Tile;

/** A feature array that can be read tile by tile. Thread-safe; its readers are not. */
public interface FeatureSource {
  ArrayInfo info();

  /** What its stored numbers mean. */
  Dequantisation dequantisation();

  /** A reader for one thread; it keeps its buffers from tile to tile. */
  Reader reader();

  /** Reads tiles, one at a time. */
  interface Reader {
    /** Tells which boxes are read next, in this order, so that they can be fetched at once. */
    default void expect(List<Box> cells) {}

    /**
     * Reads a box of pixels, all channels, valid until the next call.
     *
     * @param cell a box of the grid of {@link ArrayInfo#cell()}, or of one image cut by it
     * @throws org.pointwise.errors.CorruptDataException when stored bytes are damaged; the message
     *     names the object
     * @throws IOException when the store fails
     */
    Tile read(Box cell) throws IOException;
  }
}
