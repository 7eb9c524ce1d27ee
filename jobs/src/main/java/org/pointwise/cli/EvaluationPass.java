package org.pointwise.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.Activation;
import org.pointwise.conv.KernelChoice;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.hadoop.Stores;
import org.pointwise.learn.Affine;
import org.pointwise.learn.Confusion;
import org.pointwise.learn.Curve;
import org.pointwise.learn.Drift;
import org.pointwise.learn.EvaluationSums;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.Moments;
import org.pointwise.learn.Network;
import org.pointwise.learn.Network.Gradient;
import org.pointwise.learn.Projections;
import org.pointwise.learn.RectifiedDecoder;
import org.pointwise.learn.Trainer;
import org.pointwise.plan.EvaluationPlan;
import org.pointwise.plan.EvaluationPlan.Candidate;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.MomentsSpec;
import org.pointwise.plan.SplitTiles;
import org.pointwise.plan.TileSplit;
import org.pointwise.plan.TileSplit.Part;
import org.pointwise.plan.TrainingPlan;
import org.pointwise.report.TilePicture;
import org.pointwise.run.Evaluator;
import org.pointwise.run.Progress;
import org.pointwise.run.Runner;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.PixelSample;
import org.pointwise.weights.MomentsFile;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsRef;

/** Everything that is measured of one layer, as the report's JSON. */
final class EvaluationPass {
  /** Layers that are fitted beside the one to evaluate: pca, select, random. */
  private static final int OTHERS = 3;

  private static final int PICTURES = 4;
  private static final long CELLS_LOOKED_AT = 100_000; // for each picture

  private final WeightsRef ref;
  private final PointwiseLayer layer;
  private final Map<String, String> recorded;
  private final FeatureSource source;
  private final TileSplit heldOut;
  private final EvaluateCommand options;
  private final PrintWriter err;
  private final List<String> warnings = new ArrayList<>();
  private @Nullable EvaluationPlan plan;
  private @Nullable EvaluationSums measured;

  EvaluationPass(
      WeightsRef ref,
      PointwiseLayer layer,
      Map<String, String> recorded,
      FeatureSource source,
      TileSplit heldOut,
      EvaluateCommand options) {
    this.ref = ref;
    this.layer = layer;
    this.recorded = recorded;
    this.source = source;
    this.heldOut = heldOut;
    this.options = options;
    this.err = options.command.commandLine().getErr();
  }

  private long seed() {
    return heldOut.seed();
  }

  /** What would be measured. */
  void show(String html, boolean json, PrintWriter out) {
    SplitTiles tiles = heldOut.of(source.info());
    if (json) {
      out.println(
          JsonText.text(
              JsonText.object()
                  .put("input", source.info().uri())
                  .put("weights", ref.toString())
                  .put("layer", layer.toString())
                  .put("tiles", tiles.count())
                  .put("heldOutTiles", tiles.heldOut())
                  .put("seed", seed())
                  .put("report", html)));
      return;
    }
    out.printf(Locale.ROOT, "Input     %s%n", source.info().uri());
    out.printf(Locale.ROOT, "Layer     %s: %s%n", ref, layer);
    out.printf(Locale.ROOT, "Held out  %d of %d tiles%n", tiles.heldOut(), tiles.count());
    out.printf(Locale.ROOT, "Report    %s%n", html);
  }

