package org.pointwise.jobs;

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
import org.pointwise.conv.Activation;
import org.pointwise.conv.KernelChoice;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.plan.Head;
import org.pointwise.plan.OutputFormat;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.ReduceSpec;
import org.pointwise.plan.Resources;
import org.pointwise.quantise.Compression;
import org.pointwise.quantise.Overflow;
import org.pointwise.run.LocalRunner;
import org.pointwise.run.Progress;
import org.pointwise.run.ReduceJob;
import org.pointwise.run.RunFolder;
import org.pointwise.run.Runner;
import org.pointwise.store.ByteStores;
import org.pointwise.store.FeatureSource;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.ElementType;
import org.pointwise.weights.NamedLayer;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsRef;
import org.pointwise.weights.WeightsRef.KernelLayout;
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
    footer = {
      "",
      "Several --weights make several arrays of the output group in one pass over the input.",
      "",
      "Run the same command again to continue an interrupted run; only missing shards are computed."
    })
final class ReduceCommand implements Callable<Integer> {
  /** Where the units run. */
  enum RunnerKind {
    SPARK,
    LOCAL
  }

  @Spec CommandSpec command;

  @Mixin InputOptions input = new InputOptions();

  @Parameters(
      index = "1",
      paramLabel = "OUTPUT",
      description = "Path or URI of the Zarr group, or the folder of .npy files, to write.")
  String output = "";

  @Option(
      names = "--weights",
      required = true,
      paramLabel = "FILE[#NAME]",
      description =
          "A layer: file.safetensors[#tensor], file.npy, or model.onnx#NAME (a Conv node or its output). Repeat for several heads.")
  List<String> weights = new ArrayList<>();

  @Nullable
  @Option(names = "--bias", paramLabel = "FILE.npy", description = "Bias of .npy weights.")
  String bias;

  @Nullable
  @Option(
      names = "--head-names",
      paramLabel = "A,B,…",
      split = ",",
      description =
          "Names of the output arrays (default: features for one head, else from the weights).")
  List<String> headNames;

  @Option(
      names = "--activation",
      paramLabel = "auto|none|relu|relu6",
      description =
          "What follows W·x + b; auto takes what the weights file records or the ONNX graph does, none stops an ONNX layer at its Conv (default: ${DEFAULT-VALUE}).")
  String activation = "auto";

  @Nullable
  @Option(
      names = "--kernel-layout",
      paramLabel = "oi|io",
      description = "How to read an .npy matrix: outputs first (F′×F) or inputs first (F×F′).")
  KernelLayout kernelLayout;

  @Option(
      names = "--format",
      paramLabel = "zarr3|zarr2|npy",
      description = "What to write (default: ${DEFAULT-VALUE}).")
  OutputFormat format = OutputFormat.ZARR3;

