package org.pointwise.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pointwise.format.FeatureSource;
import org.pointwise.plan.Head;
import org.pointwise.plan.ReducePlan;
import org.pointwise.run.LocalRunner;
import org.pointwise.run.Progress;
import org.pointwise.run.ReduceJob;
import org.pointwise.store.ByteStores;
import org.pointwise.weights.NamedLayer;
import picocli.CommandLine;

/** Runs a reduce command over stores of the caller's, such as some that fail. */
public final class StoppedReduction {
  private StoppedReduction() {}

  /**
   * Runs it with threads of this JVM.
   *
   * @param args of the command line, with {@code reduce}
   * @param names of the output arrays
   * @throws org.pointwise.errors.PointwiseException as the run ends where a store fails
   */
  public static void run(List<String> names, ByteStores stores, String... args) throws IOException {
    ReduceCommand command = new ReduceCommand();
    new CommandLine(command)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .parseArgs(Arrays.copyOfRange(args, 1, args.length));
    FeatureSource source = command.input.open();
    List<NamedLayer> layers = command.layers.read(source.info().shape().c());
    List<Head> heads = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      heads.add(
          new Head(
              names.get(i),
              layers.get(i).source(),
              layers.get(i).layer().withNormalisation(command.normalise)));
    }
    ReducePlan plan =
        ReducePlan.of(
            command
                .storage
                .spec(command.output, heads, command.existing.overwrite == null)
                .by(command.conduct.conduct(command.existing)),
            source.info(),
            source.dequantisation());
    new ReduceJob(stores, plan, source, Version.text())
        .run(
            new LocalRunner(stores, 2),
            command.existing.existing(),
            Progress.SILENT,
            System.nanoTime());
  }
}
