package org.pointwise.cli;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.pointwise.ReconstructSpec;
import org.pointwise.conv.Normalisation;
import org.pointwise.weights.WeightsRef;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reconstructs the channels of a reduced array. */
@Command(
    name = "reconstruct",
    description = {
      "Reconstructs the channels of a reduced array by a decoder F′ → F, as an output of its own.",
      "The decoder that fit writes with a layer has the smallest squared error on the pixels that were learned from."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    footer = {
      "",
      "Refused where REDUCED records another layer than the one of the decoder, and after --normalise l2.",
      "Where one of them records no layer, a note says that this was not checked.",
      "",
      "Run the same command again to continue an interrupted run; only missing shards are computed.",
      "verify checks the output as it checks those of reduce."
    })
final class ReconstructCommand implements Callable<Integer> {
  @Spec CommandSpec command;

  @Parameters(
      index = "0",
      paramLabel = "REDUCED",
      description =
          "An output of reduce: OUTPUT, or OUTPUT/HEAD where it has several arrays; or another reduced array.")
  String reduced = "";

  @Parameters(
      index = "1",
      paramLabel = "OUTPUT",
      description = "Path or URI of the group, or the folder of files, to write.")
  String output = "";

  @Option(
      names = "--decoder",
      paramLabel = "FILE[#NAME]",
      required = true,
      description =
          "The file of the layer that made REDUCED, with the decoder that fit wrote; or a layer F′ → F by its name.")
  String decoder = "";

  @Mixin ReadingOptions reading = new ReadingOptions();

  @Mixin ReductionOptions options = new ReductionOptions();

  @Override
  public Integer call() throws IOException {
    options.check(command.commandLine());
    return options.run(command, pointwise -> pointwise.plan(spec()));
  }

  private ReconstructSpec spec() {
    return Specs.make(
        command,
        () ->
            new ReconstructSpec(
                options.spec(
                    reading.spec(reduced),
                    List.of(WeightsRef.parse(decoder)),
                    List.of(""),
                    Normalisation.NONE,
                    output)));
  }
}
