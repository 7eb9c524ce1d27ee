package org.pointwise.spark;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.format.ArrayInfo;
import org.pointwise.learn.Network;
import org.pointwise.plan.EvaluationPlan;
import org.pointwise.plan.EvaluationPlan.Candidate;
import org.pointwise.plan.ImageDigestPlan;
import org.pointwise.plan.InputDigestPlan;
import org.pointwise.plan.InputVersionPlan;
import org.pointwise.plan.MomentsMergePlan;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.PixelSelection;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.TrainingPlan;
import org.pointwise.plan.TrainingTiles;
import org.pointwise.plan.UnitPlan;
import org.pointwise.plan.VerificationPlan;
import org.pointwise.tensor.Axes;

/**
 * Serialises plans field by field. A plan follows from its spec and its input, so these are sent
 * and the plan is computed from them again.
 */
final class PlanWire {
  private PlanWire() {}

  private static final List<Form<?>> FORMS =
      List.of(
          new Form<>(ReducePlan.class, PlanWire::reduce, PlanWire::reduce),
          new Form<>(MomentsPlan.class, PlanWire::moments, PlanWire::moments),
          new Form<>(MomentsMergePlan.class, PlanWire::merge, PlanWire::merge),
          new Form<>(InputDigestPlan.class, PlanWire::statuses, PlanWire::statuses),
          new Form<>(InputVersionPlan.class, PlanWire::versions, PlanWire::versions),
          new Form<>(ImageDigestPlan.class, PlanWire::digests, PlanWire::digests),
          new Form<>(TrainingPlan.class, PlanWire::training, PlanWire::training),
          new Form<>(EvaluationPlan.class, PlanWire::evaluation, PlanWire::evaluation),
          new Form<>(VerificationPlan.class, PlanWire::verification, PlanWire::verification));

  /** The writer and the reader of a class of plans. */
  private record Form<P extends UnitPlan>(
      Class<P> plan, BiConsumer<Output, P> writer, Function<Input, P> reader) {
    String name() {
      return plan.getSimpleName();
    }

    void write(Output out, UnitPlan unitPlan) {
      out.writeString(name());
      writer.accept(out, plan.cast(unitPlan));
    }
  }

  static void write(Output out, UnitPlan plan) {
    form(form -> form.plan().isInstance(plan), plan.getClass().getName()).write(out, plan);
  }

  static UnitPlan read(Input in) {
    String name = in.readString();
    return form(form -> form.name().equals(name), name).reader().apply(in);
  }

