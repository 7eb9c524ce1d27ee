package org.pointwise.parquet;

import java.io.IOException;
import java.util.List;
import java.util.function.LongFunction;
import org.pointwise.format.FeatureSink;
import org.pointwise.store.ByteStore;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ElementType;

/**
 * Writes one file for each file of a table.
 *
 * @param names returns the name of the file of an image
 * @param tables opens the input's file of an image
 * @param inChannels the length of all of the input's vectors; 0 if a mask may hide others
 * @param channels the length of the new vectors
 * @param type of their numbers
 */
record ParquetSink(
    ByteStore store,
    String folder,
    LongFunction<String> names,
    Tables tables,
    int inChannels,
    int channels,
    ElementType type)
    implements FeatureSink {

  /** Opens the files of the input. */
  @FunctionalInterface
  interface Tables {
    TableFile open(long image) throws IOException;
  }

  @Override
  public List<String> keys(Box box) {
    return List.of(ByteStore.join(folder, names.apply(box.n0())));
  }

  @Override
  public Writer writer() {
    return new TableWriter(this);
  }
}
