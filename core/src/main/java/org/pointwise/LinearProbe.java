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
import org.pointwise.plan.HoldoutSplit.Part;
import org.pointwise.plan.PixelSelection;
import org.pointwise.plan.TrainingPlan;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.PixelSample;
import org.pointwise.weights.Weights;

/**
 * Trains a logistic regression on the channels of a layer, and one on all channels, with the pixels
 * that are not held out, and measures both on held-out pixels.
 */
final class LinearProbe {
  private final EvaluateSpec spec;
  private final EvaluatedLayer layer;
  private final ArrayInfo labels;
  private final ByteStores stores;
  private final TrainingPass training;

  LinearProbe(
      EvaluateSpec spec,
      EvaluatedLayer layer,
      ArrayInfo labels,
      ByteStores stores,
      TrainingPass training) {
    this.spec = spec;
    this.layer = layer;
    this.labels = labels;
    this.stores = stores;
    this.training = training;
  }

  /**
   * Trains and measures the probes.
   *
   * @param fitted moments of the pixels that are not held out, or of many similar pixels
   * @param found moments of the held-out pixels
   */
  void run(ObjectNode to, FeatureMoments fitted, FeatureMoments found) throws IOException {
    int classes = Math.max(found.classes(), fitted.classes());
    if (classes < 2) {
      throw new InvalidInputException(
          "Cannot probe: all held-out pixels are of class 0; at least two classes are needed");
    }
    to.put("classes", classes);
    Pixels pixels = new Pixels(classes, layer.info().pixels() - EvaluationCandidates.seen(found));
    PointwiseLayer reduced = layer.layer();
    Network onAll = network(reduced.inChannels(), classes);
    Network onReduced = network(reduced.outChannels(), classes);
    EvaluationFigures.put(
        to.putObject("reduced"),
        pixels.measure(onReduced, reduced, LinearDecoder.through(reduced, fitted.overall())));
    EvaluationFigures.put(to.putObject("all"), pixels.measure(onAll, null, fitted));
    PointwiseLayer head = Weights.companion(stores, layer.ref(), Weights.HEAD);
    boolean known = head != null && head.outChannels() == classes;
    if (!known
        && FitMethod.SCORE.toString().equals(layer.method())
        && reduced.outChannels() == classes) {
      head = LinearDecoder.identity(classes);
      known = true;
    }
    if (head != null && known) {
      EvaluationFigures.put(to.putObject("head"), pixels.measure(onReduced, head));
    }
  }

  private static Network network(int in, int classes) {
    return new Network(in, 0, classes, Network.Objective.CROSS_ENTROPY);
  }

  /** The pixels on which probes are trained, and those on which they are measured. */
  private final class Pixels {
    private final PixelSelection learned;
    private final PixelSelection measuredOn;
    private final long expected;

    Pixels(int classes, long others) {
      PixelSelection all =
          new PixelSelection(
              "",
              labels,
              classes,
              Objects.requireNonNull(spec.labels()).ignored(),
              PixelSample.ALL,
              HoldoutSplit.ALL);
      PixelSample kept = spec.training().thinned(all, others, layer.seed()).sample();
      this.expected = Math.min(spec.training().pixels(), others);
      this.learned = all.with(kept, layer.heldOut().taking(Part.TRAIN));
      this.measuredOn = all.with(kept, layer.heldOut());
    }

    Gradient measure(Network network, @Nullable PointwiseLayer through, FeatureMoments moments) {
      Trainer trainer = new Trainer(moments, network, spec.training().settings(layer.seed()));
      Trainer.Result result = training.train(plan(learned, network, through), trainer);
      return training.measure(plan(measuredOn, network, through), result.parameters());
    }

    /** Measures a given head on the held-out pixels. */
    Gradient measure(Network network, PointwiseLayer head) {
      double[] parameters = new double[network.parameters()];
      int at = 0;
      for (float weight : head.weights()) {
        parameters[at++] = weight;
      }
      for (float bias : head.bias()) {
        parameters[at++] = bias;
      }
      return training.measure(plan(measuredOn, network, layer.layer()), parameters);
    }

    private TrainingPlan plan(
        PixelSelection pixels, Network network, @Nullable PointwiseLayer through) {
      return TrainingPlan.of(pixels, layer.info(), through, network, expected);
    }
  }
}
