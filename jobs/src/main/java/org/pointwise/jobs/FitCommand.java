package org.pointwise.jobs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.learn.Alignment;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.LearnedLayer;
import org.pointwise.learn.Projections;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.Resources;
import org.pointwise.run.MomentsJob;
import org.pointwise.run.RunFolder;
import org.pointwise.run.Runner;
import org.pointwise.run.Sources;
import org.pointwise.store.ByteStores;
import org.pointwise.store.FeatureSource;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axes;
import org.pointwise.weights.MomentsFile;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsRef;
import org.pointwise.weights.WeightsWriter;
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
      "Methods: pca, whiten (pca to unit variance), lda (between classes), and the baselines select",
      "(the channels of most variance) and random. All end as one layer with the mean in its bias.",
      "",
      "With --moments no INPUT is read: pointwise fit WEIGHTS --moments day1.safetensors day2.safetensors"
    })
final class FitCommand implements Callable<Integer> {
  /** How a layer is learned. */
  enum Method {
    PCA,
    WHITEN,
    LDA,
    SELECT,
    RANDOM;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Spec CommandSpec command;

  @Parameters(
      arity = "1..2",
      paramLabel = "[INPUT] WEIGHTS",
      description = {
        "INPUT: path or URI of a Zarr array (store.zarr/array), an .npy file, or a folder of them; none with --moments.",
        "WEIGHTS: the file to write, .safetensors, .npy or .onnx."
      })
  List<String> files = List.of();

  @Nullable
  @Option(
      names = "--axes",
      paramLabel = "A,B,…",
      description = "The input's axes, slowest first; needed where the file names none.")
  String axes;

  @Nullable
  @Option(
      names = "--nodata",
      paramLabel = "VALUE",
      description = "Stored value that means no data (default: the file's _FillValue).")
  Float nodata;

  @Option(
      names = "--method",
      paramLabel = "M",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  Method method = Method.PCA;

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
    long started = System.nanoTime();
    checkOptions();
    String weights = ByteStores.absolute(files.get(files.size() - 1));
    WeightsRef.FileFormat.of(weights);
    if (!dryRun) {
      MomentsPass.requireFree(weights, overwrite);
    }
    return moments != null ? refit(weights, moments, started) : fit(weights, started);
  }

  private void checkOptions() {
    if ((moments != null) == (files.size() == 2)) {
      throw new ParameterException(
          command.commandLine(),
          moments != null
              ? "With --moments there is no INPUT: give WEIGHTS alone, before --moments"
              : "Missing required parameter: give INPUT and WEIGHTS, or WEIGHTS and --moments");
    }
    if (channels != null && keepVariance != null) {
      throw new ParameterException(
          command.commandLine(), "--channels and --keep-variance exclude each other");
    }
    if (keepVariance != null && !(keepVariance > 0 && keepVariance <= 1)) {
      throw new ParameterException(
          command.commandLine(), "--keep-variance is more than 0 and at most 1");
    }
    boolean countNeeded = method == Method.SELECT || method == Method.RANDOM;
    if (countNeeded && channels == null) {
      throw new ParameterException(
          command.commandLine(), "--method %s needs --channels".formatted(method));
    }
    if (method == Method.LDA && keepVariance != null) {
      throw new ParameterException(
          command.commandLine(), "--keep-variance goes with pca and whiten; use --channels");
    }
    if (align != null && method == Method.SELECT) {
      throw new ParameterException(
          command.commandLine(), "--align turns channels, but select keeps them as they are");
    }
    if (!(epsilon >= 0)) {
      throw new ParameterException(command.commandLine(), "--epsilon is at least 0");
    }
  }

  private int fit(String weights, long started) throws IOException {
    FeatureSource source =
        Sources.open(Stores.ANY, files.get(0), axes == null ? null : Axes.parse(axes), nodata);
    MomentsPlan plan =
        MomentsPlan.of(pixels.spec(weights, source.info()), source.info(), source.dequantisation());
    requireFeasible(plan);
    MomentsPass pass = new MomentsPass(plan, quiet, command.commandLine().getErr());
    if (dryRun) {
      PrintWriter out = command.commandLine().getOut();
      Resources here = runner.here(Runtime.getRuntime().availableProcessors());
      plan.requireFits(here);
      if (json) {
        out.println(JsonText.text(RunFolder.describe(plan)));
      } else {
        pass.print(here, out);
      }
      return 0;
    }
    return runner.with(
        "pointwise fit", (chosen, resources) -> run(weights, pass, chosen, resources, started));
  }

  /** Refuses before the pass what could not be learned after it. */
  private void requireFeasible(MomentsPlan plan) {
    int most = plan.input().shape().c();
    if (channels != null && (channels < 1 || channels > most)) {
      throw new InvalidInputException(
          "Cannot make %d channels: the input has %d; choose --channels 1 … %d"
              .formatted(channels, most, most));
    }
    if (method == Method.LDA && plan.spec().labels() == null) {
      throw new InvalidInputException("Cannot fit lda: it learns from classes; give --labels");
    }
  }

  private int run(
      String weights, MomentsPass pass, Runner chosen, Resources resources, long started)
      throws IOException {
    MomentsJob.Outcome outcome = pass.run(chosen, resources);
    LearnedLayer learned = learn(outcome.moments());
    byte[] kept = MomentsCommand.encode(outcome.moments(), pass.provenance());
    String momentsUri =
        saveMoments != null ? ByteStores.absolute(saveMoments) : momentsBeside(weights);
    Stores.ANY.open(ByteStores.parent(momentsUri)).put(ByteStores.name(momentsUri), kept);
    List<String> written = write(weights, learned, outcome.moments(), pass.provenance());
    ObjectNode report = pass.report(outcome, chosen, kept.length, started);
    describe(report, learned, written);
    pass.finish(report);
    print(report, learned, written);
    return 0;
  }

