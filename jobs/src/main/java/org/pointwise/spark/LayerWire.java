package org.pointwise.spark;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import org.pointwise.conv.Activation;
import org.pointwise.conv.Normalisation;
import org.pointwise.conv.PointwiseLayer;

/** Serialises layers. */
final class LayerWire {
  private LayerWire() {}

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
