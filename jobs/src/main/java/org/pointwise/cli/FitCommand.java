package org.pointwise.cli;

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
import org.pointwise.format.FeatureSource;
import org.pointwise.hadoop.Stores;
import org.pointwise.learn.Alignment;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.LearnedLayer;
import org.pointwise.learn.Network;
import org.pointwise.learn.Projections;
import org.pointwise.learn.RectifiedDecoder;
import org.pointwise.learn.Trainer;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.MomentsSpec;
import org.pointwise.plan.Resources;
import org.pointwise.plan.SplitTiles;
import org.pointwise.plan.TrainingPlan;
import org.pointwise.run.MomentsJob;
import org.pointwise.run.OutputGuard;
import org.pointwise.run.Runner;
import org.pointwise.run.manifest.PlanRecord;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
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
      "(the channels of most variance) and random; trained on pixels kept in memory: score (logistic",
      "regression, a channel a class) and bottleneck (ReLU channels that predict --labels, or the",
      "input itself). All end as one layer with the mean in its bias.",
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
    RANDOM,
    SCORE,
    BOTTLENECK;

    boolean trained() {
      return this == SCORE || this == BOTTLENECK;
    }

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
        "INPUT: path or URI of ${bundle:inputs}; none with --moments.",
        "WEIGHTS: the file to write, .safetensors, .npy or .onnx."
      })
  List<String> files = List.of();

  @Mixin ReadingOptions reading = new ReadingOptions();

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

  @Mixin TrainingOptions training = new TrainingOptions();

  @Nullable
  @Option(
      names = "--min-variance",
      paramLabel = "V",
      description = "Exit 5 where the layer keeps less of the variance it was fitted on, 0 … 1.")
  Double minVariance;

  @Nullable
  @Option(
      names = "--min-accuracy",
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
    long started = System.nanoTime();
    checkOptions();
    String weights = ByteStores.absolute(files.get(files.size() - 1));
    WeightsRef.FileFormat.of(weights);
    OutputGuard guard =
        new OutputGuard(Stores.ANY)
            .reads(moments == null ? files.get(0) : null)
            .reads(pixels.labels.labels)
            .readsAll(reading.files())
            .reads(align == null ? null : WeightsRef.parse(align, null, null, null).uri())
            .writes(WeightsWriter.files(weights));
    if (moments != null) {
      moments.forEach(guard::reads);
    }
    String savedMoments = savedMoments(weights);
    if (savedMoments != null) {
      guard.writes(savedMoments, "give --save-moments another name");
    }
    guard.requireApart().requireFree(overwrite);
    return moments != null ? refit(weights, moments, started) : fit(weights, started);
  }

  /** Where moments are kept; null where that would only copy the one file that was given. */
  private @Nullable String savedMoments(String weights) {
    if (saveMoments != null) {
      return ByteStores.absolute(saveMoments);
    }
    return moments != null && moments.size() == 1 ? null : momentsBeside(weights);
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
    boolean countNeeded =
        method == Method.SELECT || method == Method.RANDOM || method == Method.BOTTLENECK;
    if (countNeeded && channels == null) {
      throw new ParameterException(
          command.commandLine(), "--method %s needs --channels".formatted(method));
    }
    if (moments != null && method.trained()) {
      throw new ParameterException(
          command.commandLine(),
          "--method %s learns from pixels, which --moments does not hold; give INPUT"
              .formatted(method));
    }
    boolean classes = method == Method.SCORE || pixels.labels.given();
    if (minAccuracy != null && !(method.trained() && classes)) {
      throw new ParameterException(
          command.commandLine(),
          "--min-accuracy goes with score, and bottleneck with --labels; pointwise evaluate measures it for any layer");
    }
    if (minVariance != null && method == Method.BOTTLENECK && classes) {
      throw new ParameterException(
          command.commandLine(),
          "--min-variance does not go with a bottleneck that predicts labels; pointwise evaluate measures it");
    }
    if (keepVariance != null && method != Method.PCA && method != Method.WHITEN) {
      throw new ParameterException(
          command.commandLine(), "--keep-variance goes with pca and whiten");
    }
    if (align != null && (method == Method.SELECT || method.trained())) {
      throw new ParameterException(
          command.commandLine(),
          "--align turns channels, but those of %s have a meaning each".formatted(method));
    }
    if (!(epsilon >= 0)) {
      throw new ParameterException(command.commandLine(), "--epsilon is at least 0");
    }
  }

  private int fit(String weights, long started) throws IOException {
    FeatureSource source = reading.open(files.get(0));
    MomentsPlan plan =
        MomentsPlan.of(pixels.spec(weights, source.info()), source.info(), source.dequantisation());
    requireFeasible(plan);
    MomentsPass pass = new MomentsPass(plan, quiet, command.commandLine().getErr());
    if (dryRun) {
      PrintWriter out = command.commandLine().getOut();
      Resources here = runner.here(Runtime.getRuntime().availableProcessors());
      plan.requireFits(here);
      requireTrainable(plan, here);
      if (json) {
        out.println(JsonText.text(PlanRecord.of(plan).json()));
      } else {
        pass.print(here, out);
      }
      return 0;
    }
    return runner.with(
        "pointwise fit",
        chosen -> {
          try (pass) {
            return run(weights, pass, chosen, started);
          }
        });
  }

  /** Refuses before the pass what could not be learned after it. */
  private void requireFeasible(MomentsPlan plan) {
    int most = plan.input().shape().c();
    if (channels != null && (channels < 1 || channels > most)) {
      throw new InvalidInputException(
          "Cannot make %d channels: the input has %d; choose --channels 1 … %d"
              .formatted(channels, most, most));
    }
    boolean needsLabels = method == Method.LDA || method == Method.SCORE;
    if (needsLabels && plan.spec().labels() == null) {
      throw new InvalidInputException(
          "Cannot fit %s: it learns from classes; give --labels".formatted(method));
    }
    training.settings(pixels.seed);
  }

  private int run(String weights, MomentsPass pass, Runner chosen, long started)
      throws IOException {
    requireTrainable(pass.plan(), chosen.resources());
    MomentsJob.Outcome outcome = pass.run(chosen);
    LearnedLayer learned =
        method.trained() ? train(pass, outcome.moments(), chosen) : learn(outcome.moments());
    byte[] kept = MomentsCommand.encode(outcome.moments(), pass.provenance());
    String momentsUri = Objects.requireNonNull(savedMoments(weights));
    pass.requireHeld();
    Stores.ANY.open(ByteStores.parent(momentsUri)).put(ByteStores.name(momentsUri), kept);
    List<String> written = write(weights, learned, outcome.moments(), pass.provenance());
    ObjectNode report = pass.report(outcome, kept.length, started);
    describe(report, learned, written);
    pass.finish(report);
    print(report, learned, pass.heldOut(), written);
    return gate(learned);
  }

  /** Refuses before the pass what would not fit after it. */
  private void requireTrainable(MomentsPlan plan, Resources resources) {
    if (method.trained()) {
      SplitTiles tiles = plan.spec().tiles().of(plan.input());
      double part = plan.spec().sample().fraction();
      part *= 1 - (double) tiles.heldOut() / tiles.count();
      long expected = Math.min(training.pixels, (long) (part * plan.input().pixels()));
      TrainingPass.requireFits(
          TrainingPlan.of(
              plan.spec(),
              plan.input(),
              plan.dequantisation(),
              null,
              network(plan.input().shape().c(), plan.spec().classes()),
              expected),
          resources);
    }
  }

  /**
   * The network to train.
   *
   * @param classes 0 without labels
   */
  private Network network(int in, int classes) {
    int hidden = method == Method.SCORE || channels == null ? 0 : channels;
    return classes > 0
        ? new Network(in, hidden, classes, Network.Objective.CROSS_ENTROPY)
        : new Network(in, hidden, in, Network.Objective.SQUARED_ERROR);
  }

  private LearnedLayer train(MomentsPass pass, FeatureMoments found, Runner chosen) {
    MomentsPlan plan = pass.plan();
    int in = found.channels();
    boolean classes = plan.spec().labels() != null;
    if (classes) {
      found.requireClasses(method.toString());
    }
    new Projections(found); // refuses what has nothing to learn from
    if (method == Method.SCORE && channels != null && channels != found.classes()) {
      throw new InvalidInputException(
          "Cannot make %d channels: score makes one for each of %d classes; leave --channels away"
              .formatted(channels, found.classes()));
    }
    Network network = network(in, classes ? found.classes() : 0);
    MomentsSpec kept = training.thinned(plan.spec(), found.count(), pixels.seed);
    long expected = Math.min(training.pixels, found.count());
    TrainingPlan trainingPlan =
        TrainingPlan.of(kept, plan.input(), plan.dequantisation(), null, network, expected);
    Trainer trainer = new Trainer(found, network, training.settings(pixels.seed));
    TrainingPass run = new TrainingPass(chosen, quiet, command.commandLine().getErr());
    LearnedLayer learned = trainer.layer(run.train(trainingPlan, trainer));
    if (network.hidden() == 0 || !classes) {
      return learned;
    }
    RectifiedDecoder decoder = new RectifiedDecoder(learned.layer(), found.overall());
    TrainingPlan decoderPlan =
        TrainingPlan.of(
            kept, plan.input(), plan.dequantisation(), null, decoder.network(), expected);
    return learned.with(run.decoder(decoderPlan, decoder));
  }

  /** Whether what was learned is what a scheduler asked for. */
  private int gate(LearnedLayer learned) {
    boolean gated = minVariance != null || minAccuracy != null;
    boolean missed =
        (gated && "false".equals(learned.facts().get("converged")))
            || below("explainedVariance", minVariance, learned)
            || below("accuracy", minAccuracy, learned);
    return missed ? Main.BELOW_A_GATE : 0;
  }

  private boolean below(String fact, @Nullable Double least, LearnedLayer learned) {
    if (least == null) {
      return false;
    }
    double value = Double.parseDouble(String.valueOf(learned.facts().get(fact)));
    if (value < least) {
      command
          .commandLine()
          .getErr()
          .printf(Locale.ROOT, "Below the gate: %s is %.6f, less than %s%n", fact, value, least);
    }
    return value < least;
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
    List<String> scalings =
        byData.values().stream()
            .map(contents -> contents.recorded(MomentsPass.SCALING))
            .filter(Objects::nonNull)
            .distinct()
            .sorted() // in the order of the data they would change places
            .toList();
    if (scalings.size() > 1) {
      throw new InvalidInputException(
          "Cannot merge moments: some are of numbers with %s, others with %s; take them anew with the same --scale and --offset"
              .formatted(scalings.get(0), scalings.get(1)));
    }
    scalings.forEach(scaling -> provenance.put(MomentsPass.SCALING, scaling));
    for (String name :
        List.of("sample", "heldOut", "heldOutBlock", MomentsPass.HELD_OUT_RULE, "seed")) {
      boolean alike =
          byData.values().stream()
              .allMatch(contents -> Objects.equals(contents.recorded(name), first.recorded(name)));
      String value = first.recorded(name);
      if (!alike || value != null) {
        provenance.put(name, alike ? String.valueOf(value) : "mixed");
      }
    }
    String uri = savedMoments(weights);
    if (dryRun) {
      return show(weights, uri, byData.size(), merged, learned);
    }
    if (uri != null) {
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
    print(report, learned, null, written);
    return gate(learned);
  }

  /** What a fit from moments would write. */
  private int show(
      String weights,
      @Nullable String savedMoments,
      int files,
      FeatureMoments merged,
      LearnedLayer learned) {
    PrintWriter out = command.commandLine().getOut();
    if (json) {
      ObjectNode plan = JsonText.object().put("output", weights).put("pixelsUsed", merged.count());
      describe(plan, learned, List.of());
      plan.remove("files");
      out.println(JsonText.text(plan));
      return 0;
    }
    out.printf(
        Locale.ROOT,
        "Moments   %d files: %d pixels of %d channels%n",
        files,
        merged.count(),
        merged.channels());
    out.printf(Locale.ROOT, "Layer     %s by %s%n", learned.layer(), method);
    out.printf(
        Locale.ROOT, "Output    %s%s%n", weights, savedMoments == null ? "" : ", " + savedMoments);
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
          case SCORE, BOTTLENECK -> throw new IllegalStateException("trained on pixels");
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
    metadata.putIfAbsent("seed", String.valueOf(pixels.seed)); // else that of the held-out tiles
    metadata.put("sha256", learned.layer().sha256());
    Map<String, PointwiseLayer> companions = new LinkedHashMap<>();
    companions.put(Weights.DECODER, learned.decoder());
    PointwiseLayer head = learned.head();
    if (head != null) {
      companions.put(Weights.HEAD, head);
    }
    return WeightsWriter.write(Stores.ANY, weights, learned.layer(), companions, metadata);
  }

  private static void describe(ObjectNode report, LearnedLayer learned, List<String> written) {
    ObjectNode layer = report.putObject("layer");
    learned.facts().forEach(layer::put);
    layer.put("activation", learned.layer().activation().toString());
    layer.put("sha256", learned.layer().sha256());
    written.forEach(report.putArray("files")::add);
    learned.warnings().forEach(report.putArray("warnings")::add);
  }

  private void print(
      ObjectNode report, LearnedLayer learned, @Nullable String heldOut, List<String> written) {
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
    String kept = learned.facts().get("explainedVariance");
    if (kept != null) {
      out.printf(
          Locale.ROOT, "Keeps     %.4f %% of the variance%n", 100 * Double.parseDouble(kept));
    }
    String accuracy = learned.facts().get("accuracy");
    if (accuracy != null) {
      out.printf(
          Locale.ROOT,
          "Accuracy  %.2f %% of the pixels it was trained on, mean IoU %.4f, after %s steps%n",
          100 * Double.parseDouble(accuracy),
          Double.parseDouble(learned.facts().get("meanIou")),
          learned.facts().get("iterations"));
    }
    String angle = learned.facts().get("largestPrincipalAngle");
    if (angle != null) {
      out.printf(
          Locale.ROOT,
          "Aligned   to %s; the largest principal angle is %.3f°%n",
          align,
          Math.toDegrees(Double.parseDouble(angle)));
    }
    if (heldOut != null) {
      out.println(heldOut);
    }
    out.printf(Locale.ROOT, "Written   %s%n", String.join(", ", written));
    out.printf(Locale.ROOT, "Time      %.2f s%n", report.path("seconds").asDouble());
  }
}
