package org.pointwise.cli;

import java.io.PrintWriter;
import java.util.Locale;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.learn.Network.Gradient;
import org.pointwise.learn.RectifiedDecoder;
import org.pointwise.learn.Trainer;
import org.pointwise.plan.Resources;
import org.pointwise.plan.TrainingPlan;
import org.pointwise.run.Progress;
import org.pointwise.run.Runner;

/** Training on a runner, with what the command line says around it. */
final class TrainingPass {
  private static final long LINE_MILLIS = 5_000;

  private final Runner runner;
  private final boolean quiet;
  private final PrintWriter err;
  private long toldMillis = System.currentTimeMillis();

  TrainingPass(Runner runner, boolean quiet, PrintWriter err) {
    this.runner = runner;
    this.quiet = quiet;
    this.err = err;
  }

  /** Proves that a plan fits the machines and this driver. */
  static void requireFits(TrainingPlan plan, Resources resources) {
    plan.requireFits(resources);
    plan.requireDriverFits(Runtime.getRuntime().maxMemory() / 5); // tasks may have the rest
  }

  /** Trains a plan's network on its pixels. */
  Trainer.Result train(TrainingPlan plan, Trainer trainer) {
    requireFits(plan, runner.resources());
    if (!quiet) {
      err.printf(
          Locale.ROOT,
          "Training  %d parameters on about %d pixels, %d MiB of them%n",
          plan.network().parameters(),
          plan.expected(),
          (plan.keptBytes() >> 20) + 1);
      err.flush();
    }
    try (Runner.Session session = runner.open(plan)) {
      return trainer.train(parameters -> sum(plan, session, parameters), this::tell);
    }
  }

  /** The decoder of a layer that ends in a ReLU, by a plan's pixels. */
  PointwiseLayer decoder(TrainingPlan plan, RectifiedDecoder decoder) {
    try (Runner.Session session = runner.open(plan)) {
      return decoder.fit(parameters -> sum(plan, session, parameters));
    }
  }

  /** What a plan's pixels say of parameters that were learned on others. */
  Gradient measure(TrainingPlan plan, double[] parameters) {
    try (Runner.Session session = runner.open(plan)) {
      return sum(plan, session, parameters);
    }
  }

  private static Gradient sum(TrainingPlan plan, Runner.Session session, double[] parameters) {
    return new Gradient(plan.network(), session.sum(parameters, Progress.SILENT));
  }

  private void tell(int step, double loss) {
    long now = System.currentTimeMillis();
    if (!quiet && now - toldMillis >= LINE_MILLIS) {
      toldMillis = now;
      err.printf(Locale.ROOT, "Step %4d  loss %.6f%n", step, loss);
      err.flush();
    }
  }
}
