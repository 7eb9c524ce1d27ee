package org.pointwise.parquet;

import java.io.IOException;
import java.io.OutputStream;
import org.pointwise.store.ObjectAssembly;

/** Appends to an object, which its creator publishes. Confined to one thread. */
final class AssembledStream extends OutputStream {
  private final ObjectAssembly object;

  AssembledStream(ObjectAssembly object) {
    this.object = object;
  }

  /** Returns the number of bytes appended so far. */
  long position() {
    return object.length();
  }

  @Override
  public void write(int value) {
    object.tail().append(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int count) throws IOException {
    object.tail().append(bytes, from, count);
    object.settle();
  }
}
