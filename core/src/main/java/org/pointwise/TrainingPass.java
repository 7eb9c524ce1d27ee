package org.pointwise;

import org.pointwise.conv.PointwiseLayer;
import org.pointwise.learn.Network.Gradient;
import org.pointwise.learn.RectifiedDecoder;
import org.pointwise.learn.Trainer;
import org.pointwise.plan.Resources;
import org.pointwise.plan.TrainingPlan;
import org.pointwise.work.Progress;
import org.pointwise.work.Runner;

/** A training on a runner, within a job. */
final class TrainingPass {
  private final Runner runner;
  private final Listener listener;

  TrainingPass(Runner runner, Listener listener) {
    this.runner = runner;
    this.listener = listener;
  }

  /** Checks that a plan fits into the memory of the tasks and of this driver. */
  static void requireFits(TrainingPlan plan, Resources resources) {
    plan.requireFits(resources);
    TrainingPlan.requireDriverFits(plan.network());
  }

  /** Trains the network of a plan on its pixels. */
  Trainer.Result train(TrainingPlan plan, Trainer trainer) {
    requireFits(plan, runner.resources());
    listener.training(plan);
    try (Runner.Session session = runner.open(plan)) {
      return trainer.train(parameters -> sum(plan, session, parameters), listener::step);
    }
  }

  /** Computes the decoder of a layer that ends in a ReLU from the pixels of a plan. */
  PointwiseLayer decoder(TrainingPlan plan, RectifiedDecoder decoder) {
    try (Runner.Session session = runner.open(plan)) {
      return decoder.fit(parameters -> sum(plan, session, parameters));
    }
  }

  /**
   * Returns loss, gradient and confusion matrix of a plan's pixels for parameters that were learned
   * from other pixels.
   */
  Gradient measure(TrainingPlan plan, double[] parameters) {
    try (Runner.Session session = runner.open(plan)) {
      return sum(plan, session, parameters);
    }
  }

  private static Gradient sum(TrainingPlan plan, Runner.Session session, double[] parameters) {
    return new Gradient(plan.network(), session.sum(parameters, Progress.SILENT));
  }
}
