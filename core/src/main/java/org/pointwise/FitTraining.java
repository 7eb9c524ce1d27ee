package org.pointwise;

import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.LearnedLayer;
import org.pointwise.learn.Network;
import org.pointwise.learn.Projections;
import org.pointwise.learn.RectifiedDecoder;
import org.pointwise.learn.Trainer;
import org.pointwise.plan.HoldoutBlocks;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.PixelSelection;
import org.pointwise.plan.Resources;
import org.pointwise.plan.TrainingPlan;
import org.pointwise.store.ByteStores;

/** The part of a fit that learns from pixels, after the moments pass. */
final class FitTraining {
  private final FitSpec spec;
  private final MomentsPlan plan;
  private final TrainingPass pass;

  FitTraining(FitSpec spec, MomentsPlan plan, TrainingPass pass) {
    this.spec = spec;
    this.plan = plan;
    this.pass = pass;
  }

  /** Plans the moments pass. Refuses a spec from which no layer could be learned after it. */
  static MomentsPlan plan(FitSpec spec, InputSpec input, String weights, ByteStores stores) {
    FeatureSource source = input.open(stores);
    MomentsPlan plan =
        MomentsPlan.of(spec.pixels().of(source.info(), weights, stores), source.info());
    HoldoutBlocks blocks = plan.spec().holdout().of(plan.input());
    if (blocks.heldOut() == blocks.count()) {
      throw new InvalidInputException(
          "Cannot learn a layer: --test-size %s holds out %d of %s and leaves none to learn from; give a smaller --test-size, or smaller blocks by --hold-out-block"
              .formatted(
                  plan.spec().holdout().fraction(),
                  blocks.heldOut(),
                  Count.of(blocks.count(), "hold-out block")));
    }
    int max = plan.input().shape().c();
    Integer channels = spec.channels();
    if (channels != null && channels > max) {
      throw new InvalidInputException(
          "Cannot make %d channels: the input has %d; choose --channels 1 … %d"
              .formatted(channels, max, max));
    }
    return plan;
  }

  /** Refuses, before the moments pass, a training that would not fit into memory after it. */
  static void requireFits(FitSpec spec, MomentsPlan plan, Resources resources) {
    if (!spec.method().trained()) {
      return;
    }
    HoldoutBlocks blocks = plan.spec().holdout().of(plan.input());
    double part = plan.spec().sample().fraction();
    part *= 1 - (double) blocks.heldOut() / blocks.count();
    long expected = Math.min(spec.training().pixels(), (long) (part * plan.input().pixels()));
    Network network = network(spec, plan.input().shape().c(), plan.spec().classes());
    TrainingPass.requireFits(trainingPlan(plan, plan.spec(), network, expected), resources);
  }

  private static TrainingPlan trainingPlan(
      MomentsPlan plan, PixelSelection pixels, Network network, long expected) {
    return TrainingPlan.of(pixels, plan.input(), null, network, expected);
  }

  /**
   * Returns the network to train.
   *
   * @param classes 0 without labels
   */
  private static Network network(FitSpec spec, int in, int classes) {
    int hidden = spec.method() == FitMethod.SCORE ? 0 : spec.count();
    return classes > 0
        ? new Network(in, hidden, classes, Network.Objective.CROSS_ENTROPY)
        : new Network(in, hidden, in, Network.Objective.SQUARED_ERROR);
  }

  /**
   * Trains the layer.
   *
   * @param moments moments of the pixels
   */
  LearnedLayer train(FeatureMoments moments) {
    boolean classes = plan.spec().labels() != null;
    int rank = new Projections(moments).rank(); // refuses pixels that are all the same
    if (classes) {
      moments.requireClasses(spec.method().toString());
    }
    Integer channels = spec.channels();
    if (spec.method() == FitMethod.SCORE && channels != null && channels != moments.classes()) {
      throw new InvalidInputException(
          "Cannot make %s: score makes one for each of %s; leave --channels away"
              .formatted(
                  Count.of(channels, "channel"), Count.of(moments.classes(), "class", "classes")));
    }
    long seed = spec.pixels().seed();
    Network network = network(spec, moments.channels(), classes ? moments.classes() : 0);
    PixelSelection kept = spec.training().thinned(plan.spec(), moments.count(), seed);
    long expected = Math.min(spec.training().pixels(), moments.count());
    Trainer trainer = new Trainer(moments, network, spec.training().settings(seed));
    LearnedLayer learned =
        trainer.layer(pass.train(trainingPlan(plan, kept, network, expected), trainer));
    learned.metadata().put("rank", String.valueOf(rank));
    if (network.hidden() == 0 || !classes) {
      return learned;
    }
    RectifiedDecoder decoder = new RectifiedDecoder(learned.layer(), moments.overall());
    return learned.withDecoder(
        pass.decoder(trainingPlan(plan, kept, decoder.network(), expected), decoder));
  }
}