  /**
   * Measures.
   *
   * @param html where the report will be; what the passes store on their way lies beside it
   */
  ObjectNode run(String html, Runner runner) throws IOException {
    long started = System.nanoTime();
    likePlan().requireFits(runner.resources()); // before the passes that it needs
    boolean unseen =
        String.valueOf(heldOut.fraction()).equals(recorded.get("heldOut"))
            && String.valueOf(heldOut.block()).equals(recorded.get("heldOutBlock"))
            && MomentsPass.STRATA.equals(recorded.get(MomentsPass.HELD_OUT_RULE))
            && String.valueOf(seed()).equals(recorded.get("seed"));
    if (!unseen) {
      warnings.add(
          "the layer's file does not say that these tiles were held out when it was fitted; use fit --hold-out %s --seed %d"
              .formatted(heldOut.fraction(), seed()));
    }
    ArrayInfo labels = options.labels.of(source.info());
    FeatureMoments found = moments(html, heldOut, labels, runner, "Cannot evaluate: --hold-out");
    FeatureMoments fitted = fitted(html, labels, runner);
    plan = plan(fitted, found, runner);
    List<EvaluationSums> sums = compare(plan, runner);
    measured = sums.get(0);

    ObjectNode report = JsonText.object().put("input", source.info().uri());
    report.put("weights", ref.toString());
    SplitTiles tiles = heldOut.of(source.info());
    ObjectNode data = report.putObject("data");
    data.put("images", source.info().shape().n())
        .put("pixels", source.info().pixels())
        .put("channels", layer.inChannels())
        .put("heldOut", heldOut.fraction())
        .put("heldOutBlock", heldOut.block())
        .put("tiles", tiles.count())
        .put("heldOutTiles", tiles.heldOut())
        .put("seed", seed())
        .put("heldOutPixels", found.count())
        .put("skippedPixels", measured.skipped())
        .put("variance", found.overall().totalVariance());
    describe(report.putObject("layer"), sums, found);
    ArrayNode baselines = report.putArray("baselines");
    for (int i = 1; i < sums.size(); i++) {
      ObjectNode baseline = baselines.addObject().put("method", plan.candidates().get(i).name());
      figures(baseline, sums.get(i), found);
    }
    curve(report.putArray("curve"), fitted, found.overall());
    ArrayNode scree = report.putArray("scree");
    for (double part : new Projections(fitted).scree()) {
      scree.add(part);
    }
    histograms(report.putArray("histograms"));
    Drift drift = Drift.of(fitted.overall(), found.overall());
    report
        .putObject("drift")
        .put("meanShift", drift.meanShift())
        .put("shiftedChannel", drift.shiftedChannel())
        .put("covarianceChange", drift.covarianceChange());
    if (labels != null) {
      probe(report.putObject("probe"), fitted, found, labels, runner);
    }
    report.put("seconds", (System.nanoTime() - started) / 1e9);
    report.put("runner", runner.describe());
    report
        .putObject("versions")
        .put("pointwise", Version.text())
        .put("java", String.valueOf(System.getProperty("java.version")));
    warnings.forEach(report.putArray("warnings")::add);
    if (!options.quiet) {
      warnings.forEach(line -> err.println("Warning: " + line));
    }
    return report;
  }

  /** The pixels that the layer was fitted on, as far as they are known. */
  private FeatureMoments fitted(String html, @Nullable ArrayInfo labels, Runner runner)
      throws IOException {
    String beside = FitCommand.momentsBeside(ref.uri());
    boolean kept = Stores.ANY.open(ByteStores.parent(beside)).size(ByteStores.name(beside)) >= 0;
    if (options.moments == null && !kept) {
      String data = "Cannot evaluate: --hold-out leaves nothing to compare with and";
      return moments(html + ".fitted", heldOut.taking(Part.LEARNED_FROM), labels, runner, data);
    }
    String uri = options.moments != null ? ByteStores.absolute(options.moments) : beside;
    FeatureMoments fitted = MomentsFile.read(Stores.ANY, uri).moments();
    if (fitted.channels() != layer.inChannels()) {
      throw new InvalidInputException(
          "Cannot compare with moments %s: they are of %d channels but the layer reads %d; give those it was fitted on"
              .formatted(uri, fitted.channels(), layer.inChannels()));
    }
    String data = recorded.get("data");
    if (data != null && !data.equals(MomentsFile.sha256(fitted))) {
      warnings.add("the layer's file records other moments than those of " + uri);
    }
    return fitted;
  }

  private FeatureMoments moments(
      String destination, TileSplit tiles, @Nullable ArrayInfo labels, Runner runner, String cannot)
      throws IOException {
    MomentsSpec spec = spec(destination, labels, tiles);
    MomentsPlan momentsPlan = MomentsPlan.of(spec, source.info(), source.dequantisation());
    FeatureMoments found;
    try (MomentsPass pass = new MomentsPass(momentsPlan, options.quiet, err)) {
      found = pass.run(runner).moments();
      pass.discard();
    }
    if (found.count() == 0) {
      throw new InvalidInputException(
          "%s %s takes none of the input's tiles (%d pixels nodata, %d not finite); choose another part or --seed, or cut smaller tiles by --hold-out-block"
              .formatted(cannot, heldOut.fraction(), found.masked(), found.nonFinitePixels()));
    }
    return found;
  }

