package org.pointwise;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.job.MomentsRun;
import org.pointwise.learn.Drift;
import org.pointwise.learn.EvaluationSums;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.Projections;
import org.pointwise.learn.VarianceCurve;
import org.pointwise.plan.EvaluationPlan;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.plan.HoldoutSplit.Part;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.PixelSelection;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.PixelSample;
import org.pointwise.weights.MomentsFile;
import org.pointwise.work.Progress;
import org.pointwise.work.Runner;

/**
 * Measures one layer and returns the figures as the JSON of the report. Runs once. Confined to one
 * thread. Results that its passes store beside the report are kept until {@link #finish}, so that
 * an interrupted evaluation continues from them.
 */
final class Evaluation implements AutoCloseable {
  private final EvaluateSpec spec;
  private final EvaluatedLayer layer;
  private final String page;
  private final ByteStores stores;
  private final Runner runner;
  private final Listener listener;
  private final List<String> warnings = new ArrayList<>();
  private final List<MomentsRun> passes = new ArrayList<>(); // hold their locks until close()
  private @Nullable EvaluationPlan plan;
  private @Nullable EvaluationSums measured;

  /**
   * @param page URI of the report; the passes store their intermediate results beside it
   */
  Evaluation(
      EvaluateSpec spec,
      EvaluatedLayer layer,
      String page,
      ByteStores stores,
      Runner runner,
      Listener listener) {
    this.spec = spec;
    this.layer = layer;
    this.page = page;
    this.stores = stores;
    this.runner = runner;
    this.listener = listener;
  }

  /** Returns the plan of the comparison. Requires {@link #run}. */
  EvaluationPlan plan() {
    return Objects.requireNonNull(plan);
  }

  /** Returns the sums of the layer itself. Requires {@link #run}. */
  EvaluationSums measured() {
    return Objects.requireNonNull(measured);
  }

  ObjectNode run() throws IOException {
    long started = System.nanoTime();
    EvaluationCandidates.requireFits(layer, runner.resources()); // before any pass runs
    if (!MomentsProvenance.heldOut(layer.recorded(), layer.heldOut())) {
      warnings.add(
          "the layer's file does not say that these tiles were held out when it was fitted; use fit --test-size %s --seed %d"
              .formatted(layer.heldOut().fraction(), layer.seed()));
    }
    ArrayInfo labels = LabelsSpec.open(spec.labels(), stores, layer.info());
    FeatureMoments found = moments(page, layer.heldOut(), labels, "Cannot evaluate: --test-size");
    FeatureMoments fitted = fitted(labels);
    EvaluationCandidates candidates =
        new EvaluationCandidates(spec, layer, stores, new TrainingPass(runner, listener));
    plan = candidates.plan(page, fitted, found);
    List<EvaluationSums> sums = compare(plan);
    measured = sums.get(0);
    ObjectNode report = JsonText.object().put("input", layer.info().uri());
    report.put("weights", layer.ref().toString());
    describe(report.putObject("data"), found);
    EvaluationFigures figures = new EvaluationFigures(found);
    figures.describe(report.putObject("layer"), layer, sums.get(0));
    ArrayNode baselines = report.putArray("baselines");
    for (int i = 1; i < sums.size(); i++) {
      ObjectNode baseline = baselines.addObject().put("method", plan.candidates().get(i).name());
      figures.put(baseline, sums.get(i));
    }
    curve(report.putArray("curve"), fitted, found);
    ArrayNode scree = report.putArray("scree");
    for (double part : new Projections(fitted).scree()) {
      scree.add(part);
    }
    EvaluationFigures.histograms(report.putArray("histograms"), plan, measured);
    Drift drift = Drift.of(fitted.overall(), found.overall());
    report
        .putObject("drift")
        .put("meanShift", drift.meanShift())
        .put("shiftedChannel", drift.shiftedChannel())
        .put("covarianceChange", drift.covarianceChange());
    if (labels != null) {
      new LinearProbe(spec, layer, labels, stores, new TrainingPass(runner, listener))
          .run(report.putObject("probe"), fitted, found);
    }
    report.put("seconds", (System.nanoTime() - started) / 1e9);
    report.put("runner", runner.describe());
    report
        .putObject("versions")
        .put("pointwise", Pointwise.version())
        .put("java", String.valueOf(System.getProperty("java.version")));
    warnings.forEach(report.putArray("warnings")::add);
    return report;
  }

