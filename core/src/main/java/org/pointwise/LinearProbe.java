package org.pointwise;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.LinearDecoder;
import org.pointwise.learn.Network;
import org.pointwise.learn.Network.Gradient;
import org.pointwise.learn.Trainer;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.plan.PixelSelection;
import org.pointwise.plan.TrainingPlan;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.PixelSample;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsRef;

/**
 * Trains a logistic regression on the channels of a layer, and one on all channels, with pixels of
 * the learning tiles, and measures both on the measured pixels. The channels of a stored result are
 * read where they are stored.
 */
final class LinearProbe {
  private final EvaluateSpec spec;
  private final EvaluatedTiles tiles;
  private final EvaluatedLayer layer;
  private final LearningTiles learning;
  private final ByteStores stores;
  private final TrainingPass training;

  LinearProbe(
      EvaluateSpec spec,
      EvaluatedTiles tiles,
      EvaluatedLayer layer,
      LearningTiles learning,
      ByteStores stores,
      TrainingPass training) {
    this.spec = spec;
    this.tiles = tiles;
    this.layer = layer;
    this.learning = learning;
    this.stores = stores;
    this.training = training;
  }

  /**
   * Trains and measures the probes. Their classes are those of the measured pixels and of the
   * moments; pixels of other classes are left out.
   *
   * @param fitted moments of the pixels of the learning tiles, or of many similar pixels
   * @param measured moments of the measured pixels
   */
  void run(ObjectNode to, FeatureMoments fitted, FeatureMoments measured) throws IOException {
    int classes = Math.max(measured.classes(), fitted.classes());
    if (learning.measured()) {
      throw new InvalidInputException(
          "Cannot probe %s: all hold-out blocks are measured and none is known to train the probe on; leave out --labels, or give --split test"
              .formatted(layer.name()));
    }
    if (classes < 2) {
      throw new InvalidInputException(
          "Cannot probe: all measured pixels are of class 0; at least two classes are needed");
    }
    to.put("classes", classes);
    Pixels pixels = new Pixels(learning.pixels(tiles, measured));
    PointwiseLayer reduced = layer.layer();
    Network onAll = network(reduced.inChannels(), classes);
    Network onReduced = network(reduced.outChannels(), classes);
    EvaluationFigures.put(
        to.putObject("reduced"),
        pixels.measure(onReduced, reduced, LinearDecoder.transform(reduced, fitted.overall())));
    EvaluationFigures.put(to.putObject("all"), pixels.measure(onAll, null, fitted));
    WeightsRef ref = layer.ref();
    PointwiseLayer head = ref == null ? null : Weights.companion(stores, ref, Weights.HEAD);
    boolean matchesClasses = head != null && head.outChannels() == classes;
    if (!matchesClasses
        && FitMethod.SCORE.toString().equals(layer.method())
        && reduced.outChannels() == classes) {
      head = LinearDecoder.identity(classes);
      matchesClasses = true;
    }
    if (head != null && matchesClasses) {
      EvaluationFigures.put(to.putObject("head"), pixels.measure(onReduced, head));
    }
  }

  private static Network network(int in, int classes) {
    return new Network(in, 0, classes, Network.Objective.CROSS_ENTROPY);
  }

  /** The pixels on which probes are trained, and those on which they are measured. */
  private final class Pixels {
    private final PixelSelection trainingPixels;
    private final PixelSelection measuredPixels;
    private final long expected;

    Pixels(long labelledPixels) {
      PixelSample kept =
          spec.training().thinned(PixelSelection.ALL, labelledPixels, tiles.seed()).sample();
      this.expected = Math.min(spec.training().pixels(), labelledPixels);
      this.trainingPixels = of(learning.info()).withSampling(kept, learning.split());
      this.measuredPixels = of(tiles.info()).withSampling(kept, tiles.split());
    }

    private PixelSelection of(ArrayInfo info) {
      LabelsSpec given = Objects.requireNonNull(spec.labels());
      ArrayInfo labels = given.open(stores, info);
      return new PixelSelection(
          "", labels, given.classes(), given.ignored(), PixelSample.ALL, HoldoutSplit.ALL);
    }

    Gradient measure(Network network, @Nullable PointwiseLayer encoder, FeatureMoments moments) {
      Trainer trainer = new Trainer(moments, network, spec.training().settings(tiles.seed()));
      Trainer.Result result =
          training.train(plan(trainingPixels, learning.info(), network, encoder), trainer);
      return training.measure(
          plan(measuredPixels, tiles.info(), network, encoder), result.parameters());
    }

    /** Measures a given head on the measured pixels. */
    Gradient measure(Network network, PointwiseLayer head) {
      double[] parameters = new double[network.parameters()];
      int at = 0;
      for (float weight : head.weights()) {
        parameters[at++] = weight;
      }
      for (float bias : head.bias()) {
        parameters[at++] = bias;
      }
      return training.measure(
          plan(measuredPixels, tiles.info(), network, layer.layer()), parameters);
    }

    private TrainingPlan plan(
        PixelSelection pixels, ArrayInfo info, Network network, @Nullable PointwiseLayer encoder) {
      boolean read = encoder != null && info.equals(tiles.info());
      ArrayInfo stored = read ? layer.stored() : null;
      return TrainingPlan.of(pixels, info, encoder, stored, network, expected);
    }
  }
}
