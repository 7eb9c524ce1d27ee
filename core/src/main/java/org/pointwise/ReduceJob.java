package org.pointwise;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.FeatureSource.MissingCount;
import org.pointwise.format.OutputFormats;
import org.pointwise.job.Append;
import org.pointwise.job.AppendNew;
import org.pointwise.job.NewImageChoice;
import org.pointwise.job.ReduceRun;
import org.pointwise.job.RunEstimate;
import org.pointwise.job.SourceChange;
import org.pointwise.plan.Existing;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.Reduction;
import org.pointwise.plan.Resources;
import org.pointwise.quantise.Quantisation;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.ElementType;
import org.pointwise.work.Progress;
import org.pointwise.work.Runner;
import org.pointwise.work.manifest.PlanRecord;

/** A planned reduction or reconstruction. Confined to one thread. */
public final class ReduceJob extends Job<ReduceReport> {
  /** Number of input chunks to check: all of a small array, a sample of a large one. */
  private static final int MAX_EXAMINED_CHUNKS = 256;

  private final ReduceSpec spec;
  private final ReducePlan plan;
  private final FeatureSource source;
  private final ReduceRun run;
  private final ReduceHeads heads;
  private final List<String> appendWarnings;
  private @Nullable MissingCount missing;
  private @Nullable RunEstimate estimate;

  private ReduceJob(
      ReduceSpec spec,
      ReducePlan plan,
      FeatureSource source,
      ReduceHeads heads,
      @Nullable SourceChange sources,
      List<String> appendWarnings,
      Setting setting) {
    super(setting);
    this.spec = spec;
    this.plan = plan;
    this.source = source;
    this.heads = heads;
    this.appendWarnings = appendWarnings;
    this.run = new ReduceRun(stores(), plan, source, sources, Pointwise.version());
  }

  static ReduceJob plan(ReduceSpec spec, Setting setting) throws IOException {
    return plan(spec, null, setting);
  }

  static ReduceJob plan(ReconstructSpec spec, Setting setting) throws IOException {
    ReduceSpec reduction = spec.reduction();
    return plan(reduction, Reconstruction.of(reduction, setting.stores()), setting);
  }

  private static ReduceJob plan(
      ReduceSpec spec, @Nullable Reconstruction reconstruction, Setting setting)
      throws IOException {
    ByteStores stores = setting.stores();
    String output = ByteStores.absolute(spec.output().uri());
    spec.requireDisjoint(reconstruction == null ? null : reconstruction.decoder(), stores);
    if (spec.existing() == Existing.APPEND_NEW) {
      return appendNew(spec, reconstruction, output, setting);
    }
    if (spec.existing() == Existing.APPEND) {
      spec.input().requireExtensible(output);
    }
    Append append = spec.existing() == Existing.APPEND ? Append.to(output, stores) : null;
    List<String> imageNames = append == null ? List.of() : append.imageNames();
    FeatureSource source = open(input(spec, reconstruction), reconstruction, imageNames, stores);
    ReduceHeads heads = heads(spec, reconstruction, source, stores);
    Reduction chosen = reduction(spec, output, heads, !spec.overwrites(), stores);
    ReducePlan plan = ReducePlan.of(append == null ? chosen : append.grow(chosen), source.info());
    if (append != null) {
      append.requireGrown(plan, source, spec.checkedTiles(), setting.execution().driver());
    }
    return new ReduceJob(spec, plan, source, heads, null, plan.layoutWarnings(chosen), setting);
  }

  private static ReduceJob appendNew(
      ReduceSpec spec, @Nullable Reconstruction reconstruction, String output, Setting setting)
      throws IOException {
    ByteStores stores = setting.stores();
    AppendNew append = AppendNew.to(output, spec.output().format(), stores);
    InputSpec input = input(spec, reconstruction);
    FeatureSource given = open(input, reconstruction, List.of(), stores);
    NewImageChoice choice =
        append.choose(
            given,
            setting.execution().runner(),
            spec.badInput(),
            spec.duplicates(),
            spec.dropUnfinished());
    if (!choice.images().isAll(given.info().shape().n())) {
      SubsetSpec part = input.subset();
      String images = choice.indexesInWhole(given.info()).toString();
      InputSpec chosen = input.withSubset(new SubsetSpec(images, part.bbox(), part.channels()));
      given = open(chosen, reconstruction, List.of(), stores);
    }
    FeatureSource source = append.source(given, choice);
    ReduceHeads heads = heads(spec, reconstruction, source, stores);
    Reduction chosen = reduction(spec, output, heads, !choice.anew(), stores);
    ReducePlan plan = ReducePlan.of(append.grow(chosen, choice), source.info());
    List<String> warnings = new ArrayList<>(append.require(plan, choice, source));
    warnings.addAll(plan.layoutWarnings(chosen));
    SourceChange sources = append.sources(plan, choice);
    return new ReduceJob(spec, plan, source, heads, sources, warnings, setting);
  }

  private static InputSpec input(ReduceSpec spec, @Nullable Reconstruction reconstruction) {
    return reconstruction == null ? spec.input() : reconstruction.input();
  }

