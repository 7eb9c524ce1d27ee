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
    description = {"Reconstructs the channels of a reduced array by the decoder of its layer."},
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    footer = {
      "",
      "The decoder of another layer than REDUCED records is refused.",
      "Run the same command again to continue an interrupted run."
    })
final class ReconstructCommand implements Callable<Integer> {
  @Spec CommandSpec command;

  @Parameters(
      index = "0",
      paramLabel = "REDUCED",
      description = "An output of reduce, or OUTPUT/HEAD.")
  String reduced = "";

  @Parameters(index = "1", paramLabel = "OUTPUT", description = "Path or URI of the output.")
  String output = "";

  @Option(
      names = "--decoder",
      paramLabel = "FILE[#NAME]",
      required = true,
      description = "Layer file with the decoder that fit wrote. Or a layer F′ → F by its name.")
  String decoder = "";

  @Mixin ReadingOptions reading = new ReadingOptions();

  @Mixin ReductionOptions options = new ReductionOptions();

  @Override
  public Integer call() throws IOException {
    options.check(command.commandLine());
    return options.run(command, pointwise -> pointwise.plan(spec()));
  }

  private ReconstructSpec spec() {
    return Specs.create(
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