  /** Where the moments of a layer are looked for. */
  static String momentsBeside(String weights) {
    return weights.substring(0, weights.lastIndexOf('.')) + ".moments.safetensors";
  }

  /** Learns from files; their order makes no difference. */
  private int refit(String weights, List<String> momentFiles, long started) throws IOException {
    Map<String, MomentsFile.Contents> byData = new TreeMap<>();
    for (String file : momentFiles) {
      String uri = ByteStores.absolute(file);
      MomentsFile.Contents contents = MomentsFile.read(Stores.ANY, uri);
      if (byData.put(MomentsFile.sha256(contents.moments()), contents) != null) {
        throw new InvalidInputException(
            "Cannot merge moments: %s holds what another file holds already; name each once"
                .formatted(uri));
      }
    }
    FeatureMoments all = null;
    for (MomentsFile.Contents contents : byData.values()) {
      if (all == null) {
        all = new FeatureMoments(contents.moments().channels());
      }
      if (contents.moments().channels() != all.channels()) {
        throw new InvalidInputException(
            "Cannot merge moments: they are of %d and of %d channels; merge those of one kind of features"
                .formatted(all.channels(), contents.moments().channels()));
      }
      all.add(contents.moments());
    }
    FeatureMoments merged = Objects.requireNonNull(all);
    LearnedLayer learned = learn(merged);
    MomentsFile.Contents first = byData.values().iterator().next();
    Map<String, String> provenance = new LinkedHashMap<>();
    for (String name : List.of("sample", "heldOut", "seed")) {
      boolean alike =
          byData.values().stream()
              .allMatch(contents -> Objects.equals(contents.recorded(name), first.recorded(name)));
      String value = first.recorded(name);
      provenance.put(name, alike && value != null ? value : "mixed");
    }
    if (saveMoments != null || byData.size() > 1) {
      String uri = saveMoments != null ? ByteStores.absolute(saveMoments) : momentsBeside(weights);
      Stores.ANY
          .open(ByteStores.parent(uri))
          .put(ByteStores.name(uri), MomentsCommand.encode(merged, provenance));
    }
    List<String> written = write(weights, learned, merged, provenance);
    ObjectNode report =
        JsonText.object()
            .put("status", "complete")
            .put("output", weights)
            .put("pixels", merged.count())
            .put("pixelsUsed", merged.count())
            .put("seconds", (System.nanoTime() - started) / 1e9);
    describe(report, learned, written);
    print(report, learned, written);
    return 0;
  }

  private LearnedLayer learn(FeatureMoments found) throws IOException {
    Projections projections = new Projections(found);
    Projections.Target target =
        new Projections.Target(channels, keepVariance == null ? 0.99 : keepVariance);
    int count = channels == null ? 0 : channels;
    LearnedLayer learned =
        switch (method) {
          case PCA -> projections.pca(target);
          case WHITEN -> projections.whiten(target, epsilon);
          case LDA -> projections.lda(channels);
          case SELECT -> projections.select(count);
          case RANDOM -> projections.random(count, pixels.seed);
        };
    if (align == null) {
      return learned;
    }
    WeightsRef ref = WeightsRef.parse(align, null, null, null);
    PointwiseLayer old = Weights.read(Stores.ANY, ref, 0).layer();
    return Alignment.align(learned, old, found.overall());
  }

  private List<String> write(
      String weights, LearnedLayer learned, FeatureMoments found, Map<String, String> provenance)
      throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>(learned.facts());
    metadata.put("data", MomentsFile.sha256(found));
    metadata.putAll(provenance);
    metadata.put("seed", String.valueOf(pixels.seed));
    metadata.put("sha256", learned.layer().sha256());
    return WeightsWriter.write(Stores.ANY, weights, learned.layer(), learned.decoder(), metadata);
  }

  private static void describe(ObjectNode report, LearnedLayer learned, List<String> written) {
    ObjectNode layer = report.putObject("layer");
    learned.facts().forEach(layer::put);
    layer.put("activation", learned.layer().activation().toString());
    layer.put("sha256", learned.layer().sha256());
    written.forEach(report.putArray("files")::add);
    learned.warnings().forEach(report.putArray("warnings")::add);
  }

  private void print(ObjectNode report, LearnedLayer learned, List<String> written) {
    PrintWriter out = command.commandLine().getOut();
    if (!quiet) {
      learned
          .warnings()
          .forEach(line -> command.commandLine().getErr().println("Warning: " + line));
    }
    if (json) {
      out.println(JsonText.text(report));
      return;
    }
    out.printf(
        Locale.ROOT,
        "Layer     %s by %s from %d pixels%n",
        learned.layer(),
        method,
        report.path("pixelsUsed").asLong());
    out.printf(
        Locale.ROOT,
        "Keeps     %.4f %% of the variance%n",
        100 * Double.parseDouble(learned.facts().get("explainedVariance")));
    String angle = learned.facts().get("largestPrincipalAngle");
    if (angle != null) {
      out.printf(
          Locale.ROOT,
          "Aligned   to %s; the largest principal angle is %.3f°%n",
          align,
          Math.toDegrees(Double.parseDouble(angle)));
    }
    out.printf(Locale.ROOT, "Written   %s%n", String.join(", ", written));
    out.printf(Locale.ROOT, "Time      %.2f s%n", report.path("seconds").asDouble());
  }
}