  private void describe(ObjectNode data, FeatureMoments found) {
    data.put("images", layer.info().shape().n())
        .put("pixels", layer.info().pixels())
        .put("channels", layer.layer().inChannels())
        .put("heldOut", layer.heldOut().fraction())
        .put("heldOutBlock", layer.heldOut().block())
        .put("holdoutBlocks", layer.blocks().count())
        .put("heldOutBlocks", layer.blocks().heldOut())
        .put("seed", layer.seed())
        .put("heldOutPixels", found.count())
        .put("skippedPixels", measured().skipped())
        .put("variance", found.overall().totalVariance());
  }

  /**
   * Returns the moments of the pixels that the layer was fitted on: from the given file, from the
   * file beside the weights, or from a pass over the blocks that are not held out.
   */
  private FeatureMoments fitted(@Nullable ArrayInfo labels) throws IOException {
    String given = spec.moments();
    String beside = FitJob.momentsBeside(layer.ref().uri());
    if (given == null && !EvaluateJob.exists(beside, stores)) {
      return moments(
          page + ".fitted",
          layer.heldOut().taking(Part.TRAIN),
          labels,
          "Cannot evaluate: --test-size leaves nothing to compare with and");
    }
    String uri = given != null ? ByteStores.absolute(given) : beside;
    FeatureMoments fitted = MomentsFile.read(stores, uri).moments();
    int channels = layer.layer().inChannels();
    if (fitted.channels() != channels) {
      throw new InvalidInputException(
          "Cannot compare with moments %s: they are of %d channels but the layer reads %d; give those it was fitted on"
              .formatted(uri, fitted.channels(), channels));
    }
    String data = layer.recorded().get(MomentsProvenance.DATA);
    if (data != null && !data.equals(MomentsFile.sha256(fitted))) {
      warnings.add("the layer's file records other moments than those of " + uri);
    }
    return fitted;
  }

  private FeatureMoments moments(
      String destination, HoldoutSplit holdout, @Nullable ArrayInfo labels, String cannot)
      throws IOException {
    LabelsSpec given = spec.labels();
    PixelSelection pixels =
        new PixelSelection(
            destination,
            labels,
            given == null ? 0 : given.classes(),
            given == null ? null : given.ignored(),
            PixelSample.ALL,
            holdout);
    MomentsPlan pass = MomentsPlan.of(pixels, layer.info());
    MomentsRun run = new MomentsRun(stores, pass, Pointwise.version());
    passes.add(run);
    FeatureMoments found =
        new MomentsPass(pass, run, System.nanoTime()).run(runner, listener).moments();
    if (found.count() == 0) {
      throw new InvalidInputException(
          "%s %s takes none of the input's tiles (%d pixels nodata, %d not finite); choose another part or --seed, or cut smaller tiles by --hold-out-block"
              .formatted(
                  cannot, layer.heldOut().fraction(), found.masked(), found.nonFinitePixels()));
    }
    return found;
  }

  private List<EvaluationSums> compare(EvaluationPlan evaluation) {
    try (Runner.Session session = runner.open(evaluation);
        Progress progress = listener.begin(evaluation, runner)) {
      return evaluation.apart(session.sum(new double[0], progress));
    }
  }

  private void curve(ArrayNode to, FeatureMoments fitted, FeatureMoments found) {
    for (VarianceCurve.Point point :
        VarianceCurve.of(fitted, found.overall(), layer.seed(), spec.curve())) {
      to.addObject()
          .put("channels", point.channels())
          .put("pca", point.pca())
          .put("select", point.select())
          .put("random", point.random());
    }
  }

  /** Deletes the intermediate results of the passes. Called when the report is stored. */
  void finish() throws IOException {
    for (MomentsRun pass : passes) {
      pass.discard();
    }
  }

  /** Releases the locks of the passes, so that other processes can write the report. */
  @Override
  public void close() {
    passes.forEach(MomentsRun::close);
  }
}
