package org.pointwise;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.learn.Drift;
import org.pointwise.learn.EvaluationSums;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.Projections;
import org.pointwise.learn.VarianceCurve;
import org.pointwise.plan.EvaluationPlan;
import org.pointwise.plan.HoldoutSplit.Part;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.work.Progress;
import org.pointwise.work.Runner;

/**
 * Measures layers and stored results and returns the figures as the JSON of the report. Runs once.
 * Confined to one thread. Results that its passes store beside the report are kept until {@link
 * #finish}, so that an interrupted evaluation continues from them.
 */
final class Evaluation implements AutoCloseable {
  private final EvaluateSpec spec;
  private final EvaluatedTiles tiles;
  private final List<EvaluatedLayer> rows;
  private final String page;
  private final ByteStores stores;
  private final Runner runner;
  private final Listener listener;
  private final List<String> warnings = new ArrayList<>();
  private final EvaluationMoments moments;
  private @Nullable EvaluationPlan plan;
  private @Nullable EvaluationSums measured;

  /**
   * @param page URI of the report; the passes store their intermediate results beside it
   */
  Evaluation(
      EvaluateSpec spec,
      EvaluatedTiles tiles,
      List<EvaluatedLayer> rows,
      String page,
      ByteStores stores,
      Runner runner,
      Listener listener) {
    this.spec = spec;
    this.tiles = tiles;
    this.rows = rows;
    this.page = page;
    this.stores = stores;
    this.runner = runner;
    this.listener = listener;
    this.moments = new EvaluationMoments(spec, tiles, page, stores, runner, listener);
  }

  /** Returns the plan of the comparison. Requires {@link #run}. */
  EvaluationPlan plan() {
    return Objects.requireNonNull(plan);
  }

  /** Returns the sums of the first row. Requires {@link #run}. */
  EvaluationSums measured() {
    return Objects.requireNonNull(measured);
  }

