package org.pointwise.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.hadoop.Stores;
import org.pointwise.job.OutputGuard;
import org.pointwise.store.ByteStores;
import org.pointwise.weights.NamedLayer;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsRef;
import org.pointwise.weights.WeightsRef.KernelLayout;
import org.pointwise.weights.WeightsWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists and converts the layers of weights files. */
@Command(
    name = "weights",
    description = "Lists and converts 1×1 layers.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "show|convert")
final class WeightsCommand {
  @Spec CommandSpec command;

  @Command(
      name = "show",
      description = "Lists every 1×1 layer of a model with F → F′.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  int show(
      @Parameters(paramLabel = "FILE", description = "Weights file, .safetensors, .npy or .onnx.")
          String file)
      throws IOException {
    PrintWriter out = command.commandLine().getOut();
    List<NamedLayer> layers = Weights.list(Stores.ANY, ByteStores.absolute(file));
    for (NamedLayer named : layers) {
      PointwiseLayer layer = named.layer();
      out.printf(
          Locale.ROOT,
          "%6d → %-6d %-6s %s%s%n",
          layer.inChannels(),
          layer.outChannels(),
          layer.activation() == Activation.NONE ? "" : layer.activation(),
          named.name(),
          named.remark().isEmpty() ? "" : "  (" + named.remark() + ")");
    }
    out.println(layers.size() + " 1×1 layers in " + file);
    return 0;
  }

  @Command(
      name = "convert",
      description = "Writes one layer as safetensors, npy or ONNX, by the ending of OUTPUT.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  int convert(
      @Parameters(paramLabel = "FILE[#NAME]", description = "Layer to convert.") String from,
      @Parameters(paramLabel = "OUTPUT", description = "File to write.") String to,
      @Nullable
          @Option(
              names = "--bias",
              paramLabel = "FILE.npy",
              description =
                  "Bias of .npy weights (default: NAME.bias.npy beside NAME.npy, if it exists).")
          String bias,
      @Nullable
          @Option(
              names = "--activation",
              paramLabel = "NAME",
              completionCandidates = LayerOptions.Activations.class,
              converter = LayerOptions.AutoOrActivation.class,
              description =
                  "Function applied to W·x + b (default: auto). One of ${COMPLETION-CANDIDATES}. 'auto' takes the activation that the file records or the graph contains.")
          Activation activation,
      @Nullable
          @Option(
              names = "--kernel-layout",
              paramLabel = "oi|io",
              description = "Layout of an .npy matrix (default: oi).")
          KernelLayout layout,
      @Option(names = "--dry-run", description = "Print the layer and write nothing.")
          boolean dryRun,
      @Option(names = "--overwrite", description = "Replace existing files.") boolean overwrite)
      throws IOException {
    WeightsRef ref = WeightsRef.parse(from, bias, activation, layout);
    String target = ByteStores.absolute(to);
    new OutputGuard(Stores.ANY)
        .reads(ref.uri())
        .reads(bias)
        .writes(WeightsWriter.files(target))
        .requireDisjoint()
        .requireFree(overwrite);
    NamedLayer named = Weights.read(Stores.ANY, ref, 0);
    Map<String, String> metadata =
        Map.of("source", named.source(), "sha256", named.layer().sha256());
    PrintWriter out = command.commandLine().getOut();
    if (dryRun) {
      out.printf(Locale.ROOT, "%s would be written: %s%n", target, named.layer());
      return 0;
    }
    List<String> written =
        WeightsWriter.write(Stores.ANY, target, named.layer(), new TreeMap<>(metadata));
    out.printf(Locale.ROOT, "%s: %s%n", String.join(", ", written), named.layer());
    boolean isNpy = WeightsRef.FileFormat.of(target) == WeightsRef.FileFormat.NPY;
    if (isNpy && named.layer().activation() != Activation.NONE) {
      command
          .commandLine()
          .getErr()
          .printf(
              Locale.ROOT,
              named.layer().activation().slopes() == null
                  ? "Warning: npy keeps no activation; reduce with --activation %s%n"
                  : "Warning: npy keeps neither %s nor its slopes; convert to safetensors or ONNX%n",
              named.layer().activation());
    }
    return 0;
  }
}