  @Nullable
  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description =
          "float32, float16, bfloat16 or float64 (default: the input's where that is floating, else float32).")
  ElementType dtype;

  @Option(
      names = "--overflow",
      paramLabel = "refuse|saturate",
      description =
          "What to do with finite results too large for the output type (default: ${DEFAULT-VALUE}).")
  Overflow overflow = Overflow.REFUSE;

  @Option(
      names = "--codec",
      paramLabel = "zstd|blosc|gzip|none",
      description = "Compression of Zarr chunks (default: ${DEFAULT-VALUE}).")
  Compression.Kind codec = Compression.Kind.ZSTD;

  @Nullable
  @Option(
      names = "--level",
      paramLabel = "L",
      description = "Compression level (default: 1 for zstd, 5 for blosc, 6 for gzip).")
  Integer level;

  @Nullable
  @Option(
      names = "--output-axes",
      paramLabel = "A,B,…",
      description = "Order of the output's axes (default: the input's).")
  String outputAxes;

  @Nullable
  @Option(
      names = "--shard-mib",
      paramLabel = "M",
      description =
          "Decoded MiB of an output object to aim at; 0 writes one chunk an object, unsharded (default: chosen by the plan, at most 64).")
  Double shardMib;

  @Nullable
  @Option(
      names = "--master",
      paramLabel = "URL",
      description = "Spark master (default: the one spark-submit sets, else local[*]).")
  String master;

  @Option(
      names = "--runner",
      paramLabel = "spark|local",
      description = "Spark, or plain threads of this JVM; same bytes (default: ${DEFAULT-VALUE}).")
  RunnerKind runner = RunnerKind.SPARK;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of --runner local (default: all cores).")
  int threads = Runtime.getRuntime().availableProcessors();

  @Nullable
  @Option(
      names = "--memory-per-task-mib",
      paramLabel = "M",
      description =
          "Memory a task may use, for the proof before the run (default: its share of the heap).")
  Long memoryPerTaskMib;

  @Option(names = "--dry-run", description = "Print the plan and write nothing.")
  boolean dryRun;

  @Option(names = "--overwrite", description = "Replace the output of another plan.")
  boolean overwrite;

  @Option(names = "--json", description = "Print the report (or the plan) as JSON.")
  boolean json;

  @Option(names = "--quiet", description = "No plan and no progress on stderr.")
  boolean quiet;

  @Override
  public Integer call() throws IOException {
    long started = System.nanoTime();
    PrintWriter out = command.commandLine().getOut();
    PrintWriter err = command.commandLine().getErr();
    FeatureSource source = input.open();
    ReduceSpec spec = spec(source, err);
    ReducePlan plan = ReducePlan.of(spec, source.info(), source.dequantisation());
    if (runner == RunnerKind.LOCAL) {
      LocalRunner local = new LocalRunner(Stores.ANY, threads);
      plan.requireFits(resources(localResources(threads)));
      return finish(plan, source, local, started, out, err);
    }
    if (dryRun && master == null && System.getProperty("spark.master") == null) {
      plan.requireFits(resources(localResources(Runtime.getRuntime().availableProcessors())));
      show(plan, out);
      return 0;
    }
    try (SparkRunner spark = SparkRunner.open("pointwise reduce", master)) {
      plan.requireFits(resources(spark.resources()));
      return finish(plan, source, spark, started, out, err);
    }
  }

  private static Resources localResources(int tasks) {
    return new Resources(
        tasks, Runtime.getRuntime().maxMemory() / 5 * 4 / tasks, "a larger heap (JAVA_OPTS=-Xmx…)");
  }

  private Resources resources(Resources found) {
    return memoryPerTaskMib == null
        ? found
        : new Resources(found.tasks(), memoryPerTaskMib << 20, "a larger --memory-per-task-mib");
  }

  private int finish(
      ReducePlan plan,
      FeatureSource source,
      Runner chosen,
      long started,
      PrintWriter out,
      PrintWriter err) {
    if (dryRun) {
      show(plan, out);
      return 0;
    }
    if (!quiet) {
      PlanText.print(plan, err);
      err.println("Runner    " + chosen.describe() + ", " + KernelChoice.forThisJvm().reason());
    }
    ReduceJob job = new ReduceJob(Stores.ANY, plan, source, Version.text());
    ReduceJob.Existing existing =
        overwrite ? ReduceJob.Existing.OVERWRITE : ReduceJob.Existing.REFUSE;
    ObjectNode report;
    if (quiet) {
      report = job.run(chosen, existing, Progress.SILENT, started);
    } else {
      try (ConsoleProgress progress = new ConsoleProgress(plan)) {
        report = job.run(chosen, existing, progress, started);
      }
    }
    if (json) {
      out.println(JsonText.text(report));
    } else {
      PlanText.printReport(report, out);
      out.println("Report    " + RunFolder.uri(plan.spec().output()) + "/report.json");
    }
    return 0;
  }

  private void show(ReducePlan plan, PrintWriter out) {
    if (json) {
      out.println(JsonText.text(RunFolder.describe(plan)));
    } else {
      PlanText.print(plan, out);
    }
  }

  private ReduceSpec spec(FeatureSource source, PrintWriter err) throws IOException {
    List<Head> heads = heads(source.info().shape().c(), err);
    return new ReduceSpec(
        ByteStores.absolute(output),
        format,
        heads,
        dtype,
        overflow,
        new Compression(codec, level == null ? codec.standardLevel() : level),
        outputAxes == null ? null : Axes.parse(outputAxes),
        shardMib == null ? ReduceSpec.CHOOSE : Math.round(shardMib * (1 << 20)));
  }

  private List<Head> heads(int inChannels, PrintWriter err) throws IOException {
    if (headNames != null && headNames.size() != weights.size()) {
      throw new ParameterException(
          command.commandLine(),
          "--head-names has %d names but there are %d --weights"
              .formatted(headNames.size(), weights.size()));
    }
    if (bias != null && weights.size() > 1) {
      throw new ParameterException(
          command.commandLine(), "--bias goes with one --weights only; use safetensors for heads");
    }
    List<Head> heads = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < weights.size(); i++) {
      WeightsRef ref = WeightsRef.parse(weights.get(i), bias, wanted(), kernelLayout);
      NamedLayer named = Weights.read(Stores.ANY, ref, inChannels);
      String name =
          headNames != null
              ? checkedName(headNames.get(i))
              : weights.size() == 1 ? "features" : safeName(named.name());
      for (int again = 2; !names.add(name); again++) {
        name = safeName(named.name()) + "_" + again;
      }
      heads.add(new Head(name, named.source(), named.layer()));
      if (!quiet && !named.note().isEmpty()) {
        err.println("Weights   " + named.name() + ": " + named.note());
      }
      if (named.layer().outChannels() > inChannels) {
        err.printf(
            Locale.ROOT,
            "Warning: %s makes %d channels of %d; the output is larger than the input%n",
            ref,
            named.layer().outChannels(),
            inChannels);
      }
    }
    return heads;
  }

  private @Nullable Activation wanted() {
    return switch (activation.toLowerCase(Locale.ROOT)) {
      case "auto" -> null;
      case "none" -> Activation.NONE;
      case "relu" -> Activation.RELU;
      case "relu6" -> Activation.RELU6;
      default ->
          throw new ParameterException(
              command.commandLine(),
              "Invalid value '%s' for --activation: use auto, none, relu or relu6"
                  .formatted(activation));
    };
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
