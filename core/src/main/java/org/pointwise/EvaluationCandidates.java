package org.pointwise;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.LearnedLayer;
import org.pointwise.learn.LinearDecoder;
import org.pointwise.learn.Projections;
import org.pointwise.learn.RectifiedDecoder;
import org.pointwise.plan.EvaluationPlan;
import org.pointwise.plan.EvaluationPlan.Candidate;
import org.pointwise.plan.PixelSelection;
import org.pointwise.plan.Resources;
import org.pointwise.plan.TrainingPlan;
import org.pointwise.plan.TrainingTiles;
import org.pointwise.store.ByteStores;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsRef;

/**
 * The layers and stored results with their decoders, and the baselines with which the first is
 * compared at equal F′.
 */
final class EvaluationCandidates {
  private final EvaluateSpec spec;
  private final EvaluatedTiles tiles;
  private final List<EvaluatedLayer> rows;
  private final List<LearningTiles> learning; // of each row
  private final ByteStores stores;
  private final TrainingPass training;

  EvaluationCandidates(
      EvaluateSpec spec,
      EvaluatedTiles tiles,
      List<EvaluatedLayer> rows,
      List<LearningTiles> learning,
      ByteStores stores,
      TrainingPass training) {
    this.spec = spec;
    this.tiles = tiles;
    this.rows = rows;
    this.learning = learning;
    this.stores = stores;
    this.training = training;
  }

  /**
   * Returns the baselines of a layer: the methods other than its own; none if F′ is not less than
   * F.
   */
  static List<FitMethod> baselineMethods(EvaluatedLayer layer) {
    if (layer.layer().outChannels() >= layer.layer().inChannels()) {
      return List.of();
    }
    return FitMethod.PCA.toString().equals(layer.method())
        ? List.of(FitMethod.SELECT, FitMethod.RANDOM)
        : List.of(FitMethod.PCA, FitMethod.SELECT, FitMethod.RANDOM);
  }

  /**
   * Checks that the comparison fits into memory, before its candidates are computed.
   *
   * @throws org.pointwise.errors.InvalidInputException with the required and the available memory
   *     and the options to change
   */
  static void requireFits(EvaluatedTiles tiles, List<EvaluatedLayer> rows, Resources resources) {
    List<Candidate> candidates = new ArrayList<>();
    for (EvaluatedLayer row : rows) {
      candidates.add(
          new Candidate(row.name(), row.layer(), row.layer(), row.stored(), EvaluationPlan.NO_FIT));
    }
    PointwiseLayer first = rows.get(0).layer();
    baselineMethods(rows.get(0))
        .forEach(other -> candidates.add(new Candidate(other.toString(), first, first)));
    EvaluationPlan.of(
            "", tiles.info(), candidates, List.of(), tiles.split(), new double[0], new double[0])
        .requireFits(resources);
  }

  /**
   * Returns the plan of the comparison.
   *
   * @param page URI of the report
   * @param fitted for each row, moments of the pixels that the layer was fitted on; the baselines
   *     are fitted on those of the first row
   * @param measured moments of the measured pixels
   */
  EvaluationPlan plan(String page, List<FeatureMoments> fitted, FeatureMoments measured)
      throws IOException {
    List<Candidate> candidates = new ArrayList<>();
    List<TrainingTiles> fits = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      EvaluatedLayer row = rows.get(i);
      PointwiseLayer decoder = decoder(i, fitted.get(i), measured, candidates);
      int fit = fit(row, fits);
      candidates.add(new Candidate(row.name(), row.layer(), decoder, row.stored(), fit));
    }
    addBaselines(candidates, fitted.get(0));
    EvaluatedLayer first = rows.get(0);
    int shown = Math.min(first.layer().outChannels(), EvaluationPlan.MAX_HISTOGRAMS);
    double[] centres = new double[shown];
    double[] spreads = new double[shown];
    double[][] ranges = LinearDecoder.ranges(first.layer(), measured.overall());
    for (int h = 0; h < shown; h++) {
      centres[h] = ranges[h][0];
      spreads[h] = Math.max(4 * ranges[h][1], Float.MIN_NORMAL);
    }
    return EvaluationPlan.of(page, tiles.info(), candidates, fits, tiles.split(), centres, spreads);
  }

  private void addBaselines(List<Candidate> candidates, FeatureMoments fitted) {
    List<FitMethod> methods = baselineMethods(rows.get(0));
    if (methods.isEmpty()) {
      return;
    }
    int out = rows.get(0).layer().outChannels();
    Projections projections = new Projections(fitted);
    for (FitMethod method : methods) {
      LearnedLayer other =
          switch (method) {
            case PCA -> projections.leading(out); // fewer channels where the rank is less
            case SELECT -> projections.select(out);
            default -> projections.random(out, tiles.seed());
          };
      candidates.add(new Candidate(method.toString(), other.layer(), other.decoder()));
    }
  }

  /** Returns the index of the training tiles of a row, which are added if no other row has them. */
  private static int fit(EvaluatedLayer row, List<TrainingTiles> fits) {
    TrainingTiles tiles = row.training().tiles();
    if (tiles == null) {
      return EvaluationPlan.NO_FIT;
    }
    for (int i = 0; i < fits.size(); i++) {
      if (fits.get(i).fingerprintInputs().equals(tiles.fingerprintInputs())) {
        return i;
      }
    }
    fits.add(tiles);
    return fits.size() - 1;
  }

  /**
   * Returns the decoder of a row: that of its file, that of a previous row with the same layer, or
   * a computed one.
   *
   * @param previous the previous rows
   */
  private PointwiseLayer decoder(
      int row, FeatureMoments fitted, FeatureMoments found, List<Candidate> previous)
      throws IOException {
    EvaluatedLayer layer = rows.get(row);
    WeightsRef ref = layer.ref();
    PointwiseLayer known = ref == null ? null : Weights.companion(stores, ref, Weights.DECODER);
    if (known != null) {
      return known;
    }
    for (Candidate other : previous) {
      if (layer.stored() != null && other.layer().sha256().equals(layer.layer().sha256())) {
        return other.decoder();
      }
    }
    return decoder(layer.layer(), learning.get(row), fitted, found);
  }

  /**
   * Computes the decoder of a layer whose file contains none: by least squares without an
   * activation and after a ReLU, and by the pseudo-inverse of the weights after any other
   * activation. Uses the moments of the fitted pixels and, for a ReLU, the pixels of the learning
   * tiles.
   */
  private PointwiseLayer decoder(
      PointwiseLayer encoder, LearningTiles learned, FeatureMoments fitted, FeatureMoments found) {
    if (encoder.activation() == Activation.NONE) {
      return new Projections(fitted).decoder(encoder);
    }
    if (!encoder.activation().equals(Activation.RELU)) {
      return LinearDecoder.pseudoInverse(encoder, fitted.overall().mean());
    }
    RectifiedDecoder decoder = new RectifiedDecoder(encoder, fitted.overall());
    long others = learned.pixels(tiles, found);
    PixelSelection all = PixelSelection.ALL;
    PixelSelection kept = spec.training().thinned(all, others, tiles.seed());
    TrainingPlan plan =
        TrainingPlan.of(
            all.withSampling(kept.sample(), learned.split()),
            learned.info(),
            null,
            decoder.network(),
            Math.min(spec.training().pixels(), others));
    return training.decoder(plan, decoder);
  }
}
