package org.pointwise;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
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
import org.pointwise.plan.HoldoutSplit.Part;
import org.pointwise.plan.PixelSelection;
import org.pointwise.plan.Resources;
import org.pointwise.plan.TrainingPlan;
import org.pointwise.store.ByteStores;
import org.pointwise.weights.Weights;

/** A layer with its decoder, and the baselines with which it is compared at equal F′. */
final class EvaluationCandidates {
  private final EvaluateSpec spec;
  private final EvaluatedLayer layer;
  private final ByteStores stores;
  private final TrainingPass training;

  EvaluationCandidates(
      EvaluateSpec spec, EvaluatedLayer layer, ByteStores stores, TrainingPass training) {
    this.spec = spec;
    this.layer = layer;
    this.stores = stores;
    this.training = training;
  }

  /**
   * Returns the baselines of a layer: the methods other than its own; none if F′ is not less than
   * F.
   */
  static List<FitMethod> others(EvaluatedLayer layer) {
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
  static void requireFits(EvaluatedLayer layer, Resources resources) {
    Candidate alike = new Candidate("layer", layer.layer(), layer.layer());
    EvaluationPlan.of(
            "",
            layer.info(),
            Collections.nCopies(1 + others(layer).size(), alike),
            layer.heldOut(),
            new double[0],
            new double[0])
        .requireFits(resources);
  }

  /**
   * Returns the plan of the comparison.
   *
   * @param page URI of the report
   * @param fitted moments of the pixels that the layer was fitted on; the baselines are fitted on
   *     them, too
   * @param found moments of the held-out pixels, on which all candidates are measured
   */
  EvaluationPlan plan(String page, FeatureMoments fitted, FeatureMoments found) throws IOException {
    PointwiseLayer known = Weights.companion(stores, layer.ref(), Weights.DECODER);
    PointwiseLayer decoder = known != null ? known : decoder(fitted, found);
    List<Candidate> candidates = new ArrayList<>();
    candidates.add(new Candidate("layer", layer.layer(), decoder));
    int out = layer.layer().outChannels();
    List<FitMethod> others = others(layer);
    if (!others.isEmpty()) {
      Projections projections = new Projections(fitted);
      for (FitMethod method : others) {
        LearnedLayer other =
            switch (method) {
              case PCA -> projections.leading(out); // fewer channels where the rank is less
              case SELECT -> projections.select(out);
              default -> projections.random(out, layer.seed());
            };
        candidates.add(new Candidate(method.toString(), other.layer(), other.decoder()));
      }
    }
    int shown = Math.min(out, EvaluationPlan.MAX_HISTOGRAMS);
    double[] centres = new double[shown];
    double[] spreads = new double[shown];
    double[][] ranges = LinearDecoder.ranges(layer.layer(), found.overall());
    for (int h = 0; h < shown; h++) {
      centres[h] = ranges[h][0];
      spreads[h] = Math.max(4 * ranges[h][1], Float.MIN_NORMAL);
    }
    return EvaluationPlan.of(page, layer.info(), candidates, layer.heldOut(), centres, spreads);
  }

  /**
   * Computes the decoder of a layer whose file contains none: by least squares without an
   * activation and after a ReLU, and by the pseudo-inverse of the weights after any other
   * activation. Uses the moments of the fitted pixels and, for a ReLU, the pixels that are not held
   * out.
   */
  private PointwiseLayer decoder(FeatureMoments fitted, FeatureMoments found) {
    PointwiseLayer encoder = layer.layer();
    if (encoder.activation() == Activation.NONE) {
      return new Projections(fitted).decoder(encoder);
    }
    if (!encoder.activation().equals(Activation.RELU)) {
      return LinearDecoder.pseudoInverse(encoder, fitted.overall().mean());
    }
    RectifiedDecoder decoder = new RectifiedDecoder(encoder, fitted.overall());
    long others = layer.info().pixels() - seen(found);
    PixelSelection all = PixelSelection.ALL;
    PixelSelection kept = spec.training().thinned(all, others, layer.seed());
    TrainingPlan plan =
        TrainingPlan.of(
            all.with(kept.sample(), layer.heldOut().taking(Part.TRAIN)),
            layer.info(),
            null,
            decoder.network(),
            Math.min(spec.training().pixels(), others));
    return training.decoder(plan, decoder);
  }

  /** Returns the number of pixels of a moments pass, usable or not. */
  static long seen(FeatureMoments found) {
    return found.count() + found.masked() + found.nonFinitePixels();
  }
}