  private MomentsSpec spec(String destination, @Nullable ArrayInfo labels, TileSplit tiles) {
    return new MomentsSpec(
        destination,
        labels,
        labels == null ? 0 : options.labels.classes,
        options.labels.ignored,
        PixelSample.ALL,
        tiles);
  }

  /** The layer, and what it is compared with at equal F′. */
  private EvaluationPlan plan(FeatureMoments fitted, FeatureMoments found, Runner runner)
      throws IOException {
    int out = layer.outChannels();
    PointwiseLayer known = Weights.companion(Stores.ANY, ref, Weights.DECODER);
    PointwiseLayer decoder = known != null ? known : decoder(fitted.overall(), found, runner);
    List<Candidate> candidates = new ArrayList<>();
    candidates.add(new Candidate("layer", layer, decoder));
    if (out < layer.inChannels()) {
      Projections projections = new Projections(fitted);
      Map<String, PointwiseLayer> others = new LinkedHashMap<>();
      if (!"pca".equals(recorded.get("method"))) {
        others.put("pca", projections.pca(new Projections.Target(out, 1)).layer());
      }
      others.put("select", projections.select(out).layer());
      others.put("random", projections.random(out, seed()).layer());
      others.forEach(
          (name, other) ->
              candidates.add(
                  new Candidate(name, other, Affine.leastSquares(other, fitted.overall()))));
    }
    int shown = Math.min(out, EvaluationPlan.MOST_HISTOGRAMS);
    double[] centres = new double[shown];
    double[] spreads = new double[shown];
    double[][] ranges = Affine.ranges(layer, found.overall());
    for (int h = 0; h < shown; h++) {
      centres[h] = ranges[h][0];
      spreads[h] = Math.max(4 * ranges[h][1], Float.MIN_NORMAL);
    }
    return EvaluationPlan.of(
        source.info(), source.dequantisation(), candidates, heldOut, centres, spreads);
  }

  /** A plan that takes as much memory as {@link #plan} will. */
  private EvaluationPlan likePlan() {
    boolean alone = layer.outChannels() >= layer.inChannels();
    int others = alone ? 0 : "pca".equals(recorded.get("method")) ? OTHERS - 1 : OTHERS;
    return EvaluationPlan.of(
        source.info(),
        source.dequantisation(),
        Collections.nCopies(1 + others, new Candidate("layer", layer, layer)),
        heldOut,
        new double[0],
        new double[0]);
  }

  /**
   * The least-squares decoder of a layer that came without one, from the pixels that are not held
   * out.
   */
  private PointwiseLayer decoder(Moments fitted, FeatureMoments found, Runner runner) {
    if (layer.activation() == Activation.NONE) {
      return Affine.leastSquares(layer, fitted);
    }
    if (!layer.activation().equals(Activation.RELU)) {
      return Affine.pseudoInverse(layer, fitted.mean());
    }
    RectifiedDecoder decoder = new RectifiedDecoder(layer, fitted);
    long others = source.info().pixels() - seen(found);
    MomentsSpec all = new MomentsSpec("", null, 0, null, PixelSample.ALL, TileSplit.ALL);
    PixelSample kept = options.training.thinned(all, others, seed()).sample();
    MomentsSpec pixels = all.with(kept, heldOut.taking(Part.LEARNED_FROM));
    return new TrainingPass(runner, options.quiet, err)
        .decoder(
            TrainingPlan.of(
                pixels,
                source.info(),
                source.dequantisation(),
                null,
                decoder.network(),
                Math.min(options.training.pixels, others)),
            decoder);
  }

  private List<EvaluationSums> compare(EvaluationPlan evaluation, Runner runner) {
    try (Runner.Session session = runner.open(evaluation);
        ConsoleProgress progress =
            options.quiet ? null : new ConsoleProgress(evaluation, "units")) {
      return evaluation.apart(
          session.sum(new double[0], progress == null ? Progress.SILENT : progress));
    }
  }

  private void describe(ObjectNode to, List<EvaluationSums> sums, FeatureMoments found) {
    to.put("method", recorded.getOrDefault("method", "given"))
        .put("inChannels", layer.inChannels())
        .put("outChannels", layer.outChannels())
        .put("activation", layer.activation().toString())
        .put("sha256", layer.sha256());
    figures(to, sums.get(0), found);
    double lost = sums.get(0).halfSquaredError();
    to.putObject("float16")
        .put("relativeError", Math.sqrt(lost / sums.get(0).squared()))
        .put("explainedVariance", explained(lost, sums.get(0), found))
        .put("psnr", psnr(lost, sums.get(0), found))
        .put("overflowedValues", sums.get(0).overflowed());
  }

