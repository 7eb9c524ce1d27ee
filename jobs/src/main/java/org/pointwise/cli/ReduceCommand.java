package org.pointwise.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.KernelChoice;
import org.pointwise.conv.Normalisation;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.FeatureSource.MissingCount;
import org.pointwise.hadoop.Stores;
import org.pointwise.plan.Head;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.ReduceSpec;
import org.pointwise.plan.Resources;
import org.pointwise.run.Append;
import org.pointwise.run.OutputGuard;
import org.pointwise.run.Progress;
import org.pointwise.run.ReduceJob;
import org.pointwise.run.RunFolder;
import org.pointwise.run.Runner;
import org.pointwise.run.manifest.PlanRecord;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.weights.NamedLayer;
import org.pointwise.weights.WeightsRef;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The main job. */
@Command(
    name = "reduce",
    description = "Reduces the channels of a feature array: y = act(W·x + b) at every pixel.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    footer = {
      "",
      "Several --weights make several arrays of the output group in one pass over the input.",
      "",
      "Run the same command again to continue an interrupted run; only missing shards are computed."
    })
final class ReduceCommand implements Callable<Integer> {
  /** Of the input for the plan: all of a small array, a sample of a large one. */
  private static final int CHUNKS_LOOKED_AT = 256;

  @Spec CommandSpec command;

  @Mixin InputOptions input = new InputOptions();

  @Parameters(
      index = "1",
      paramLabel = "OUTPUT",
      description = "Path or URI of the group of arrays, or the folder of files, to write.")
  String output = "";

  @Mixin LayerOptions layers = new LayerOptions();

  @Nullable
  @Option(
      names = "--head-names",
      paramLabel = "A,B,…",
      split = ",",
      description =
          "Names of the output arrays (default: features for one head, else from the weights).")
  List<String> headNames;

  @Option(
      names = "--normalise",
      paramLabel = "none|l2",
      description =
          "After the activation: l2 divides the outputs of each pixel and head by their Euclidean length; zeros stay zeros (default: ${DEFAULT-VALUE}).")
  Normalisation normalise = Normalisation.NONE;

  @Mixin OutputOptions storage = new OutputOptions();

  @Mixin ExistingOptions existing = new ExistingOptions();

  @Mixin ConductOptions conduct = new ConductOptions();

  @Mixin RunnerOptions runner = new RunnerOptions();

  @Option(names = "--dry-run", description = "Print the plan and write nothing.")
  boolean dryRun;

  @Option(names = "--json", description = "Print the report (or the plan) as JSON.")
  boolean json;

  @Option(names = "--quiet", description = "No plan and no progress on stderr.")
  boolean quiet;

  @Override
  public Integer call() throws IOException {
    long started = System.nanoTime();
    checkOptions();
    requireApart();
    Append append = existing.append ? Append.to(ByteStores.absolute(output), Stores.ANY) : null;
    FeatureSource source = input.open(append == null ? List.of() : append.imageNames());
    ReduceSpec spec =
        storage.spec(output, heads(source.info().shape().c()), existing.overwrite == null);
    ReducePlan plan =
        ReducePlan.of(
            (append == null ? spec : append.grow(spec)).by(conduct.conduct(existing)),
            source.info(),
            source.dequantisation());
    warnOfScaling(source);
    if (append != null) {
      append.requireGrown(plan, source, existing.checkedTiles, runner.here(1));
    }
    if (dryRun && runner.runner() == RunnerOptions.Kind.SPARK && !runner.onCluster()) {
      return show(plan, source, runner.here(Runtime.getRuntime().availableProcessors()));
    }
    return runner.with("pointwise reduce", chosen -> run(plan, source, chosen, started));
  }

  private void requireApart() {
    OutputGuard guard =
        new OutputGuard(Stores.ANY)
            .reads(input.input)
            .readsAll(input.reading.files())
            .reads(layers.bias);
    for (WeightsRef ref : layers.refs()) {
      guard.reads(ref.uri());
    }
    guard.writes(output).writes(RunFolder.uri(ByteStores.absolute(output))).requireApart();
  }

  private void checkOptions() {
    existing.check(command.commandLine());
    conduct.check(command.commandLine());
    if (layers.weights.isEmpty()) {
      throw new ParameterException(
          command.commandLine(), "Missing required option: '--weights=FILE[#NAME]'");
    }
    if (headNames != null && headNames.size() != layers.weights.size()) {
      throw new ParameterException(
          command.commandLine(),
          "--head-names has %d names but there are %d --weights"
              .formatted(headNames.size(), layers.weights.size()));
    }
    if (layers.bias != null && layers.weights.size() > 1) {
      throw new ParameterException(
          command.commandLine(), "--bias goes with one --weights only; use safetensors for heads");
    }
    if (runner.threads < 1) {
      throw new ParameterException(command.commandLine(), "--threads must be at least 1");
    }
  }

