package org.pointwise.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.pointwise.FitJob;
import org.pointwise.FitMethod;
import org.pointwise.FitReport;
import org.pointwise.FitSpec;
import org.pointwise.Listener;
import org.pointwise.Pointwise;
import org.pointwise.QualityGates;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.store.ByteStores;
import org.pointwise.weights.WeightsRef;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Learns a layer. */
@Command(
    name = "fit",
    description = "Learns a layer F → F′ from features, with its decoder F′ → F.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    footer = {
      "",
      "Methods: pca, whiten (pca to unit variance), lda (between classes), and the baselines select",
      "(the channels of most variance) and random; trained on pixels kept in memory: score (logistic",
      "regression, a channel a class) and bottleneck (ReLU channels that predict --labels, or the",
      "input itself). All end as one layer with the mean in its bias.",
      "",
      "With --moments no INPUT is read: pointwise fit WEIGHTS --moments day1.safetensors day2.safetensors"
    })
final class FitCommand implements Callable<Integer> {
  @Spec CommandSpec command;

  @Parameters(
      arity = "1..2",
      paramLabel = "[INPUT] WEIGHTS",
      description = {
        "INPUT: path or URI of ${bundle:inputs}; none with --moments.",
        "WEIGHTS: the file to write, .safetensors, .npy or .onnx."
      })
  List<String> files = List.of();

  @Mixin ReadingOptions reading = new ReadingOptions();

  @Option(
      names = "--method",
      paramLabel = "M",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  FitMethod method = FitMethod.PCA;

  @Nullable
  @Option(names = "--channels", paramLabel = "K", description = "F′, the channels to make.")
  Integer channels;

  @Nullable
  @Option(
      names = "--keep-variance",
      paramLabel = "V",
      description =
          "Make as many channels as keep this part of the variance, 0 … 1 (default: 0.99).")
  Double keepVariance;

  @Nullable
  @Option(
      names = "--moments",
      arity = "1..*",
      paramLabel = "FILE",
      description = "Learn from these moments, merged, instead of INPUT.")
  List<String> moments;

  @Mixin MomentsOptions pixels = new MomentsOptions();

  @Option(
      names = "--epsilon",
      paramLabel = "E",
      description = "whiten: added to each variance (default: ${DEFAULT-VALUE}).")
  double epsilon;

  @Mixin TrainingOptions training = new TrainingOptions();

  @Nullable
  @Option(
      names = "--fail-below-variance",
      paramLabel = "V",
      description = "Exit 5 where the layer keeps less of the variance it was fitted on, 0 … 1.")
  Double minVariance;

  @Nullable
  @Option(
      names = "--fail-below-accuracy",
      paramLabel = "A",
      description =
          "score, bottleneck: exit 5 where fewer of the training pixels are right, 0 … 1.")
  Double minAccuracy;

  @Nullable
  @Option(
      names = "--align",
      paramLabel = "OLD[#NAME]",
      description = "Turn the new channels towards those of an old layer.")
  String align;

  @Nullable
  @Option(
      names = "--save-moments",
      paramLabel = "FILE",
      description = "Where to keep the moments (default: beside WEIGHTS, .moments.safetensors).")
  String saveMoments;

  @Mixin RunnerOptions runner = new RunnerOptions();

  @Option(names = "--dry-run", description = "Print the plan and write nothing.")
  boolean dryRun;

  @Option(names = "--overwrite", description = "Replace the files that are there.")
  boolean overwrite;

  @Option(names = "--json", description = "Print the report (or the plan) as JSON.")
  boolean json;

  @Option(names = "--quiet", description = "No plan, no progress and no warnings on stderr.")
  boolean quiet;

  @Override
  public Integer call() throws IOException {
    FitSpec spec = Specs.make(command, this::spec);
    PrintWriter out = command.commandLine().getOut();
    try (Pointwise pointwise = runner.pointwise("pointwise fit")) {
      FitJob job = pointwise.plan(spec);
      if (dryRun) {
        show(job, out);
        return 0;
      }
      FitReport report = job.run(quiet ? Listener.SILENT : listener());
      print(job, report, out);
      return report.passed() ? 0 : Main.BELOW_A_GATE;
    }
  }

  private FitSpec spec() {
    return new FitSpec(
        files.size() == 2 ? reading.spec(files.get(0)) : null,
        moments == null ? List.of() : moments,
        files.get(files.size() - 1),
        method,
        channels,
        keepVariance,
        epsilon,
        pixels.spec(),
        training.spec(),
        align == null ? null : WeightsRef.parse(align),
        saveMoments,
        overwrite,
        new QualityGates(minVariance, minAccuracy));
  }

  private Listener listener() {
    return new ConsoleListener(command.commandLine().getErr());
  }

  /** Prints the plan of the moments pass, or for given moments what would be written. */
  private void show(FitJob job, PrintWriter out) throws IOException {
    MomentsPlan plan = job.plan();
    if (json) {
      out.println(job.json());
    } else if (plan != null) {
      MomentsText.print(plan, job.requireFits(), out);
    } else {
      FitJob.Preview preview = job.preview();
      String saved = preview.savedMoments();
      out.printf(
          Locale.ROOT,
          "Moments   %d files: %d pixels of %d channels%n",
          preview.files(),
          preview.moments().count(),
          preview.moments().channels());
      out.printf(Locale.ROOT, "Layer     %s by %s%n", preview.layer(), method);
      out.printf(
          Locale.ROOT,
          "Output    %s%s%n",
          ByteStores.absolute(files.get(files.size() - 1)),
          saved == null ? "" : ", " + saved);
    }
  }

  private void print(FitJob job, FitReport report, PrintWriter out) {
    PrintWriter err = command.commandLine().getErr();
    if (!quiet) {
      report.warnings().forEach(line -> err.println("Warning: " + line));
    }
    if (json) {
      out.println(report.json());
    } else {
      print(job, report, report.metadata(), out);
    }
    report.belowGates().forEach(line -> err.println("Below the gate: " + line));
  }

  private void print(FitJob job, FitReport report, Map<String, String> metadata, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "Layer     %s by %s from %d pixels%n",
        report.layer(),
        method,
        report.pixelsUsed());
    if (!Double.isNaN(report.explainedVariance())) {
      out.printf(
          Locale.ROOT, "Keeps     %.4f %% of the variance%n", 100 * report.explainedVariance());
    }
    if (!Double.isNaN(report.accuracy())) {
      out.printf(
          Locale.ROOT,
          "Accuracy  %.2f %% of the pixels it was trained on, mean IoU %.4f, after %s steps%n",
          100 * report.accuracy(),
          Double.parseDouble(metadata.get("meanIou")),
          metadata.get("iterations"));
    }
    String angle = metadata.get("largestPrincipalAngle");
    if (angle != null) {
      out.printf(
          Locale.ROOT,
          "Aligned   to %s; the largest principal angle is %.3f°%n",
          align,
          Math.toDegrees(Double.parseDouble(angle)));
    }
    MomentsText.printHeldOut(job.plan(), out);
    out.printf(Locale.ROOT, "Written   %s%n", String.join(", ", report.files()));
    out.printf(Locale.ROOT, "Time      %.2f s%n", report.seconds());
  }
}
