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
      "Several --weights or --head store several arrays in one pass over the input.",
      "Run the same command again to continue an interrupted run."
    })
final class ReduceCommand implements Callable<Integer> {
  @Spec CommandSpec command;

  @Mixin InputOptions input = new InputOptions();

  @Parameters(
      index = "1",
      paramLabel = "OUTPUT",
      description = "Path or URI of the output. It is a group of arrays or a folder of files.")
  String output = "";

  @Mixin LayerOptions layers = new LayerOptions();

  @Option(
      names = "--head",
      paramLabel = "NAME=FILE[#NAME]",
      converter = NamedLayer.class,
      description =
          "As --weights, with the name of the output's array. The default name is 'features' for one layer, else it is taken from the weights. Repeat the option for several heads; they are stored after those of --weights.")
  List<NamedLayer.Head> heads = new ArrayList<>();

  @Rare
  @Option(
      names = "--normalise",
      paramLabel = "none|l2",
      description =
          "Normalisation after the activation (default: ${DEFAULT-VALUE}). 'l2' divides the outputs of each pixel and head by their Euclidean length; zeros stay zeros.")
  Normalisation normalise = Normalisation.NONE;

  @Mixin ReductionOptions options = new ReductionOptions();

  @Override
  public Integer call() throws IOException {
    options.check(command.commandLine());
    layers.requireOneForBias(command.commandLine(), layers.weights.size() + heads.size());
    return options.run(command, pointwise -> pointwise.plan(spec()));
  }

  ReduceSpec spec() {
    return Specs.create(
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
