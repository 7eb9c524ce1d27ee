package org.pointwise.spark;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.Compression;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.OutputFormats;
import org.pointwise.plan.BadInput;
import org.pointwise.plan.ChangedInput;
import org.pointwise.plan.Conduct;
import org.pointwise.plan.Growth;
import org.pointwise.plan.Head;
import org.pointwise.plan.Reduction;
import org.pointwise.quantise.Overflow;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;

/** What is chosen of a reduction, on the wire. */
final class ReductionWire {
  private ReductionWire() {}

  static void write(Output out, Reduction spec) {
    out.writeString(spec.output());
    out.writeString(spec.format().name());
    out.writeInt(spec.heads().size());
    for (Head head : spec.heads()) {
      out.writeString(head.name());
      out.writeString(head.source());
      LayerWire.write(out, head.layer());
      out.writeString(head.ends());
    }
    ElementType type = spec.type();
    out.writeString(type == null ? null : type.name());
    out.writeString(spec.overflow().name());
    for (Compression compression : spec.compressions()) {
      out.writeString(compression.toString());
    }
    out.writeString(spec.axes() == null ? null : String.valueOf(spec.axes()));
    out.writeLong(spec.shardBytes());
    writeGrowth(out, spec.growth());
    writeConduct(out, spec.conduct());
  }

  static Reduction read(Input in) {
    String output = in.readString();
    OutputFormat format = OutputFormats.named(in.readString());
    int count = in.readInt();
    List<Head> heads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = in.readString();
      String source = in.readString();
      heads.add(new Head(name, source, LayerWire.read(in), in.readString()));
    }
    String type = in.readString();
    Overflow overflow = Overflow.valueOf(in.readString());
    List<Compression> compressions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      compressions.add(Compression.parse(in.readString()));
    }
    String axes = in.readString();
    long shardBytes = in.readLong();
    return new Reduction(
        output,
        format,
        heads,
        type == null ? null : ElementType.valueOf(type),
        overflow,
        compressions,
        axes == null ? null : Axes.parse(axes),
        shardBytes,
        readGrowth(in),
        readConduct(in));
  }

  private static void writeConduct(Output out, Conduct conduct) {
    out.writeBoolean(conduct.sync());
    out.writeString(conduct.changed().name());
    out.writeBoolean(conduct.past());
    out.writeString(conduct.bad().name());
  }

  private static Conduct readConduct(Input in) {
    boolean sync = in.readBoolean();
    ChangedInput changed = ChangedInput.valueOf(in.readString());
    return new Conduct(sync, changed, in.readBoolean(), BadInput.valueOf(in.readString()));
  }

  private static void writeGrowth(Output out, @Nullable Growth growth) {
    out.writeBoolean(growth != null);
    if (growth != null) {
      ArrayWire.writeExtent(out, growth.chunk());
      ArrayWire.writeExtent(out, growth.shard());
      out.writeLong(growth.kept());
      out.writeInt(growth.lengths().size());
      growth.lengths().forEach(out::writeLong);
    }
  }

  private static @Nullable Growth readGrowth(Input in) {
    if (!in.readBoolean()) {
      return null;
    }
    Extent chunk = ArrayWire.readExtent(in);
    Extent shard = ArrayWire.readExtent(in);
    long kept = in.readLong();
    int count = in.readInt();
    List<Long> lengths = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lengths.add(in.readLong());
    }
    return new Growth(chunk, shard, kept, lengths);
  }
}
