package org.pointwise.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pointwise.EvaluateJob;
import org.pointwise.EvaluateReport;
import org.pointwise.EvaluateSpec;
import org.pointwise.Listener;
import org.pointwise.Pointwise;
import org.pointwise.QualityGates;
import org.pointwise.conv.Normalisation;
import org.pointwise.errors.Count;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.report.EvaluationReport;
import org.pointwise.report.LayerTable;
import org.pointwise.store.JsonText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures how much of the features layers, and stored results, keep. */
@Command(
    name = "evaluate",
    description = {
      "Measures how much of the features layers keep, on blocks held out from their fit.",
      "Writes an HTML report, and a JSON file with all its numbers."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    footer = {"", "Repeat --weights, also as NAME=FILE, to compare layers in one table."})
final class EvaluateCommand implements Callable<Integer> {
  private static final Pattern NAMED = Pattern.compile("([^=/\\\\.#]+)=(.+)");

  @Spec CommandSpec command;

  @Mixin InputOptions input = new InputOptions();

  @Mixin LayerOptions layers = new LayerOptions();

  @Nullable
  @Option(
      names = "--output",
      paramLabel = "REDUCED",
      description =
          "Output of 'reduce' to measure as it is stored. Give REDUCED/HEAD for one of several arrays. Its part and mask of INPUT are read by default.")
  String output;

  @Rare
  @Option(
      names = "--normalise",
      paramLabel = "none",
      completionCandidates = Unnormalised.class,
      description =
          "Normalisation of the reduction (default: ${DEFAULT-VALUE}). 'l2' is refused, because features cannot be reconstructed from normalised outputs.")
  Normalisation normalise = Normalisation.NONE;

  @Nullable
  @Option(
      names = "--report",
      paramLabel = "FILE.html",
      description =
          "HTML report to write (default: beside the weights). Its name ends in .report.html by default, and FILE.json is written beside it. The first layer is compared with pca, select (the channels of largest variance) and random at equal F′.")
  String report;

  @Mixin LabelOptions labels = new LabelOptions();

  @Nullable
  @Rare
  @Option(
      names = "--moments",
      paramLabel = "FILE",
      description =
          "Moments of the pixels that the layer was fitted on. By default the file beside the weights is used, else the blocks that are not held out.")
  String moments;

  @Option(
      names = "--split",
      paramLabel = "test|train|all",
      description =
          "Blocks to measure: held-out, training or all. By default all are measured if --images or --bbox choose other pixels than the layers were fitted on, or INPUT is another array and --labels is not given; else the held-out ones. The table shows how many of the measured pixels each layer was fitted on.")
  HoldoutSplit.@Nullable Part split;

  @Nullable
  @Option(
      names = "--test-size",
      paramLabel = "P",
      description =
          "Fraction of blocks to evaluate on, held out by 'fit'. It is more than 0 and at most 1, and exact to within one block (default: as recorded in the weights, else 0.2).")
  Double heldOut;

  @Nullable
  @Rare
  @Option(
      names = "--hold-out-block",
      paramLabel = "B",
      description =
          "Hold out blocks of B×B pixels. With 0, a block is the part of an image that one chunk holds (default: as recorded in the weights, else 0).")
  Integer block;

  @Nullable
  @Rare
  @Option(
      names = "--seed",
      paramLabel = "S",
      description =
          "Random seed of all random choices (default: as recorded in the weights, else 1).")
  Long seed;

  @Mixin TrainingOptions training = new TrainingOptions();

  @Rare
  @Option(
      names = "--curve",
      paramLabel = "K",
      description =
          "Compare the methods at 1, 2, 4, … channels, up to K (default: ${DEFAULT-VALUE}).")
  int curve = EvaluateSpec.CURVE;

  @Nullable
  @Option(
      names = "--fail-below-variance",
      paramLabel = "V",
      description =
          "Exit code 5 if a layer keeps less variance. The gate is a fraction of the measured variance, 0 … 1.")
  Double minVariance;

  @Nullable
  @Option(
      names = "--fail-below-accuracy",
      paramLabel = "A",
      description =
          "Exit code 5 if the accuracy is lower. The gate is a fraction, 0 … 1. The accuracy is that of the probe on the reduced channels, and needs --labels.")
  Double minAccuracy;

  @Mixin RunnerOptions runner = new RunnerOptions();

  @Option(names = "--dry-run", description = "Print the plan and write nothing.")
  boolean dryRun;

  @Option(names = "--overwrite", description = "Replace an existing report.")
  boolean overwrite;

  @Option(names = "--json", description = "Print the report, or the plan, as JSON on stdout.")
  boolean json;

  @Option(names = "--quiet", description = WarningListener.QUIET)
  boolean quiet;

  @Override
  public Integer call() throws IOException {
    if (layers.weights.isEmpty() && output == null) {
      throw new ParameterException(
          command.commandLine(),
          "Missing required option: '--weights=FILE[#NAME]' or '--output=REDUCED'");
    }
    layers.requireOneForBias(command.commandLine(), layers.weights.size());
    EvaluateSpec spec = Specs.create(command, this::spec);
    EvaluationReport.requireDrawable();
    PrintWriter out = command.commandLine().getOut();
    PrintWriter err = command.commandLine().getErr();
    try (Pointwise pointwise = runner.pointwise("pointwise evaluate")) {
      EvaluateJob job = pointwise.plan(spec);
      if (dryRun) {
        job.warnings().forEach(new WarningListener(err)::warning);
        show(job, out);
        return 0;
      }
      EvaluateReport report = job.run(listener(err));
      report.warnings().forEach(listener(err)::warning);
      report.belowGates().forEach(line -> err.println("Below the gate: " + line + "; fit again"));
      if (json) {
        out.println(report.json());
      } else {
        EvaluationText.print(report, out);
        out.println("Report    " + report.page());
      }
      return report.passed() ? 0 : Main.BELOW_GATE;
    }
  }

  /** The only normalisation that can be evaluated, for completion and errors. */
  static final class Unnormalised implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return List.of(Normalisation.NONE.toString()).iterator();
    }
  }

  private EvaluateSpec spec() {
    return new EvaluateSpec(
        input.spec(),
        layers.weights.stream().map(this::layer).toList(),
        output,
        split,
        normalise,
        labels.spec(),
        moments,
        heldOut,
        block,
        seed,
        training.spec(),
        curve,
        report,
        EvaluationReport::page,
        overwrite,
        new QualityGates(minVariance, minAccuracy));
  }

  /** Reads {@code [NAME=]FILE[#NAME]}. A name has no slash, full stop or hash. */
  private EvaluateSpec.Layer layer(String text) {
    Matcher named = NAMED.matcher(text);
    return named.matches()
        ? new EvaluateSpec.Layer(named.group(1), layers.ref(named.group(2)))
        : new EvaluateSpec.Layer(null, layers.ref(text));
  }

  private Listener listener(PrintWriter err) {
    return quiet ? new WarningListener(err) : new ConsoleListener(err);
  }

  private void show(EvaluateJob job, PrintWriter out) {
    if (json) {
      out.println(job.json());
      return;
    }
    JsonNode plan = JsonText.parse(job.json().getBytes(StandardCharsets.UTF_8), "plan");
    out.printf(Locale.ROOT, "Input     %s%n", job.source().info().uri());
    EvaluationText.printStored(plan, out);
    job.layers().forEach(line -> out.printf(Locale.ROOT, "Layer     %s%n", line));
    String label =
        switch (job.split()) {
          case TEST -> "Test";
          case TRAIN -> "Training";
          case ALL -> "Blocks";
        };
    out.printf(
        Locale.ROOT,
        "%-9s %d of %s%s%n",
        label,
        job.measuredBlocks(),
        Count.of(job.blocks().count(), "hold-out block"),
        LayerTable.testSize(plan));
    out.printf(Locale.ROOT, "Report    %s%n", job.page());
  }
}