  private int run(ReducePlan plan, FeatureSource source, Runner chosen, long started) {
    if (dryRun) {
      return show(plan, source, chosen.resources());
    }
    ReduceJob job = job(plan, source);
    PrintWriter out = command.commandLine().getOut();
    PrintWriter err = command.commandLine().getErr();
    if (!quiet) {
      PlanText.print(plan, chosen.resources(), job.describeExisting(existing.existing()), err);
      PlanText.print(source, missing(source), err);
      err.println("Runner    " + chosen.describe() + ", " + KernelChoice.forThisJvm().reason());
    }
    ObjectNode report = execute(job, plan, chosen, started);
    PlanText.warn(report, err);
    if (json) {
      out.println(JsonText.text(report));
    } else {
      PlanText.printReport(report, out);
      out.println("Report    " + RunFolder.uri(plan.spec().output()) + "/report.json");
    }
    return conduct.gate(report, err);
  }

  private static ReduceJob job(ReducePlan plan, FeatureSource source) {
    return new ReduceJob(Stores.ANY, plan, source, Version.text());
  }

  private ObjectNode execute(ReduceJob job, ReducePlan plan, Runner chosen, long started) {
    if (quiet) {
      return job.run(chosen, existing.existing(), Progress.SILENT, started);
    }
    try (ConsoleProgress progress = new ConsoleProgress(plan, "shards")) {
      return job.run(chosen, existing.existing(), progress, started);
    }
  }

  private int show(ReducePlan plan, FeatureSource source, Resources resources) {
    plan.requireFits(resources);
    PrintWriter out = command.commandLine().getOut();
    MissingCount missing = missing(source);
    String there = job(plan, source).describeExisting(existing.existing());
    if (json) {
      ObjectNode described =
          PlanRecord.of(plan)
              .json()
              .put("tasksAtOnce", resources.tasks())
              .put("bytesPerTaskAvailable", resources.bytesPerTask());
      described
          .putObject("inputChunks")
          .put("chunks", missing.chunks())
          .put("looked", missing.looked())
          .put("missing", missing.missing());
      source.notes().forEach(described.putArray("notes")::add);
      described.put("existing", there);
      out.println(JsonText.text(described));
    } else {
      PlanText.print(plan, resources, there, out);
      PlanText.print(source, missing, out);
    }
    return 0;
  }

  private static MissingCount missing(FeatureSource source) {
    try {
      return source.countMissing(CHUNKS_LOOKED_AT);
    } catch (IOException e) {
      throw new InvalidInputException(
          "Cannot read %s: %s; check the path and your rights".formatted(source.info().uri(), e),
          e);
    }
  }

  private List<Head> heads(int inChannels) throws IOException {
    List<NamedLayer> named = layers.read(inChannels);
    List<Head> heads = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < named.size(); i++) {
      NamedLayer layer = named.get(i);
      String wanted =
          headNames != null
              ? checkedName(headNames.get(i))
              : named.size() == 1 ? "features" : safeName(layer.name());
      String name = wanted;
      for (int again = 2; !names.add(name); again++) {
        name = wanted + "_" + again;
      }
      heads.add(
          new Head(name, layer.source(), layer.layer().withNormalisation(normalise), layer.ends()));
      tell(layer, inChannels);
    }
    return heads;
  }

  private void warnOfScaling(FeatureSource source) throws IOException {
    for (WeightsRef ref : layers.refs()) {
      String warning = LayerOptions.otherScaling(ref, source);
      if (warning != null && !quiet) {
        command.commandLine().getErr().println(warning);
      }
    }
  }

  private void tell(NamedLayer layer, int inChannels) {
    PrintWriter err = command.commandLine().getErr();
    if (!quiet && !layer.remark().isEmpty()) {
      err.println("Weights   " + layer.name() + ": " + layer.remark());
    }
    if (layer.layer().outChannels() > inChannels) {
      err.printf(
          Locale.ROOT,
          "Warning: %s makes %d channels of %d; the output is larger than the input%n",
          layer.source(),
          layer.layer().outChannels(),
          inChannels);
    }
  }

  private static String safeName(String name) {
    String safe = name.replaceAll("[^A-Za-z0-9_-]+", "_");
    return safe.isEmpty() ? "head" : safe;
  }

  private static String checkedName(String name) {
    if (!name.equals(safeName(name))) {
      throw new InvalidInputException(
          "Cannot name an array '%s': use letters, digits, - and _".formatted(name));
    }
    return name;
  }
}
