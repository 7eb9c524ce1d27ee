package org.pointwise.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.pointwise.Listener;
import org.pointwise.MomentsJob;
import org.pointwise.MomentsReport;
import org.pointwise.MomentsSpec;
import org.pointwise.Pointwise;
import org.pointwise.errors.Count;
import org.pointwise.learn.FeatureMoments;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Computes the moments of features in one pass. Most methods learn from moments. */
@Command(
    name = "moments",
    description = {
      "Computes count, mean and co-moments of all pixels in one pass; with labels, by class.",
      "'fit --moments' merges such files and learns from them without reading the pixels again."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false)
final class MomentsCommand implements Callable<Integer> {
  @Spec CommandSpec command;

  @Mixin InputOptions input = new InputOptions();

  @Parameters(index = "1", paramLabel = "MOMENTS", description = "File to write, .safetensors.")
  String output = "";

  @Mixin MomentsOptions pixels = new MomentsOptions();

  @Mixin RunnerOptions runner = new RunnerOptions();

  @Option(names = "--dry-run", description = "Print the plan and write nothing.")
  boolean dryRun;

  @Option(names = "--overwrite", description = "Replace an existing file.")
  boolean overwrite;

  @Option(
      names = "--append",
      description = {
        "Add the images appended to the input along n.",
        "Creates the file if it does not exist. Give the same other options as before."
      })
  boolean append;

  @Rare
  @Option(
      names = "--ignore-modification-times",
      description =
          "Accept input objects with other modification times. With --append, this applies to the images that the file contains, for example after the input was copied. Objects with other lengths are refused nevertheless. By default, both are refused.")
  boolean ignoreTimes;

  @Option(names = "--json", description = "Print the report, or the plan, as JSON on stdout.")
  boolean json;

  @Option(names = "--quiet", description = WarningListener.QUIET)
  boolean quiet;

  @Override
  public Integer call() throws IOException {
    MomentsSpec spec =
        Specs.create(
            command,
            () ->
                new MomentsSpec(
                    input.spec(), output, pixels.spec(), append, overwrite, ignoreTimes));
    PrintWriter out = command.commandLine().getOut();
    try (Pointwise pointwise = runner.pointwise("pointwise moments")) {
      MomentsJob job = pointwise.plan(spec);
      if (dryRun && json) {
        out.println(job.json());
      } else if (dryRun) {
        MomentsText.print(job.plan(), job.requireFits(), out);
      } else {
        print(job, job.run(listener()), out);
      }
    }
    return 0;
  }

  private Listener listener() {
    PrintWriter err = command.commandLine().getErr();
    return quiet ? new WarningListener(err) : new ConsoleListener(err);
  }

  private void print(MomentsJob job, MomentsReport report, PrintWriter out) {
    if (json) {
      out.println(report.json());
      return;
    }
    FeatureMoments found = report.moments();
    out.printf(
        Locale.ROOT,
        "Moments   %s: %s of %s%s; %d nodata, %d not finite; %.2f s%n",
        report.output(),
        Count.of(found.count(), "pixel"),
        Count.of(found.channels(), "channel"),
        found.labelled() ? ", " + Count.of(found.classes(), "class", "classes") : "",
        found.masked(),
        found.nonFinitePixels(),
        report.seconds());
    MomentsText.printHeldOut(job.plan(), out);
  }
}
