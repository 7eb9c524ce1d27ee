package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.InputFiles;
import org.pointwise.format.OutputTarget;
import org.pointwise.plan.Head;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStore;

/** Makes the sinks of a plan's output arrays. */
final class OutputSinks {
  private OutputSinks() {}

  /** Returns the descriptions of a plan's output arrays, one per head. */
  static List<OutputTarget> targets(ReducePlan plan) {
    List<Head> heads = plan.spec().heads();
    InputFiles files = InputFiles.of(plan.input());
    List<OutputTarget> targets = new ArrayList<>();
    for (Head head : heads) {
      targets.add(
          new OutputTarget(
              head.name(),
              heads.size() == 1,
              plan.input().shape().withChannels(head.layer().outChannels()),
              plan.dimensionNames(head),
              plan.quantisations().get(targets.size()),
              plan.output(),
              plan.spec().compressions().get(targets.size()),
              files,
              head.layer().selection()));
    }
    return targets;
  }

  /**
   * Returns one sink per head.
   *
   * @param source the plan's input
   */
  static List<FeatureSink> sinks(ReducePlan plan, ByteStore store, FeatureSource source)
      throws IOException {
    List<FeatureSink> sinks = new ArrayList<>();
    for (OutputTarget target : targets(plan)) {
      sinks.add(plan.spec().format().sink(store, target, source));
    }
    return sinks;
  }
}
