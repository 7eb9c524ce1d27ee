package org.pointwise.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.Normalisation;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.hadoop.Stores;
import org.pointwise.plan.TileSplit;
import org.pointwise.report.EvaluationReport;
import org.pointwise.report.TilePicture;
import org.pointwise.run.OutputGuard;
import org.pointwise.run.Runner;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsRef;
import org.pointwise.weights.WeightsRef.KernelLayout;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures what a layer keeps. */
@Command(
    name = "evaluate",
    description = {
      "Measures what a layer keeps of features, on tiles that were held out when it was fitted.",
      "Writes REPORT.html, which opens from disk, and REPORT.json with every number of it."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    footer = {
      "",
      "The layer is compared with pca, select (the channels of most variance) and random at equal F′.",
      "With --labels a linear probe is trained on its channels and on all channels of the other tiles.",
      "Exit code 5 where it keeps less than --min-variance or --min-accuracy: fit again."
    })
final class EvaluateCommand implements Callable<Integer> {
  private static final double HELD_OUT = 0.2;
  private static final String ANOTHER_REPORT = "give --report another name";

  @Spec CommandSpec command;

  @Mixin InputOptions input = new InputOptions();

  @Option(
      names = "--weights",
      required = true,
      paramLabel = "FILE[#NAME]",
      description =
          "The layer: safetensors, npy or ONNX; its decoder is used where the file has one, and NAME.bias.npy beside NAME.npy.")
  String weights = "";

  @Nullable
  @Option(
      names = "--kernel-layout",
      paramLabel = "oi|io",
      description =
          "How to read an .npy matrix: outputs first (F′×F) or inputs first (F×F′); needed for a square one that fit did not write.")
  KernelLayout kernelLayout;

  @Option(
      names = "--normalise",
      paramLabel = "none|l2",
      description =
          "As 'reduce' was given. l2 is refused: what it keeps cannot be reconstructed (default: ${DEFAULT-VALUE}).")
  Normalisation normalise = Normalisation.NONE;

  @Nullable
  @Option(
      names = "--report",
      paramLabel = "FILE.html",
      description =
          "The report to write, with FILE.json beside it (default: beside the weights, .report.html).")
  String report;

  @Mixin LabelOptions labels = new LabelOptions();

  @Nullable
  @Option(
      names = "--moments",
      paramLabel = "FILE",
      description =
          "Of the pixels that the layer was fitted on (default: beside the weights, else taken from the tiles that are not held out).")
  String moments;

  @Nullable
  @Option(
      names = "--hold-out",
      paramLabel = "P",
      description =
          "Part of the tiles to evaluate on, 0 … 1, to within one tile (default: as recorded in the weights, else 0.2).")
  Double heldOut;

  @Nullable
  @Option(
      names = "--hold-out-block",
      paramLabel = "B",
      description =
          "Blocks of B×B pixels instead of the parts of images that a chunk holds; 0 for those (default: as recorded in the weights, else 0).")
  Integer block;

  @Nullable
  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Seed of all that is drawn (default: as recorded in the weights, else 1).")
  Long seed;

  @Mixin TrainingOptions training = new TrainingOptions();

  @Option(
      names = "--curve",
      paramLabel = "K",
      description =
          "Compare the methods at 1, 2, 4, … up to so many channels (default: ${DEFAULT-VALUE}).")
  int curve = 128;

  @Nullable
  @Option(
      names = "--min-variance",
      paramLabel = "V",
      description = "Exit 5 where less of the held-out variance is kept, 0 … 1.")
  Double minVariance;

  @Nullable
  @Option(
      names = "--min-accuracy",
      paramLabel = "A",
      description = "Exit 5 where the probe on the reduced channels is right less often, 0 … 1.")
  Double minAccuracy;

  @Mixin RunnerOptions runner = new RunnerOptions();

  @Option(names = "--dry-run", description = "Print the plan and write nothing.")
  boolean dryRun;

  @Option(names = "--overwrite", description = "Replace the report that is there.")
  boolean overwrite;

  @Option(names = "--json", description = "Print the report (or the plan) as JSON.")
  boolean json;

  @Option(names = "--quiet", description = "No plan, no progress and no warnings on stderr.")
  boolean quiet;

  @Override
  public Integer call() throws IOException {
    if (minAccuracy != null && !labels.given()) {
      throw new InvalidInputException(
          "Cannot measure an accuracy without classes: --min-accuracy needs --labels");
    }
    if (normalise != Normalisation.NONE) {
      throw new InvalidInputException(
          "Cannot reconstruct features from outputs normalised by %s: their lengths are lost; evaluate the layer without --normalise"
              .formatted(normalise));
    }
    WeightsRef ref = reference();
    String html = reportUri(ref);
    new OutputGuard(Stores.ANY)
        .reads(input.input)
        .readsAll(input.reading.files())
        .reads(ref.uri())
        .reads(moments)
        .reads(labels.labels)
        .writes(html, ANOTHER_REPORT)
        .writes(jsonUri(html), ANOTHER_REPORT)
        .requireApart()
        .requireFree(overwrite);
    EvaluationReport.requireDrawable();
    FeatureSource source = input.open();
    Map<String, String> recorded = Weights.metadata(Stores.ANY, ref);
    String warning = LayerOptions.otherScaling(ref, source);
    if (warning != null && !quiet) {
      command.commandLine().getErr().println(warning);
    }
    EvaluationPass pass =
        new EvaluationPass(
            ref,
            Weights.read(Stores.ANY, ref, source.info().shape().c()).layer(),
            recorded,
            source,
            split(recorded),
            this);
    if (dryRun) {
      pass.show(html, json, command.commandLine().getOut());
      return 0;
    }
    return runner.with("pointwise evaluate", chosen -> run(pass, html, chosen));
  }

  /** Where fit wrote a decoder beside .npy weights, their layout is known. */
  private WeightsRef reference() throws IOException {
    if (!weights.endsWith(".npy")) {
      return WeightsRef.parse(weights, null, null, null);
    }
    String stem = weights.substring(0, weights.lastIndexOf('.'));
    KernelLayout layout =
        kernelLayout == null && exists(stem + ".decoder.npy") ? KernelLayout.OI : kernelLayout;
    return WeightsRef.parse(weights, null, null, layout);
  }

  private static boolean exists(String path) throws IOException {
    String uri = ByteStores.absolute(path);
    return Stores.ANY.open(ByteStores.parent(uri)).size(ByteStores.name(uri)) >= 0;
  }

  private String reportUri(WeightsRef ref) {
    String uri =
        report != null
            ? ByteStores.absolute(report)
            : ref.uri().substring(0, ref.uri().lastIndexOf('.')) + ".report.html";
    if (!uri.endsWith(".html")) {
      throw new InvalidInputException(
          "Cannot write the report %s: its name does not end in .html; rename it".formatted(uri));
    }
    return uri;
  }

  private static String jsonUri(String html) {
    return html.substring(0, html.lastIndexOf('.')) + ".json";
  }

  /** The tiles that the layer has not seen, where its file records them. */
  private TileSplit split(Map<String, String> recorded) {
    double known = number(recorded.get("heldOut"));
    double part = heldOut != null ? heldOut : known > 0 ? known : HELD_OUT;
    if (!(part > 0 && part <= 1)) {
      throw new InvalidInputException(
          "Cannot hold out %s of the tiles: --hold-out is more than 0 and at most 1"
              .formatted(part));
    }
    long chosen = seed != null ? seed : wholeNumber(recorded.get("seed"), 1);
    int side = block != null ? block : (int) wholeNumber(recorded.get("heldOutBlock"), 0);
    MomentsOptions.requireBlock(side);
    return new TileSplit(part, chosen, side, TileSplit.Part.HELD_OUT);
  }

  private static long wholeNumber(@Nullable String text, long otherwise) {
    try {
      return text == null ? otherwise : Long.parseLong(text);
    } catch (NumberFormatException e) {
      return otherwise; // of moments that differ
    }
  }

  private static double number(@Nullable String text) {
    try {
      return text == null ? Double.NaN : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN; // of moments that differ
    }
  }

  private int run(EvaluationPass pass, String html, Runner chosen) throws IOException {
    ObjectNode found = pass.run(html, chosen);
    boolean passed = gate(found);
    List<TilePicture> pictures = pass.pictures();
    ByteStore folder = Stores.ANY.open(ByteStores.parent(html));
    folder.put(ByteStores.name(jsonUri(html)), JsonText.bytes(found));
    folder.put(
        ByteStores.name(html),
        EvaluationReport.html(found, pictures).getBytes(StandardCharsets.UTF_8));
    PrintWriter out = command.commandLine().getOut();
    if (json) {
      out.println(JsonText.text(found));
    } else {
      EvaluationText.print(found, out);
      out.println("Report    " + html);
    }
    return passed ? 0 : Main.BELOW_A_GATE;
  }

  private boolean gate(ObjectNode found) {
    boolean passed =
        reaches(
                found,
                "explainedVariance",
                found.at("/layer/explainedVariance").asDouble(),
                minVariance)
            & reaches(
                found, "accuracy", found.at("/probe/reduced/accuracy").asDouble(), minAccuracy);
    found.put("passed", passed);
    return passed;
  }

  private boolean reaches(ObjectNode found, String name, double value, @Nullable Double least) {
    if (least == null) {
      return true;
    }
    found.withObject("/gates").put(name, least);
    if (!(value >= least)) {
      command
          .commandLine()
          .getErr()
          .printf(
              Locale.ROOT,
              "Below the gate: %s is %.6f, less than %s; fit again%n",
              name,
              value,
              least);
      return false;
    }
    return true;
  }
}
