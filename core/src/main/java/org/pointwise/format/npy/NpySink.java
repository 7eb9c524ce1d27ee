package org.pointwise.format.npy;

import java.util.List;
import java.util.function.LongFunction;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.RawWriter;
import org.pointwise.store.ByteStore;
import org.pointwise.store.npy.NpyHeader;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ElementType;

/**
 * Writes one {@code .npy} file for each image, or for each input file.
 *
 * @param names returns the name of the file that begins with an image
 * @param axes the axes of one file
 */
record NpySink(
    ByteStore store,
    String folder,
    LongFunction<String> names,
    Axes axes,
    int channels,
    ElementType type)
    implements FeatureSink {

  @Override
  public List<String> keys(Box box) {
    return List.of(ByteStore.join(folder, names.apply(box.n0())));
  }

  @Override
  public Writer writer() {
    return new RawWriter(store, axes, channels, type) {
      @Override
      protected String key(Box box) {
        return keys(box).get(0);
      }

      @Override
      protected byte[] head(long[] lengths) {
        return NpyHeader.encode(type, lengths);
      }
    };
  }
}
