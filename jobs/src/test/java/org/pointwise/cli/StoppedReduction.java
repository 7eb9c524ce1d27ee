package org.pointwise.cli;

import java.io.IOException;
import java.util.Arrays;
import org.pointwise.Execution;
import org.pointwise.Pointwise;
import org.pointwise.store.ByteStores;
import picocli.CommandLine;

/** Runs a reduce command with given stores, for example failing ones. */
public final class StoppedReduction {
  private StoppedReduction() {}

  /**
   * Runs the command with threads of this JVM.
   *
   * @param args of the command line, with {@code reduce}
   * @throws org.pointwise.errors.PointwiseException as the run ends where a store fails
   */
  public static void run(ByteStores stores, String... args) throws IOException {
    ReduceCommand command = new ReduceCommand();
    new CommandLine(command)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .parseArgs(Arrays.copyOfRange(args, 1, args.length));
    Pointwise.on(stores, Execution.threads(stores, 2)).reduce(command.spec());
  }
}
