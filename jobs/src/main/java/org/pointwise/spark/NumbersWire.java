package org.pointwise.spark;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;

/** Serialises arrays of numbers, each after its length. */
final class NumbersWire {
  private NumbersWire() {}

  static void write(Output out, double[] values) {
    out.writeInt(values.length);
    out.writeDoubles(values);
  }

  static double[] readDoubles(Input in) {
    return in.readDoubles(in.readInt());
  }

  static void write(Output out, float[] values) {
    out.writeInt(values.length);
    out.writeFloats(values);
  }

  static float[] readFloats(Input in) {
    return in.readFloats(in.readInt());
  }

  static void write(Output out, long[] values) {
    out.writeInt(values.length);
    out.writeLongs(values);
  }

  static long[] readLongs(Input in) {
    return in.readLongs(in.readInt());
  }
}
