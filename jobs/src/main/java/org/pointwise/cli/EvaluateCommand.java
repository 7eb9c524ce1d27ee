package org.pointwise.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.pointwise.EvaluateJob;
import org.pointwise.EvaluateReport;
import org.pointwise.EvaluateSpec;
import org.pointwise.Listener;
import org.pointwise.Pointwise;
import org.pointwise.QualityGates;
import org.pointwise.conv.Normalisation;
import org.pointwise.report.EvaluationReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures how much of the features a layer keeps. */
@Command(
    name = "evaluate",
    description = {
      "Measures what a layer keeps of features, on tiles that were held out when it was fitted.",
      "Writes REPORT.html, which opens from disk, and REPORT.json with every number of it."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    footer = {
      "",
      "The layer is compared with pca, select (the channels of most variance) and random at equal F′.",
      "With --labels a linear probe is trained on its channels and on all channels of the other tiles.",
      "Exit code 5 where it keeps less than --fail-below-variance or --fail-below-accuracy: fit again."
    })
final class EvaluateCommand implements Callable<Integer> {
  @Spec CommandSpec command;

  @Mixin InputOptions input = new InputOptions();

  @Mixin LayerOptions layers = new LayerOptions();

  @Option(
      names = "--normalise",
      paramLabel = "none|l2",
      description =
          "As 'reduce' was given. l2 is refused: what it keeps cannot be reconstructed (default: ${DEFAULT-VALUE}).")
  Normalisation normalise = Normalisation.NONE;

  @Nullable
  @Option(
      names = "--report",
      paramLabel = "FILE.html",
      description =
          "The report to write, with FILE.json beside it (default: beside the weights, .report.html).")
  String report;

  @Mixin LabelOptions labels = new LabelOptions();

  @Nullable
  @Option(
      names = "--moments",
      paramLabel = "FILE",
      description =
          "Of the pixels that the layer was fitted on (default: beside the weights, else taken from the tiles that are not held out).")
  String moments;

  @Nullable
  @Option(
      names = "--test-size",
      paramLabel = "P",
      description =
          "Part of the tiles to evaluate on, 0 … 1, to within one tile (default: as recorded in the weights, else 0.2).")
  Double heldOut;

  @Nullable
  @Option(
      names = "--hold-out-block",
      paramLabel = "B",
      description =
          "Blocks of B×B pixels instead of the parts of images that a chunk holds; 0 for those (default: as recorded in the weights, else 0).")
  Integer block;

  @Nullable
  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Seed of all that is drawn (default: as recorded in the weights, else 1).")
  Long seed;

  @Mixin TrainingOptions training = new TrainingOptions();

  @Option(
      names = "--curve",
      paramLabel = "K",
      description =
          "Compare the methods at 1, 2, 4, … up to so many channels (default: ${DEFAULT-VALUE}).")
  int curve = EvaluateSpec.CURVE;

  @Nullable
  @Option(
      names = "--fail-below-variance",
      paramLabel = "V",
      description = "Exit 5 where less of the held-out variance is kept, 0 … 1.")
  Double minVariance;

  @Nullable
  @Option(
      names = "--fail-below-accuracy",
      paramLabel = "A",
      description = "Exit 5 where the probe on the reduced channels is right less often, 0 … 1.")
  Double minAccuracy;

  @Mixin RunnerOptions runner = new RunnerOptions();

  @Option(names = "--dry-run", description = "Print the plan and write nothing.")
  boolean dryRun;

  @Option(names = "--overwrite", description = "Replace the report that is there.")
  boolean overwrite;

  @Option(names = "--json", description = "Print the report (or the plan) as JSON.")
  boolean json;

  @Option(names = "--quiet", description = "No plan, no progress and no warnings on stderr.")
  boolean quiet;

  @Override
  public Integer call() throws IOException {
    if (layers.weights.size() != 1) {
      throw new ParameterException(command.commandLine(), "give one --weights=FILE[#NAME]");
    }
    EvaluationReport.requireDrawable();
    PrintWriter out = command.commandLine().getOut();
    PrintWriter err = command.commandLine().getErr();
    try (Pointwise pointwise = runner.pointwise("pointwise evaluate")) {
      EvaluateJob job = pointwise.plan(spec());
      if (dryRun) {
        warn(job.warnings(), err);
        show(job, out);
        return 0;
      }
      EvaluateReport report = job.run(quiet ? Listener.SILENT : new ConsoleListener(err));
      warn(report.warnings(), err);
      report.belowGates().forEach(line -> err.println("Below the gate: " + line + "; fit again"));
      if (json) {
        out.println(report.json());
      } else {
        EvaluationText.print(report, out);
        out.println("Report    " + report.page());
      }
      return report.passed() ? 0 : Main.BELOW_A_GATE;
    }
  }

  private EvaluateSpec spec() {
    return new EvaluateSpec(
        input.spec(),
        layers.refs().get(0),
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

  private void warn(List<String> warnings, PrintWriter err) {
    if (!quiet) {
      warnings.forEach(line -> err.println("Warning: " + line));
    }
  }

  private void show(EvaluateJob job, PrintWriter out) {
    if (json) {
      out.println(job.json());
      return;
    }
    out.printf(Locale.ROOT, "Input     %s%n", job.source().info().uri());
    out.printf(Locale.ROOT, "Layer     %s%n", job.weights());
    out.printf(
        Locale.ROOT, "Held out  %d of %d tiles%n", job.blocks().heldOut(), job.blocks().count());
    out.printf(Locale.ROOT, "Report    %s%n", job.page());
  }
}
