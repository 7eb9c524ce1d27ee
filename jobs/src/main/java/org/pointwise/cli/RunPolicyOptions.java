package org.pointwise.cli;

import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pointwise.ReduceReport;
import org.pointwise.plan.BadInput;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options for how a reduction stores objects, and for changed and damaged input. */
final class RunPolicyOptions {
  @Option(
      names = "--no-sync",
      description =
          "Do not wait until an object is on the disk before it gets its name: faster on slow disks, but after a power loss objects may be empty.")
  boolean noSync;

  @Option(
      names = "--ignore-modification-times",
      description =
          "Where an earlier run is continued or appended to, take the input for the same although its objects have other times of change, as a copy has; other lengths are refused all the same (default: refuse).")
  boolean ignoreTimes;

  @Option(
      names = "--on-bad-input",
      paramLabel = "fail|nodata",
      description =
          "What to do with chunks of the input that are damaged: end the run, or store their pixels as no data, and count and list them in the report; running again computes them again. Damaged metadata and headers always end it (default: ${DEFAULT-VALUE}).")
  BadInput onBadInput = BadInput.FAIL;

  @Nullable
  @Option(
      names = "--fail-above-bad",
      paramLabel = "FRACTION",
      description =
          "With --on-bad-input nodata, end with code 5 where more than this fraction of the pixels is of damaged chunks, such as 0.001; the output is stored nevertheless.")
  Double maxBad;

  void check(CommandLine command) {
    Double max = maxBad;
    if (max != null && (!(max >= 0 && max <= 1) || onBadInput != BadInput.NODATA)) {
      throw new ParameterException(
          command,
          onBadInput == BadInput.NODATA
              ? "--fail-above-bad must be from 0 to 1"
              : "--fail-above-bad goes with --on-bad-input nodata");
    }
  }

  /** Returns the exit code of the run with this report. */
  int gate(ReduceReport report, PrintWriter err) {
    double bad = (double) report.badPixels() / Math.max(1, report.pixels());
    Double max = maxBad;
    if (max == null || !(bad > max)) {
      return 0;
    }
    err.printf(
        Locale.ROOT,
        "Above the gate: %.3g of the pixels of %s are of damaged chunks but --fail-above-bad allows %.3g; restore the chunks that report.json lists and run the same command again%n",
        bad,
        report.output(),
        max);
    return Main.BELOW_A_GATE;
  }
}
