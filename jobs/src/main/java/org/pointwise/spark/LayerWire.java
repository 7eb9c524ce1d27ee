package org.pointwise.spark;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import org.pointwise.conv.Activation;
import org.pointwise.conv.Normalisation;
import org.pointwise.conv.PointwiseLayer;

/** Serialises layers. */
public final class LayerWire {
  private static final int BYTES = 4096;

  private LayerWire() {}

  /** Returns a layer as bytes. */
  public static byte[] encode(PointwiseLayer layer) {
    Output out = new Output(BYTES, -1);
    write(out, layer);
    return out.toBytes();
  }

  /** Returns the layer that {@link #encode} was given. */
  public static PointwiseLayer decode(byte[] bytes) {
    return read(new Input(bytes));
  }

  static void write(Output out, PointwiseLayer layer) {
    float[] slopes = layer.activation().slopes();
    out.writeString(layer.activation().toString());
    NumbersWire.write(out, slopes == null ? new float[0] : slopes);
    out.writeString(layer.normalisation().name());
    NumbersWire.write(out, layer.weights());
    NumbersWire.write(out, layer.bias());
  }

  static PointwiseLayer read(Input in) {
    Activation activation = Activation.parse(in.readString(), NumbersWire.readFloats(in));
    Normalisation normalisation = Normalisation.valueOf(in.readString());
    float[] weights = NumbersWire.readFloats(in);
    return PointwiseLayer.of(weights, NumbersWire.readFloats(in), activation)
        .withNormalisation(normalisation);
  }
}
