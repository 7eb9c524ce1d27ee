package org.pointwise.spark;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import org.pointwise.format.ArrayInfo;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.plan.PixelSelection;
import org.pointwise.tensor.PixelSample;

/** Serialises selections of pixels. */
final class PixelsWire {
  private PixelsWire() {}

  static void write(Output out, PixelSelection spec) {
    out.writeString(spec.output());
    ArrayInfo labels = spec.labels();
    out.writeBoolean(labels != null);
    if (labels != null) {
      ArrayWire.write(out, labels);
    }
    out.writeInt(spec.classes());
    Integer ignored = spec.ignored();
    out.writeBoolean(ignored != null);
    out.writeInt(ignored == null ? 0 : ignored);
    writeSample(out, spec.sample());
    writeSplit(out, spec.holdout());
    out.writeLong(spec.firstImage());
  }

  static PixelSelection read(Input in) {
    String output = in.readString();
    ArrayInfo labels = in.readBoolean() ? ArrayWire.read(in) : null;
    int classes = in.readInt();
    boolean ignores = in.readBoolean();
    int ignored = in.readInt();
    return new PixelSelection(
        output,
        labels,
        classes,
        ignores ? (Integer) ignored : null,
        readSample(in),
        readSplit(in),
        in.readLong());
  }

  static void writeSplit(Output out, HoldoutSplit split) {
    out.writeDouble(split.fraction());
    out.writeLong(split.seed());
    out.writeInt(split.block());
    out.writeString(split.part().name());
  }

  static HoldoutSplit readSplit(Input in) {
    return new HoldoutSplit(
        in.readDouble(), in.readLong(), in.readInt(), HoldoutSplit.Part.valueOf(in.readString()));
  }

  private static void writeSample(Output out, PixelSample sample) {
    out.writeDouble(sample.fraction());
    out.writeLong(sample.seed());
  }

  private static PixelSample readSample(Input in) {
    return new PixelSample(in.readDouble(), in.readLong());
  }
}
