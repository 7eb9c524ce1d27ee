package org.pointwise.spark;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.Activation;
import org.pointwise.conv.Normalisation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.ArrayInfo.ImageFile;
import org.pointwise.format.Compression;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.OutputFormats;
import org.pointwise.format.ReadMemory;
import org.pointwise.format.Storage;
import org.pointwise.learn.Network;
import org.pointwise.plan.BadInput;
import org.pointwise.plan.ChangedInput;
import org.pointwise.plan.Conduct;
import org.pointwise.plan.EvaluationPlan;
import org.pointwise.plan.EvaluationPlan.Candidate;
import org.pointwise.plan.Growth;
import org.pointwise.plan.Head;
import org.pointwise.plan.InputStampsPlan;
import org.pointwise.plan.MomentsMergePlan;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.PixelSelection;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.Reduction;
import org.pointwise.plan.TileSplit;
import org.pointwise.plan.TrainingPlan;
import org.pointwise.plan.UnitPlan;
import org.pointwise.plan.VerificationPlan;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Overflow;
import org.pointwise.quantise.Scaling;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.PixelSample;

/**
 * A plan on the wire, field by field. A plan follows from its spec and its input, so these are sent
 * and the plan is made of them again.
 */
final class PlanWire {
  private PlanWire() {}

  static void write(Output out, UnitPlan plan) {
    out.writeString(plan.getClass().getSimpleName());
    if (plan instanceof ReducePlan reduce) {
      writeInput(out, reduce.input());
      writeDequantisation(out, reduce.dequantisation());
      writeSpec(out, reduce.spec());
    } else if (plan instanceof MomentsPlan moments) {
      writeInput(out, moments.input());
      writeDequantisation(out, moments.dequantisation());
      writeMoments(out, moments.spec());
    } else if (plan instanceof VerificationPlan verification) {
      writeVerification(out, verification);
    } else if (plan instanceof MomentsMergePlan merge) {
      out.writeString(merge.output());
      out.writeString(merge.parts());
      out.writeInt(merge.level());
      out.writeLong(merge.first());
      out.writeLong(merge.end());
      out.writeLong(merge.bytesPerTask());
    } else if (plan instanceof InputStampsPlan stamps) {
      writeInput(out, stamps.input());
      writeDequantisation(out, stamps.dequantisation());
      out.writeBoolean(stamps.labels());
      out.writeLong(stamps.cellsPerUnit());
      out.writeLong(stamps.past());
    } else if (plan instanceof TrainingPlan training) {
      writeInput(out, training.input());
      writeDequantisation(out, training.dequantisation());
      writeMoments(out, training.pixels());
      PointwiseLayer layer = training.layer();
      out.writeBoolean(layer != null);
      if (layer != null) {
        writeLayer(out, layer);
      }
      Network network = training.network();
      out.writeInt(network.in());
      out.writeInt(network.hidden());
      out.writeInt(network.out());
      out.writeString(network.objective().name());
      out.writeLong(training.expected());
    } else {
      EvaluationPlan evaluation = (EvaluationPlan) plan;
      writeInput(out, evaluation.input());
      writeDequantisation(out, evaluation.dequantisation());
      out.writeInt(evaluation.candidates().size());
      for (Candidate candidate : evaluation.candidates()) {
        out.writeString(candidate.name());
        writeLayer(out, candidate.layer());
        writeLayer(out, candidate.decoder());
      }
      writeSplit(out, evaluation.tiles());
      writeDoubles(out, evaluation.centres());
      writeDoubles(out, evaluation.spreads());
      out.writeString(evaluation.destination());
    }
  }

