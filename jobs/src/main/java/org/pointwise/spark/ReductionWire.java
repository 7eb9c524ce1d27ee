package org.pointwise.spark;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.ChunkLengths;
import org.pointwise.format.Compression;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.OutputFormats;
import org.pointwise.format.StoredLayout;
import org.pointwise.plan.AppendLayout;
import org.pointwise.plan.BadInput;
import org.pointwise.plan.ChangedInput;
import org.pointwise.plan.Head;
import org.pointwise.plan.LayoutChoice;
import org.pointwise.plan.Reduction;
import org.pointwise.plan.RunPolicy;
import org.pointwise.quantise.Overflow;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.ElementType;

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
    writeLayout(out, spec.layout());
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
    LayoutChoice layout = readLayout(in);
    return new Reduction(
        output,
        format,
        heads,
        type == null ? null : ElementType.valueOf(type),
        overflow,
        compressions,
        axes == null ? null : Axes.parse(axes),
        layout,
        readAppendLayout(in),
        readPolicy(in));
  }

  private static void writePolicy(Output out, RunPolicy policy) {
    out.writeBoolean(policy.sync());
    out.writeString(policy.changedInput().name());
    out.writeBoolean(policy.checksPast());
    out.writeString(policy.badInput().name());
  }

  private static RunPolicy readPolicy(Input in) {
    boolean sync = in.readBoolean();
    ChangedInput changed = ChangedInput.valueOf(in.readString());
    return new RunPolicy(sync, changed, in.readBoolean(), BadInput.valueOf(in.readString()));
  }

  private static void writeLayout(Output out, LayoutChoice layout) {
    out.writeLong(layout.shardBytes());
    out.writeInt(layout.chunk().n());
    out.writeInt(layout.chunk().y());
    out.writeInt(layout.chunk().x());
    out.writeBoolean(layout.growing());
    StoredLayout stored = layout.stored();
    out.writeBoolean(stored != null);
    if (stored != null) {
      writeStored(out, stored);
    }
  }

  private static LayoutChoice readLayout(Input in) {
    long shardBytes = in.readLong();
    ChunkLengths chunk = new ChunkLengths(in.readInt(), in.readInt(), in.readInt());
    boolean growing = in.readBoolean();
    return new LayoutChoice(shardBytes, chunk, growing, in.readBoolean() ? readStored(in) : null);
  }

  private static void writeStored(Output out, StoredLayout layout) {
    ArrayWire.writeExtent(out, layout.chunk());
    ArrayWire.writeExtent(out, layout.object());
    out.writeBoolean(layout.sharded());
  }

  private static StoredLayout readStored(Input in) {
    return new StoredLayout(ArrayWire.readExtent(in), ArrayWire.readExtent(in), in.readBoolean());
  }

  private static void writeAppendLayout(Output out, @Nullable AppendLayout appendLayout) {
    out.writeBoolean(appendLayout != null);
    if (appendLayout != null) {
      writeStored(out, appendLayout.layout());
      out.writeLong(appendLayout.completeImages());
      out.writeInt(appendLayout.lengths().size());
      appendLayout.lengths().forEach(out::writeLong);
      out.writeInt(appendLayout.source().size());
      appendLayout.source().forEach(out::writeString);
      out.writeLong(appendLayout.storedImages());
    }
  }

  private static @Nullable AppendLayout readAppendLayout(Input in) {
    if (!in.readBoolean()) {
      return null;
    }
    StoredLayout layout = readStored(in);
    long kept = in.readLong();
    int count = in.readInt();
    List<Long> lengths = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lengths.add(in.readLong());
    }
    List<String> source = new ArrayList<>();
    int lines = in.readInt();
    for (int i = 0; i < lines; i++) {
      source.add(in.readString());
    }
    return new AppendLayout(layout, kept, lengths, source, in.readLong());
  }
}
