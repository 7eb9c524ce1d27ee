package org.pointwise.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.pointwise.ReduceSpec;
import org.pointwise.conv.Normalisation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reduces the channels of a feature array. */
@Command(
    name = "reduce",
    description = "Reduces the channels of a feature array: y = act(W·x + b) at every pixel.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    footer = {
      "",
      "Several --weights or --head make several arrays of the output group in one pass over the input.",
      "",
      "Run the same command again to continue an interrupted run; only missing shards are computed."
    })
final class ReduceCommand implements Callable<Integer> {
  @Spec CommandSpec command;

  @Mixin InputOptions input = new InputOptions();

  @Parameters(
      index = "1",
      paramLabel = "OUTPUT",
      description = "Path or URI of the group of arrays, or the folder of files, to write.")
  String output = "";

  @Mixin LayerOptions layers = new LayerOptions();

  @Option(
      names = "--head",
      paramLabel = "NAME=FILE[#NAME]",
      converter = NamedLayer.class,
      description =
          "As --weights, with the name of the output's array (default: features for one layer, else from the weights). Repeat for several heads; they come after those of --weights.")
  List<NamedLayer.Head> heads = new ArrayList<>();

  @Option(
      names = "--normalise",
      paramLabel = "none|l2",
      description =
          "After the activation: l2 divides the outputs of each pixel and head by their Euclidean length; zeros stay zeros (default: ${DEFAULT-VALUE}).")
  Normalisation normalise = Normalisation.NONE;

  @Mixin ReductionOptions options = new ReductionOptions();

  @Override
  public Integer call() throws IOException {
    options.check(command.commandLine());
    if (layers.bias != null && layers.weights.size() + heads.size() > 1) {
      throw new ParameterException(
          command.commandLine(), "--bias goes with one layer only; use safetensors for several");
    }
    return options.run(command, pointwise -> pointwise.plan(spec()));
  }

  ReduceSpec spec() {
    return Specs.make(
        command,
        () ->
            options.spec(
                input.spec(),
                Stream.concat(
                        layers.refs().stream(),
                        heads.stream().map(head -> layers.ref(head.weights())))
                    .toList(),
                Stream.concat(
                        layers.weights.stream().map(unnamed -> ""),
                        heads.stream().map(NamedLayer.Head::name))
                    .toList(),
                normalise,
                output));
  }
}
