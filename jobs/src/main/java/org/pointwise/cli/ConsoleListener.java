package org.pointwise.cli;

import java.io.PrintWriter;
import java.util.Locale;
import org.pointwise.conv.KernelProvider;
import org.pointwise.errors.Count;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.TrainingPlan;
import org.pointwise.plan.UnitPlan;
import org.pointwise.work.Progress;
import org.pointwise.work.Runner;

/** Prints plans, progress, training steps, notes and warnings of a job on stderr. */
class ConsoleListener extends WarningListener {
  private static final long LINE_MILLIS = 5_000;

  private final PrintWriter err;
  private long lastPrintMillis;

  ConsoleListener(PrintWriter err) {
    super(err);
    this.err = err;
  }

  @Override
  public Progress begin(UnitPlan plan, Runner runner) {
    if (plan instanceof MomentsPlan moments) {
      MomentsText.print(moments, runner.resources(), err);
      print(runner);
      return new ConsoleProgress(moments, "units");
    }
    return new ConsoleProgress(plan, "units");
  }

  /** Prints the runner and the kernel. */
  final void print(Runner runner) {
    err.println("Runner    " + runner.describe() + ", " + KernelProvider.forThisJvm().reason());
    err.flush();
  }

  @Override
  public Progress beginObjects() {
    return new ConsoleProgress("objects");
  }

  @Override
  public void training(TrainingPlan plan) {
    lastPrintMillis = System.currentTimeMillis();
    err.printf(
        Locale.ROOT,
        "Training  %s on about %s, %d MiB of them%n",
        Count.of(plan.network().parameters(), "parameter"),
        Count.of(plan.expected(), "pixel"),
        (plan.cachedBytes() >> 20) + 1);
    err.flush();
  }

  @Override
  public void step(int step, double loss) {
    long now = System.currentTimeMillis();
    if (now - lastPrintMillis >= LINE_MILLIS) {
      lastPrintMillis = now;
      err.printf(Locale.ROOT, "Step %4d  loss %.6f%n", step, loss);
      err.flush();
    }
  }

  @Override
  public void note(String line) {
    err.println(line);
  }
}
