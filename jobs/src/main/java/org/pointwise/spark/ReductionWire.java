package org.pointwise.spark;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.Compression;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.OutputFormats;
import org.pointwise.plan.AppendLayout;
import org.pointwise.plan.BadInput;
import org.pointwise.plan.ChangedInput;
import org.pointwise.plan.Head;
import org.pointwise.plan.Reduction;
import org.pointwise.plan.RunPolicy;
import org.pointwise.quantise.Overflow;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;

/** Serialises the specs of reductions. */
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
      out.writeString(head.decoderOf());
    }
    ElementType type = spec.type();
    out.writeString(type == null ? null : type.name());
    out.writeString(spec.overflow().name());
    for (Compression compression : spec.compressions()) {
      out.writeString(compression.toString());
    }
    out.writeString(spec.axes() == null ? null : String.valueOf(spec.axes()));
    out.writeLong(spec.shardBytes());
    writeAppendLayout(out, spec.appendLayout());
    writePolicy(out, spec.policy());
  }

  static Reduction read(Input in) {
    String output = in.readString();
    OutputFormat format = OutputFormats.named(in.readString());
    int count = in.readInt();
    List<Head> heads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = in.readString();
      String source = in.readString();
      heads.add(new Head(name, source, LayerWire.read(in), in.readString(), in.readString()));
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
        readAppendLayout(in),
        readPolicy(in));
  }

  private static void writePolicy(Output out, RunPolicy policy) {
    out.writeBoolean(policy.sync());
    out.writeString(policy.changed().name());
    out.writeBoolean(policy.past());
    out.writeString(policy.bad().name());
  }

  private static RunPolicy readPolicy(Input in) {
    boolean sync = in.readBoolean();
    ChangedInput changed = ChangedInput.valueOf(in.readString());
    return new RunPolicy(sync, changed, in.readBoolean(), BadInput.valueOf(in.readString()));
  }

  private static void writeAppendLayout(Output out, @Nullable AppendLayout appendLayout) {
    out.writeBoolean(appendLayout != null);
    if (appendLayout != null) {
      ArrayWire.writeExtent(out, appendLayout.chunk());
      ArrayWire.writeExtent(out, appendLayout.shard());
      out.writeLong(appendLayout.kept());
      out.writeInt(appendLayout.lengths().size());
      appendLayout.lengths().forEach(out::writeLong);
    }
  }

  private static @Nullable AppendLayout readAppendLayout(Input in) {
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
    return new AppendLayout(chunk, shard, kept, lengths);
  }
}