  private static double explained(double error, EvaluationSums sums, FeatureMoments found) {
    return 1 - error / sums.pixels() / found.overall().totalVariance();
  }

  /** Of a peak that is the largest range of a channel. */
  private static double psnr(double error, EvaluationSums sums, FeatureMoments found) {
    double peak = peak(found);
    double mean = error / sums.pixels() / found.channels();
    return 10 * Math.log10(peak * peak / mean);
  }

  private static double peak(FeatureMoments found) {
    double peak = 0;
    for (int c = 0; c < found.channels(); c++) {
      peak = Math.max(peak, found.most()[c] - found.least()[c]);
    }
    return peak;
  }

  private static void figures(ObjectNode to, EvaluationSums sums, FeatureMoments found) {
    double error = sums.squaredError();
    to.put("explainedVariance", explained(error, sums, found))
        .put("relativeError", Math.sqrt(error / sums.squared()))
        .put("psnr", psnr(error, sums, found))
        .put("psnrPeak", peak(found));
    to.putObject("cosine")
        .put("mean", sums.meanCosine())
        .put("p1", sums.cosineQuantile(0.01))
        .put("least", sums.leastCosine());
    long[] at = sums.worstTile();
    to.putObject("worstTile")
        .put("relativeError", sums.worstTileError())
        .put("n", at[0])
        .put("y", at[1])
        .put("x", at[2]);
  }

  private void curve(ArrayNode to, FeatureMoments fitted, Moments found) {
    for (Curve.Point point : Curve.of(fitted, found, seed(), options.curve)) {
      to.addObject()
          .put("channels", point.channels())
          .put("pca", point.pca())
          .put("select", point.select())
          .put("random", point.random());
    }
  }

  private void histograms(ArrayNode to) {
    EvaluationPlan done = Objects.requireNonNull(plan);
    for (int h = 0; h < done.centres().length; h++) {
      ObjectNode histogram = to.addObject().put("channel", h);
      histogram.put("from", done.centres()[h] - done.spreads()[h]);
      histogram.put("to", done.centres()[h] + done.spreads()[h]);
      ArrayNode counts = histogram.putArray("counts");
      for (double count : Objects.requireNonNull(measured).histogram(h)) {
        counts.add((long) count);
      }
    }
  }

  /** Logistic regression on the layer's channels, and on all. */
  private void probe(
      ObjectNode to, FeatureMoments fitted, FeatureMoments found, ArrayInfo labels, Runner runner)
      throws IOException {
    int classes = Math.max(found.classes(), fitted.classes());
    if (classes < 2) {
      throw new InvalidInputException(
          "Cannot probe: all held-out pixels are of class 0; at least two classes are needed");
    }
    to.put("classes", classes);
    Probe probe = new Probe(labels, classes, source.info().pixels() - seen(found), runner);
    Network onAll = new Network(layer.inChannels(), 0, classes, Network.Objective.CROSS_ENTROPY);
    Network onReduced =
        new Network(layer.outChannels(), 0, classes, Network.Objective.CROSS_ENTROPY);
    figures(
        to.putObject("reduced"),
        probe.measure(onReduced, layer, Affine.through(layer, fitted.overall())));
    figures(to.putObject("all"), probe.measure(onAll, null, fitted));
    PointwiseLayer head = Weights.companion(Stores.ANY, ref, Weights.HEAD);
    if (head != null && head.outChannels() == classes) {
      figures(to.putObject("head"), probe.measure(onReduced, head));
    } else if ("score".equals(recorded.get("method")) && layer.outChannels() == classes) {
      figures(to.putObject("head"), probe.measure(onReduced, Affine.identity(classes)));
    }
  }

  /** Pixels of a pass, whether they could be used or not. */
  private static long seen(FeatureMoments found) {
    return found.count() + found.masked() + found.nonFinitePixels();
  }

  private static void figures(ObjectNode to, Gradient sums) {
    double[][] confusion = sums.confusion();
    to.put("accuracy", Confusion.accuracy(confusion))
        .put("meanIou", Confusion.meanIou(confusion))
        .put("pixels", (long) sums.count());
    ArrayNode ious = to.putArray("iou");
    ArrayNode rows = to.putArray("confusion");
    for (int label = 0; label < confusion.length; label++) {
      double iou = Confusion.iou(confusion, label);
      if (Double.isNaN(iou)) {
        ious.addNull();
      } else {
        ious.add(iou);
      }
      ArrayNode row = rows.addArray();
      for (double count : confusion[label]) {
        row.add((long) count);
      }
    }
  }

