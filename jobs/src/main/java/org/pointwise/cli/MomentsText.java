package org.pointwise.cli;

import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.Count;
import org.pointwise.plan.HoldoutBlocks;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.Resources;
import org.pointwise.tensor.Axis;

/** Prints moments passes for users. */
final class MomentsText {
  private MomentsText() {}

  static void print(MomentsPlan plan, Resources resources, PrintWriter out) {
    out.printf(Locale.ROOT, "Input     %s%n", plan.input().uri());
    out.printf(
        Locale.ROOT,
        "          %s, %s of %s, %s, %s%n",
        plan.input().description(),
        plan.input().axes().order().stream()
            .filter(axis -> axis != Axis.C)
            .map(axis -> axis.letter() + "=" + plan.input().shape().length(axis))
            .toList(),
        Count.of(plan.input().shape().c(), "channel"),
        plan.input().type(),
        Sizes.text(plan.input().bytes()));
    if (plan.input().subset() != null) {
      out.printf("Part      %s%n", Shortened.part(plan.input().describeSubset()));
    }
    if (plan.spec().labels() != null) {
      out.printf(Locale.ROOT, "Labels    %s%n", plan.spec().labels().uri());
    }
    printHeldOut(plan, out);
    double flops = (double) plan.input().pixels() * plan.spec().sample().fraction();
    flops *= plan.input().shape().c() * (plan.input().shape().c() + 1.0);
    out.printf(
        Locale.ROOT,
        "Work      %s of %s; %.2f GFLOP; up to %s at once, each needs at most %d MiB and has %d MiB%n",
        Count.of(plan.unitCount(), "unit"),
        Count.of(plan.units().end(0), "tile"),
        flops / 1e9,
        Count.of(resources.tasks(), "task"),
        (plan.bytesPerTask() >> 20) + 1,
        resources.bytesPerTask() >> 20);
  }

  /** Prints how many hold-out blocks are left out, or measured, if the plan holds any out. */
  static void printHeldOut(@Nullable MomentsPlan plan, PrintWriter out) {
    if (plan == null || plan.spec().holdout().fraction() == 0) {
      return;
    }
    HoldoutBlocks blocks = plan.spec().holdout().of(plan.input());
    out.printf(
        Locale.ROOT,
        "%-9s %d of %s, %.2f %% (--test-size %s)%s%n",
        plan.spec().holdout().part() == HoldoutSplit.Part.TEST ? "Measured" : "Held out",
        blocks.heldOut(),
        Count.of(blocks.count(), "hold-out block"),
        100.0 * blocks.heldOut() / blocks.count(),
        plan.spec().holdout().fraction(),
        blocks.heldOut() > 0
            ? ""
            : ": none to evaluate on; use smaller blocks by --hold-out-block");
  }
}