  private static FeatureSource open(
      InputSpec input,
      @Nullable Reconstruction reconstruction,
      List<String> imageNames,
      ByteStores stores) {
    return input.open(
        stores, imageNames, reconstruction == null ? null : reconstruction.fileAxes());
  }

  private static ReduceHeads heads(
      ReduceSpec spec,
      @Nullable Reconstruction reconstruction,
      FeatureSource source,
      ByteStores stores)
      throws IOException {
    return reconstruction == null
        ? ReduceHeads.of(spec, source, stores)
        : reconstruction.heads(source, stores);
  }

  private static Reduction reduction(
      ReduceSpec spec, String output, ReduceHeads heads, boolean continued, ByteStores stores)
      throws IOException {
    OutputSpec to = spec.output();
    return new Reduction(
        output,
        to.format(),
        heads.heads(),
        to.type(),
        to.overflow(),
        to.compressions(stores, heads.heads().size(), continued),
        to.axes(),
        to.layout(stores, continued, spec.existing().appends()),
        null,
        spec.policy());
  }

  /** Returns the complete plan. */
  public ReducePlan plan() {
    return plan;
  }

  /** Returns the input. */
  public FeatureSource source() {
    return source;
  }

  /** Returns how the layers were read, one line each. */
  public List<String> notes() {
    return heads.notes();
  }

  /** Returns whether the images of the input were read to recognise those that are stored. */
  public boolean readsDigests() {
    return spec.existing() == Existing.APPEND_NEW;
  }

  @Override
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>(heads.warnings());
    warnings.addAll(appendWarnings);
    Set<ElementType> types =
        plan.quantisations().stream().map(Quantisation::type).collect(Collectors.toSet());
    warnings.addAll(plan.spec().format().warnings(types));
    warnings.addAll(OutputFormats.nameWarnings(plan.spec().output(), plan.spec().format()));
    return warnings;
  }

  /**
   * Returns what the run does with an already stored output, for display; empty if there is none.
   *
   * @throws InvalidInputException if the run would refuse the output
   */
  public String existing() {
    return run.describeExisting(spec.existing());
  }

  /**
   * Counts the input chunks that are not stored: all of a small array, in a sample of a large one.
   * Later calls return the first result.
   *
   * @throws InvalidInputException if the input cannot be read
   */
  public MissingCount missing() {
    try {
      if (missing == null) {
        missing = source.countMissing(MAX_EXAMINED_CHUNKS);
      }
      return missing;
    } catch (IOException e) {
      throw new InvalidInputException(
          "Cannot read %s: %s; check the path and your rights".formatted(source.info().uri(), e),
          e);
    }
  }

  /**
   * Estimates the effort of the run: reads a few tiles of the input, reduces and encodes them.
   * Writes nothing. Later calls return the first result.
   *
   * @return the estimate, or the reason why there is none, for example a damaged tile
   * @throws InvalidInputException if the run would refuse an already stored output
   */
  public RunEstimate estimate() {
    if (estimate == null) {
      existing();
      estimate = measure();
    }
    return estimate;
  }

  private RunEstimate measure() {
    long driverBytes = execution().driver().bytesPerTask();
    if (plan.bytesPerTask() > driverBytes) {
      return new RunEstimate.Unavailable(
          "a task needs %d MiB but this process has %d MiB"
              .formatted((plan.bytesPerTask() >> 20) + 1, driverBytes >> 20));
    }
    MissingCount count = missing();
    double stored = count.examined() == 0 ? 1 : 1 - (double) count.missing() / count.examined();
    return run.estimate(spec.existing(), execution().tasks(), stored);
  }

  @Override
  public Resources requireFits() {
    Resources resources = execution().resources();
    plan.requireFits(resources);
    return resources;
  }

  /**
   * Returns the content of {@code plan.json}, the resources of a task, the count of missing input
   * chunks, what the run does with an already stored output, and the {@link #estimate}.
   *
   * @throws InvalidInputException if the plan does not fit into memory, the input cannot be read,
   *     or the run would refuse an already stored output
   */
  @Override
  public String json() {
    Resources resources = requireFits();
    ObjectNode described =
        PlanRecord.of(plan)
            .json()
            .put("tasksAtOnce", resources.tasks())
            .put("bytesPerTaskAvailable", resources.bytesPerTask())
            .put("nativeBytesPerTask", plan.nativeBytesPerTask());
    if (resources.nativeBytesPerTask() < Long.MAX_VALUE) {
      described.put("nativeBytesPerTaskAvailable", resources.nativeBytesPerTask());
    }
    described
        .putObject("inputChunks")
        .put("chunks", missing().chunks())
        .put("looked", missing().examined())
        .put("missing", missing().missing());
    source.notes().forEach(described.putArray("notes")::add);
    described.put("existing", existing());
    described.set("estimate", estimate().json());
    return JsonText.text(described);
  }

  @Override
  ReduceReport execute(Listener listener, long started) {
    notes().forEach(listener::note);
    Runner runner = execution().runner();
    try (Progress progress = listener.begin(plan, runner)) {
      return new ReduceReport(run.run(runner, spec.existing(), progress, started));
    }
  }
}