  /** Trains on the other tiles, measures on those held out. */
  private final class Probe {
    private final TrainingPass training;
    private final MomentsSpec learned;
    private final MomentsSpec measuredOn;
    private final long expected;

    Probe(ArrayInfo labels, int classes, long otherPixels, Runner runner) {
      this.training = new TrainingPass(runner, options.quiet, err);
      MomentsSpec all =
          new MomentsSpec(
              "", labels, classes, options.labels.ignored, PixelSample.ALL, TileSplit.ALL);
      PixelSample kept = options.training.thinned(all, otherPixels, seed()).sample();
      this.expected = Math.min(options.training.pixels, otherPixels);
      this.learned = all.with(kept, heldOut.taking(Part.LEARNED_FROM));
      this.measuredOn = all.with(kept, heldOut);
    }

    Gradient measure(Network network, @Nullable PointwiseLayer through, FeatureMoments moments) {
      Trainer trainer = new Trainer(moments, network, options.training.settings(seed()));
      Trainer.Result result = training.train(plan(learned, network, through), trainer);
      return training.measure(plan(measuredOn, network, through), result.parameters());
    }

    /** Of a head that is known. */
    Gradient measure(Network network, PointwiseLayer head) {
      double[] parameters = new double[network.parameters()];
      int at = 0;
      for (float weight : head.weights()) {
        parameters[at++] = weight;
      }
      for (float bias : head.bias()) {
        parameters[at++] = bias;
      }
      return training.measure(plan(measuredOn, network, layer), parameters);
    }

    private TrainingPlan plan(
        MomentsSpec pixels, Network network, @Nullable PointwiseLayer through) {
      return TrainingPlan.of(
          pixels, source.info(), source.dequantisation(), through, network, expected);
    }
  }

  /** Some of the held-out tiles as pictures, the worst first; after {@link #run}. */
  List<TilePicture> pictures() {
    EvaluationPlan done = Objects.requireNonNull(plan);
    EvaluationSums sums = Objects.requireNonNull(measured);
    double scale = 3 * Math.sqrt(sums.squaredError() / sums.pixels());
    List<TilePicture> pictures = new ArrayList<>();
    try (Evaluator evaluator = new Evaluator(done, Stores.ANY, KernelChoice.forThisJvm())) {
      for (Shown shown : shown(done, sums.worstTile())) {
        Box tile = shown.image();
        String place =
            String.format(Locale.ROOT, "n=%d y=%d x=%d", tile.n0(), tile.y0(), tile.x0());
        String name = pictures.isEmpty() ? "with the worst tile, " + place : place;
        TilePicture picture = new TilePicture(name, tile, done.centres(), done.spreads(), scale);
        evaluator.evaluate(shown.cell(), done.empty(), picture);
        pictures.add(picture);
      }
    }
    return pictures;
  }

  /** The part of an image that a cell holds. */
  private record Shown(Box cell, long n) {
    Box image() {
      return new Box(n, n + 1, cell.y0(), cell.y1(), cell.x0(), cell.x1());
    }
  }

  /** Where the worst tile is, and some others from all over the input. */
  private static List<Shown> shown(EvaluationPlan plan, long[] worst) {
    SplitTiles tiles = plan.tiles().of(plan.input());
    long cells = plan.units().cells().count();
    List<Shown> found = new ArrayList<>();
    for (int i = 0; i <= PICTURES; i++) {
      boolean forWorst = i == 0;
      long first = forWorst ? 0 : cells * (i - 1) / PICTURES;
      long end = Math.min(cells, first + CELLS_LOOKED_AT);
      boolean sought = true;
      for (long cell = first; cell < end && sought && found.size() < PICTURES; cell++) {
        Box box = plan.units().cells().box(cell);
        for (Box tile : tiles.in(box)) {
          boolean isWorst = tile.n0() == worst[0] && tile.y0() == worst[1] && tile.x0() == worst[2];
          Shown shown = new Shown(box, tile.n0());
          if (sought && isWorst == forWorst && !found.contains(shown)) {
            found.add(shown);
            sought = false;
          }
        }
      }
    }
    return found;
  }
}