  private static Form<?> form(Predicate<Form<?>> filter, String name) {
    return FORMS.stream()
        .filter(filter)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("No wire form of " + name));
  }

  private static void reduce(Output out, ReducePlan plan) {
    ArrayWire.write(out, plan.input());
    ReductionWire.write(out, plan.spec());
  }

  private static ReducePlan reduce(Input in) {
    ArrayInfo input = ArrayWire.read(in);
    return ReducePlan.of(ReductionWire.read(in), input);
  }

  private static void moments(Output out, MomentsPlan plan) {
    ArrayWire.write(out, plan.input());
    PixelsWire.write(out, plan.spec());
  }

  private static MomentsPlan moments(Input in) {
    ArrayInfo input = ArrayWire.read(in);
    return MomentsPlan.of(PixelsWire.read(in), input);
  }

  private static void merge(Output out, MomentsMergePlan plan) {
    out.writeString(plan.output());
    out.writeString(plan.parts());
    out.writeInt(plan.level());
    out.writeLong(plan.first());
    out.writeLong(plan.end());
    out.writeLong(plan.bytesPerTask());
  }

  private static MomentsMergePlan merge(Input in) {
    return new MomentsMergePlan(
        in.readString(),
        in.readString(),
        in.readInt(),
        in.readLong(),
        in.readLong(),
        in.readLong());
  }

  private static void statuses(Output out, InputDigestPlan plan) {
    ArrayWire.write(out, plan.input());
    out.writeLong(plan.tilesPerUnit());
    out.writeLong(plan.past());
  }

  private static InputDigestPlan statuses(Input in) {
    return new InputDigestPlan(ArrayWire.read(in), in.readLong(), in.readLong());
  }

  private static void versions(Output out, InputVersionPlan plan) {
    ArrayWire.write(out, plan.input());
    ArrayWire.writeExtent(out, plan.object());
    out.writeLong(plan.boxesPerUnit());
  }

  private static InputVersionPlan versions(Input in) {
    return new InputVersionPlan(ArrayWire.read(in), ArrayWire.readExtent(in), in.readLong());
  }

  private static void digests(Output out, ImageDigestPlan plan) {
    ArrayWire.write(out, plan.input());
    out.writeLong(plan.first());
    out.writeLong(plan.end());
    out.writeBoolean(plan.tolerant());
  }

  private static ImageDigestPlan digests(Input in) {
    return new ImageDigestPlan(ArrayWire.read(in), in.readLong(), in.readLong(), in.readBoolean());
  }

  private static void training(Output out, TrainingPlan plan) {
    ArrayWire.write(out, plan.input());
    PixelsWire.write(out, plan.pixels());
    PointwiseLayer layer = plan.layer();
    out.writeBoolean(layer != null);
    if (layer != null) {
      LayerWire.write(out, layer);
    }
    writeStored(out, plan.stored());
    Network network = plan.network();
    out.writeInt(network.in());
    out.writeInt(network.hidden());
    out.writeInt(network.out());
    out.writeString(network.objective().name());
    out.writeLong(plan.expected());
  }

  private static TrainingPlan training(Input in) {
    ArrayInfo input = ArrayWire.read(in);
    PixelSelection pixels = PixelsWire.read(in);
    PointwiseLayer layer = in.readBoolean() ? LayerWire.read(in) : null;
    ArrayInfo stored = readStored(in);
    Network network =
        new Network(
            in.readInt(), in.readInt(), in.readInt(), Network.Objective.valueOf(in.readString()));
    return TrainingPlan.of(pixels, input, layer, stored, network, in.readLong());
  }

  private static void writeStored(Output out, @Nullable ArrayInfo stored) {
    out.writeBoolean(stored != null);
    if (stored != null) {
      ArrayWire.write(out, stored);
    }
  }

  private static @Nullable ArrayInfo readStored(Input in) {
    return in.readBoolean() ? ArrayWire.read(in) : null;
  }

  private static void evaluation(Output out, EvaluationPlan plan) {
    out.writeString(plan.destination());
    ArrayWire.write(out, plan.input());
    out.writeInt(plan.candidates().size());
    for (Candidate candidate : plan.candidates()) {
      out.writeString(candidate.name());
      LayerWire.write(out, candidate.layer());
      LayerWire.write(out, candidate.decoder());
      writeStored(out, candidate.stored());
      out.writeInt(candidate.fit());
    }
    out.writeInt(plan.fits().size());
    for (TrainingTiles fit : plan.fits()) {
      ArrayWire.write(out, fit.fitted());
      PixelsWire.writeSplit(out, fit.split());
    }
    PixelsWire.writeSplit(out, plan.holdout());
    NumbersWire.write(out, plan.centres());
    NumbersWire.write(out, plan.spreads());
  }

  private static EvaluationPlan evaluation(Input in) {
    String destination = in.readString();
    ArrayInfo input = ArrayWire.read(in);
    int count = in.readInt();
    List<Candidate> candidates = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      candidates.add(
          new Candidate(
              in.readString(),
              LayerWire.read(in),
              LayerWire.read(in),
              readStored(in),
              in.readInt()));
    }
    List<TrainingTiles> fits = new ArrayList<>();
    int sets = in.readInt();
    for (int i = 0; i < sets; i++) {
      fits.add(new TrainingTiles(ArrayWire.read(in), PixelsWire.readSplit(in)));
    }
    return EvaluationPlan.of(
        destination,
        input,
        candidates,
        fits,
        PixelsWire.readSplit(in),
        NumbersWire.readDoubles(in),
        NumbersWire.readDoubles(in));
  }

  private static void verification(Output out, VerificationPlan plan) {
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

  private static VerificationPlan verification(Input in) {
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
}
