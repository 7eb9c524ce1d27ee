package org.pointwise.format;

import java.util.List;
import org.pointwise.store.ByteStore;
import org.pointwise.tensor.Extent;

/** An array whose objects are those of another array, which it reads in another way. */
abstract class SourceView implements FeatureSource {
  private final FeatureSource source;
  private final ArrayInfo info;

  /**
   * @param source the array that stores the objects
   * @param info the description of this array
   */
  SourceView(FeatureSource source, ArrayInfo info) {
    this.source = source;
    this.info = info;
  }

  @Override
  public final ArrayInfo info() {
    return info;
  }

  @Override
  public final List<String> notes() {
    return source.notes();
  }

  @Override
  public final ByteStore store() {
    return source.store();
  }

  @Override
  public final Extent object() {
    return source.object();
  }
}