  static UnitPlan read(Input in) {
    String kind = in.readString();
    if (kind.equals(VerificationPlan.class.getSimpleName())) {
      return readVerification(in);
    }
    if (kind.equals(MomentsMergePlan.class.getSimpleName())) {
      return new MomentsMergePlan(
          in.readString(),
          in.readString(),
          in.readInt(),
          in.readLong(),
          in.readLong(),
          in.readLong());
    }
    ArrayInfo input = readInput(in);
    Dequantisation dequantisation = readDequantisation(in);
    if (kind.equals(ReducePlan.class.getSimpleName())) {
      return ReducePlan.of(readSpec(in), input, dequantisation);
    }
    if (kind.equals(MomentsPlan.class.getSimpleName())) {
      return MomentsPlan.of(readMoments(in), input, dequantisation);
    }
    if (kind.equals(InputStampsPlan.class.getSimpleName())) {
      return new InputStampsPlan(
          input, dequantisation, in.readBoolean(), in.readLong(), in.readLong());
    }
    if (kind.equals(EvaluationPlan.class.getSimpleName())) {
      int count = in.readInt();
      List<Candidate> candidates = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        candidates.add(new Candidate(in.readString(), readLayer(in), readLayer(in)));
      }
      TileSplit tiles = readSplit(in);
      double[] centres = readDoubles(in);
      double[] spreads = readDoubles(in);
      return EvaluationPlan.of(
          in.readString(), input, dequantisation, candidates, tiles, centres, spreads);
    }
    PixelSelection pixels = readMoments(in);
    PointwiseLayer layer = in.readBoolean() ? readLayer(in) : null;
    Network network =
        new Network(
            in.readInt(), in.readInt(), in.readInt(), Network.Objective.valueOf(in.readString()));
    return TrainingPlan.of(pixels, input, dequantisation, layer, network, in.readLong());
  }

  private static void writeVerification(Output out, VerificationPlan plan) {
    out.writeString(plan.format());
    out.writeString(plan.output());
    out.writeString(plan.array());
    out.writeString(plan.axes().toString());
    out.writeLong(plan.images());
    out.writeLong(plan.first());
    out.writeLong(plan.count());
    out.writeBoolean(plan.deep());
    out.writeBoolean(plan.delete());
    out.writeLong(plan.bytesPerTask());
  }

  private static VerificationPlan readVerification(Input in) {
    String format = in.readString();
    String output = in.readString();
    String array = in.readString();
    Axes axes = Axes.parse(in.readString());
    return new VerificationPlan(
        format,
        output,
        array,
        axes,
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readBoolean(),
        in.readBoolean(),
        in.readLong());
  }

  static void writeDequantisation(Output out, Dequantisation dequantisation) {
    writeDoubles(out, dequantisation.scaling().scales());
    writeDoubles(out, dequantisation.scaling().offsets());
    Nodata nodata = dequantisation.nodata();
    out.writeString(nodata == null ? null : nodata.type().name());
    out.writeLong(nodata == null ? 0 : nodata.bits());
    out.writeString(dequantisation.missing().name());
  }

  static Dequantisation readDequantisation(Input in) {
    Scaling scaling = Scaling.of(readDoubles(in), readDoubles(in));
    String type = in.readString();
    long bits = in.readLong();
    Nodata nodata = type == null ? null : new Nodata(ElementType.valueOf(type), bits);
    return new Dequantisation(scaling, nodata, MissingChunks.valueOf(in.readString()));
  }

  static void writeMoments(Output out, PixelSelection spec) {
    out.writeString(spec.output());
    ArrayInfo labels = spec.labels();
    out.writeBoolean(labels != null);
    if (labels != null) {
      writeInput(out, labels);
    }
    out.writeInt(spec.classes());
    Integer ignored = spec.ignored();
    out.writeBoolean(ignored != null);
    out.writeInt(ignored == null ? 0 : ignored);
    writeSample(out, spec.sample());
    writeSplit(out, spec.tiles());
    out.writeLong(spec.firstImage());
  }

  static PixelSelection readMoments(Input in) {
    String output = in.readString();
    ArrayInfo labels = in.readBoolean() ? readInput(in) : null;
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

  static void writeSplit(Output out, TileSplit split) {
    out.writeDouble(split.fraction());
    out.writeLong(split.seed());
    out.writeInt(split.block());
    out.writeString(split.taken().name());
  }

  static TileSplit readSplit(Input in) {
    return new TileSplit(
        in.readDouble(), in.readLong(), in.readInt(), TileSplit.Part.valueOf(in.readString()));
  }

  private static void writeSample(Output out, PixelSample sample) {
    out.writeDouble(sample.fraction());
    out.writeLong(sample.seed());
  }

  private static PixelSample readSample(Input in) {
    return new PixelSample(in.readDouble(), in.readLong());
  }

  static void writeLayer(Output out, PointwiseLayer layer) {
    float[] slopes = layer.activation().slopes();
    out.writeString(layer.activation().toString());
    writeFloats(out, slopes == null ? new float[0] : slopes);
    out.writeString(layer.normalisation().name());
    writeFloats(out, layer.weights());
    writeFloats(out, layer.bias());
  }

  static PointwiseLayer readLayer(Input in) {
    Activation activation = Activation.parse(in.readString(), readFloats(in));
    Normalisation normalisation = Normalisation.valueOf(in.readString());
    float[] weights = readFloats(in);
    return PointwiseLayer.of(weights, readFloats(in), activation).withNormalisation(normalisation);
  }

  private static void writeSpec(Output out, Reduction spec) {
    out.writeString(spec.output());
    out.writeString(spec.format().name());
    out.writeInt(spec.heads().size());
    for (Head head : spec.heads()) {
      out.writeString(head.name());
      out.writeString(head.source());
      writeLayer(out, head.layer());
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

  private static Reduction readSpec(Input in) {
    String output = in.readString();
    OutputFormat format = OutputFormats.named(in.readString());
    int count = in.readInt();
    List<Head> heads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = in.readString();
      String source = in.readString();
      heads.add(new Head(name, source, readLayer(in), in.readString()));
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
      writeExtent(out, growth.chunk());
      writeExtent(out, growth.shard());
      out.writeLong(growth.kept());
      out.writeInt(growth.lengths().size());
      growth.lengths().forEach(out::writeLong);
    }
  }

  private static @Nullable Growth readGrowth(Input in) {
    if (!in.readBoolean()) {
      return null;
    }
    Extent chunk = readExtent(in);
    Extent shard = readExtent(in);
    long kept = in.readLong();
    int count = in.readInt();
    List<Long> lengths = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lengths.add(in.readLong());
    }
    return new Growth(chunk, shard, kept, lengths);
  }

  private static void writeExtent(Output out, Extent extent) {
    out.writeInt(extent.n());
    out.writeInt(extent.y());
    out.writeInt(extent.x());
  }

  private static Extent readExtent(Input in) {
    return new Extent(in.readInt(), in.readInt(), in.readInt());
  }

  static void writeInput(Output out, ArrayInfo input) {
    out.writeString(input.format());
    out.writeString(input.uri());
    out.writeString(input.description());
    out.writeString(input.axes().toString());
    input.dimensionNames().forEach(out::writeString);
    out.writeLong(input.shape().n());
    out.writeLong(input.shape().y());
    out.writeLong(input.shape().x());
    out.writeInt(input.shape().c());
    out.writeString(input.type().name());
    writeExtent(out, input.cell());
    out.writeInt(input.channelsPerChunk());
    out.writeString(input.codecs());
    out.writeString(input.identity());
    out.writeString(input.storage().name());
    out.writeInt(input.images().size());
    for (ImageFile image : input.images()) {
      out.writeString(image.name());
      out.writeLong(image.y());
      out.writeLong(image.x());
    }
    out.writeLong(input.memory().heap());
    out.writeLong(input.memory().nativeBytes());
  }

  static ArrayInfo readInput(Input in) {
    String format = in.readString();
    String uri = in.readString();
    String description = in.readString();
    Axes axes = Axes.parseLabels(in.readString());
    List<String> names = new ArrayList<>();
    for (int i = 0; i < axes.rank(); i++) {
      names.add(in.readString());
    }
    FeatureShape shape =
        new FeatureShape(in.readLong(), in.readLong(), in.readLong(), in.readInt());
    ElementType type = ElementType.valueOf(in.readString());
    Extent cell = readExtent(in);
    int channelsPerChunk = in.readInt();
    String codecs = in.readString();
    String identity = in.readString();
    return new ArrayInfo(
        format,
        uri,
        description,
        axes,
        names,
        shape,
        type,
        cell,
        channelsPerChunk,
        codecs,
        Storage.valueOf(in.readString()),
        readImages(in),
        new ReadMemory(in.readLong(), in.readLong()),
        identity);
  }

  private static List<ImageFile> readImages(Input in) {
    int count = in.readInt();
    List<ImageFile> images = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      images.add(new ImageFile(in.readString(), in.readLong(), in.readLong()));
    }
    return images;
  }

  private static void writeDoubles(Output out, double[] values) {
    out.writeInt(values.length);
    out.writeDoubles(values);
  }

  private static double[] readDoubles(Input in) {
    return in.readDoubles(in.readInt());
  }

  private static void writeFloats(Output out, float[] values) {
    out.writeInt(values.length);
    out.writeFloats(values);
  }

  private static float[] readFloats(Input in) {
    return in.readFloats(in.readInt());
  }
}