  ObjectNode run() throws IOException {
    long started = System.nanoTime();
    EvaluationCandidates.requireFits(tiles, rows, runner.resources()); // before any pass runs
    FeatureMoments dataMoments = moments.measured();
    List<LearningTiles> learning = new ArrayList<>();
    List<FeatureMoments> fitted = new ArrayList<>();
    for (EvaluatedLayer row : rows) {
      LearningTiles learned = LearningTiles.of(row, rows, tiles);
      learning.add(learned);
      fitted.add(moments.fitted(row, learned, warnings));
    }
    TrainingPass training = new TrainingPass(runner, listener);
    EvaluationCandidates candidates =
        new EvaluationCandidates(spec, tiles, rows, learning, stores, training);
    plan = candidates.plan(page, fitted, dataMoments);
    List<EvaluationSums> sums = compare(plan);
    measured = sums.get(0);
    if (measured.pixels() == 0) {
      throw new InvalidInputException(
          "Cannot evaluate %s: no pixel has finite results of all layers and stored outputs; leave out the one that has none, or check --mask and --nodata"
              .formatted(tiles.info().uri()));
    }
    ObjectNode report = JsonText.object().put("input", tiles.info().uri());
    report.put("weights", rows.get(0).where());
    EvaluationFigures figures = new EvaluationFigures(dataMoments, tiles.info());
    ObjectNode data = report.putObject("data");
    ObjectNode layer = report.putObject("layer");
    figures.describe(layer, rows.get(0), sums.get(0));
    ArrayNode layers = report.putArray("layers");
    boolean heldOut = tiles.split().part() == Part.TEST;
    for (int i = 0; i < rows.size(); i++) {
      ObjectNode row = layers.addObject().put("name", rows.get(i).name());
      row.put(rows.get(i).stored() == null ? "weights" : "output", rows.get(i).where());
      figures.describe(row, rows.get(i), sums.get(i));
      heldOut &= EvaluationFigures.putTraining(row, rows.get(i), sums.get(i));
      warn(rows.get(i), sums.get(i));
      putDrift(row, fitted.get(i), dataMoments);
    }
    describe(data, dataMoments, heldOut);
    ArrayNode baselines = report.putArray("baselines");
    for (int i = rows.size(); i < sums.size(); i++) {
      ObjectNode baseline = baselines.addObject().put("method", plan.candidates().get(i).name());
      figures.put(baseline, sums.get(i));
      figures.putSelection(baseline, plan.candidates().get(i).layer());
    }
    curve(report.putArray("curve"), fitted.get(0), dataMoments);
    ArrayNode scree = report.putArray("scree");
    for (double part : new Projections(fitted.get(0)).scree()) {
      scree.add(part);
    }
    EvaluationFigures.histograms(report.putArray("histograms"), plan, measured);
    putDrift(report, fitted.get(0), dataMoments);
    ArrayInfo labels = moments.labels();
    if (labels != null) {
      for (int i = 0; i < rows.size(); i++) {
        new LinearProbe(spec, tiles, rows.get(i), learning.get(i), stores, training)
            .run(((ObjectNode) layers.get(i)).putObject("probe"), fitted.get(i), dataMoments);
      }
      report.set("probe", layers.get(0).get("probe").deepCopy());
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

  /** Warns of a row that was not measured on tiles that are known to have been held out. */
  private void warn(EvaluatedLayer row, EvaluationSums sums) {
    if (sums.lost() > 0) {
      warnings.add(
          "%s: %s stored as nodata; no row measures them"
              .formatted(
                  row.name(),
                  Count.of(sums.lost(), "pixel of the input is", "pixels of the input are")));
    }
    if (tiles.split().part() != Part.TEST) {
      return; // the table shows it
    }
    String unknownReason = row.training().unknownReason();
    if (!unknownReason.isEmpty()) {
      warnings.add(
          "%s: whether it was fitted on these blocks is not known, because %s; use fit --test-size %s --seed %d"
              .formatted(row.name(), unknownReason, tiles.split().fraction(), tiles.seed()));
    } else if (sums.trainingPixels() > 0) {
      warnings.add(
          "%s: %d of the %d measured pixels lie in blocks that it was fitted on; use fit --test-size %s --seed %d"
              .formatted(
                  row.name(),
                  sums.trainingPixels(),
                  sums.pixels(),
                  tiles.split().fraction(),
                  tiles.seed()));
    }
  }

  /**
   * Describes the measured pixels.
   *
   * @param heldOut whether they were held out when each of the layers was fitted
   */
  private void describe(ObjectNode data, FeatureMoments dataMoments, boolean heldOut) {
    data.put("images", tiles.info().shape().n())
        .put("pixels", tiles.info().pixels())
        .put("channels", tiles.info().shape().c());
    String part = tiles.info().describeSubset();
    if (!part.isEmpty()) {
      data.put("part", part);
    }
    tiles.describe(data);
    data.put("measuredPixels", measured().pixels());
    if (heldOut) {
      data.put("heldOutBlocks", tiles.measured()).put("heldOutPixels", measured().pixels());
    }
    data.put("skippedPixels", measured().skipped())
        .put("variance", dataMoments.overall().totalVariance());
  }

  private static void putDrift(ObjectNode to, FeatureMoments fitted, FeatureMoments found) {
    Drift drift = Drift.of(fitted.overall(), found.overall());
    to.putObject("drift")
        .put("meanShift", drift.meanShift())
        .put("shiftedChannel", drift.shiftedChannel())
        .put("covarianceChange", drift.covarianceChange());
  }

  private List<EvaluationSums> compare(EvaluationPlan evaluation) {
    try (Runner.Session session = runner.open(evaluation);
        Progress progress = listener.begin(evaluation, runner)) {
      return evaluation.split(session.sum(new double[0], progress));
    }
  }

  private void curve(ArrayNode to, FeatureMoments fitted, FeatureMoments found) {
    for (VarianceCurve.Point point :
        VarianceCurve.of(fitted, found.overall(), tiles.seed(), spec.curve())) {
      to.addObject()
          .put("channels", point.channels())
          .put("pca", point.pca())
          .put("select", point.select())
          .put("random", point.random());
    }
  }

  /** Deletes the intermediate results of the passes. Called when the report is stored. */
  void finish() throws IOException {
    moments.finish();
  }

  /** Releases the locks of the passes, so that other processes can write the report. */
  @Override
  public void close() {
    moments.close();
  }
}
