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
import org.pointwise.errors.Count;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.store.ByteStores;
import org.pointwise.weights.WeightsRef;
import org.pointwise.work.RunFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
      "Without INPUT: pointwise fit WEIGHTS --moments day1.safetensors day2.safetensors"
    })
final class FitCommand implements Callable<Integer> {
  @Spec CommandSpec command;

  @Parameters(
      arity = "1..2",
      hideParamSyntax = true,
      paramLabel = "[INPUT] WEIGHTS",
      description = {
        "Input array, and weights file to write.",
        "INPUT is the path or URI of ${bundle:inputs}; omit it with --moments.",
        "WEIGHTS ends in .safetensors, .npy or .onnx."
      })
  List<String> files = List.of();

  @Mixin ReadingOptions reading = new ReadingOptions();

  @Option(
      names = "--method",
      paramLabel = "NAME",
      description =
          "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}). Fitted from moments: pca, whiten (pca to unit variance), lda (separates classes), and the baselines select (channels of largest variance) and random. Trained on pixels that are kept in memory: score (logistic regression, one channel for each class) and bottleneck (ReLU channels that predict --labels, or the input itself). Each method results in one layer with the mean in its bias.")
  FitMethod method = FitMethod.PCA;

  @Nullable
  @Option(names = "--channels", paramLabel = "K", description = "Number of output channels, F′.")
  Integer channels;

  @Nullable
  @Option(
      names = "--keep-variance",
      paramLabel = "V",
      description =
          "Fraction of the variance to keep (default: 0.99). It is more than 0 and at most 1, and determines the number of output channels, instead of --channels.")
  Double keepVariance;

  @Option(
      names = "--standardise",
      description =
          "Divide channels by their standard deviation first. For --method pca, whiten and random. Constant channels are divided by 1. The layer contains the division, and its decoder returns the original units. The variance that --keep-variance and --fail-below-variance refer to is that of the divided channels.")
  boolean standardise;

  @Nullable
  @Option(
      names = "--moments",
      arity = "1..*",
      paramLabel = "FILE",
      description = "Moments files to learn from, instead of INPUT. They are merged.")
  List<String> moments;

  @Mixin MomentsOptions pixels = new MomentsOptions();

  @Rare
  @Option(
      names = "--epsilon",
      paramLabel = "E",
      description =
          "Number that --method whiten adds to each variance (default: ${DEFAULT-VALUE}).")
  double epsilon;

  @Mixin TrainingOptions training = new TrainingOptions();

  @Nullable
  @Option(
      names = "--fail-below-variance",
      paramLabel = "V",
      description =
          "Exit code 5 if the layer keeps less variance. The gate is a fraction, 0 … 1. The variance is that of the pixels that the layer was fitted on.")
  Double minVariance;

  @Nullable
  @Option(
      names = "--fail-below-accuracy",
      paramLabel = "A",
      description =
          "Exit code 5 if the accuracy is lower. The gate is a fraction, 0 … 1. The accuracy is the fraction of training pixels that --method score or bottleneck classifies correctly.")
  Double minAccuracy;

  @Nullable
  @Rare
  @Option(
      names = "--align",
      paramLabel = "OLD[#NAME]",
      description = "Rotate the new channels towards those of an old layer.")
  String align;

  @Nullable
  @Rare
  @Option(
      names = "--save-moments",
      paramLabel = "FILE",
      description =
          "File in which the moments are stored (default: beside WEIGHTS, .moments.safetensors).")
  String saveMoments;

  @Mixin RunnerOptions runner = new RunnerOptions();

  @Option(names = "--dry-run", description = "Print the plan and write nothing.")
  boolean dryRun;

  @Option(names = "--overwrite", description = "Replace existing files.")
  boolean overwrite;

  @Option(names = "--json", description = "Print the report, or the plan, as JSON on stdout.")
  boolean json;

  @Option(names = "--quiet", description = WarningListener.QUIET)
  boolean quiet;

  @Override
  public Integer call() throws IOException {
    FitSpec spec = Specs.create(command, this::spec);
    PrintWriter out = command.commandLine().getOut();
    try (Pointwise pointwise = runner.pointwise("pointwise fit")) {
      FitJob job = pointwise.plan(spec);
      if (dryRun) {
        show(job, out);
        return 0;
      }
      FitReport report = job.run(listener());
      print(job, report, out);
      return report.passed() ? 0 : Main.BELOW_GATE;
    }
  }

  private FitSpec spec() {
    if (files.size() > 2) {
      throw new ParameterException(
          command.commandLine(), "Unexpected argument: '%s'".formatted(files.get(2)));
    }
    return new FitSpec(
        files.size() == 2 ? reading.spec(files.get(0)) : null,
        moments == null ? List.of() : moments,
        files.get(files.size() - 1),
        method,
        channels,
        keepVariance,
        epsilon,
        standardise,
        pixels.spec(),
        training.spec(),
        align == null ? null : WeightsRef.parse(align),
        saveMoments,
        overwrite,
        new QualityGates(minVariance, minAccuracy));
  }

  private Listener listener() {
    PrintWriter err = command.commandLine().getErr();
    return quiet ? new WarningListener(err) : new ConsoleListener(err);
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
          "Moments   %s: %s of %s%n",
          Count.of(preview.files(), "file"),
          Count.of(preview.moments().count(), "pixel"),
          Count.of(preview.moments().channels(), "channel"));
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
    report.warnings().forEach(listener()::warning);
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
        "Layer     %s by %s from %s%n",
        report.layer(),
        method,
        Count.of(report.pixelsUsed(), "pixel"));
    if (report.nonFinitePixels() + report.maskedPixels() > 0) {
      out.printf(
          "Left out  %s with NaN or infinite values, %d nodata%n",
          Count.of(report.nonFinitePixels(), "pixel"), report.maskedPixels());
    }
    if (!report.selectedChannels().isEmpty()) {
      out.printf("Selected  channels %s of the input%n", Shortened.list(report.selectedChannels()));
    }
    out.printf(
        Locale.ROOT, "Rank      %d of %d channels%n", report.rank(), report.layer().inChannels());
    if (!Double.isNaN(report.explainedVariance())) {
      out.printf(
          Locale.ROOT,
          "Keeps     %.4f %% of the variance%s%n",
          100 * report.explainedVariance(),
          standardise ? " of the standardised channels" : "");
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
    printFiles(report, out);
    MomentsPlan pass = job.plan();
    if (pass != null) {
      out.println("Report    " + RunFolder.uri(pass.destination()) + "/report.json");
    }
    out.printf(Locale.ROOT, "Time      %.2f s%n", report.seconds());
  }

  /** Prints the files that were written, with what they contain. */
  private static void printFiles(FitReport report, PrintWriter out) {
    String label = "Written";
    for (String file : report.files()) {
      String content = "layer";
      for (String part : List.of("bias", "decoder", "head")) {
        content = file.contains("." + part + ".") ? part : content;
      }
      if (file.endsWith(".safetensors")) {
        content = report.head() == null ? "layer, decoder" : "layer, decoder, head";
      }
      out.printf("%-9s %s (%s)%n", label, file, content);
      label = "";
    }
    if (!report.moments().isEmpty()) {
      out.printf("%-9s %s (moments)%n", label, report.moments());
    }
  }
}
