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
  @Rare
  @Option(
      names = "--no-sync",
      description =
          "Do not wait until each object is on the disk. This is faster on slow disks, but objects may be empty after a power loss.")
  boolean noSync;

  @Rare
  @Option(
      names = "--ignore-modification-times",
      description =
          "Accept input objects with other modification times. This applies when a previous run is continued or appended to, for example with a copy of the input. Objects with other lengths are refused nevertheless. By default, both are refused.")
  boolean ignoreTimes;

  @Rare
  @Option(
      names = "--on-bad-input",
      paramLabel = "fail|nodata",
      description =
          "Handling of damaged input chunks (default: ${DEFAULT-VALUE}). 'fail' ends the run. 'nodata' stores their pixels as nodata, and counts and lists the chunks in the report; another run computes them again. Damaged metadata and headers always end the run. Outputs of parquet need 'fail'.")
  BadInput onBadInput = BadInput.FAIL;

  @Nullable
  @Rare
  @Option(
      names = "--fail-above-bad",
      paramLabel = "FRACTION",
      description =
          "Exit code 5 if more of the pixels are in damaged chunks. The fraction is 0 … 1, such as 0.001, and needs --on-bad-input nodata. The output is stored nevertheless.")
  Double maxBad;

  void check(CommandLine command) {
    Double max = maxBad;
    if (max != null && (!(max >= 0 && max <= 1) || onBadInput != BadInput.NODATA)) {
      throw new ParameterException(
          command,
          onBadInput == BadInput.NODATA
              ? "--fail-above-bad must be from 0 to 1"
              : "--fail-above-bad needs --on-bad-input nodata");
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
    return Main.BELOW_GATE;
  }
}
