package org.pointwise;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.KernelProvider;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.job.Evaluator;
import org.pointwise.job.OutputGuard;
import org.pointwise.plan.HoldoutBlocks;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.plan.Resources;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsRef;
import org.pointwise.weights.WeightsRef.FileFormat;
import org.pointwise.weights.WeightsRef.KernelLayout;
import org.pointwise.work.Runner;

/** A planned evaluation. Confined to one thread. */
public final class EvaluateJob extends Job<EvaluateReport> {
  private static final double DEFAULT_HELD_OUT = 0.2;
  private static final String ANOTHER_REPORT = "give --report another name";

  private final EvaluateSpec spec;
  private final EvaluatedLayer layer;
  private final String page;
  private final List<String> warnings;

  private EvaluateJob(
      EvaluateSpec spec,
      EvaluatedLayer layer,
      String page,
      List<String> warnings,
      Setting setting) {
    super(setting);
    this.spec = spec;
    this.layer = layer;
    this.page = page;
    this.warnings = warnings;
  }

  static EvaluateJob plan(EvaluateSpec spec, Setting setting) throws IOException {
    ByteStores stores = setting.stores();
    WeightsRef ref = reference(spec.weights(), stores);
    String page = page(spec, ref);
    LabelsSpec labels = spec.labels();
    new OutputGuard(stores)
        .reads(spec.input().uri())
        .readsAll(spec.input().files())
        .reads(ref.uri())
        .reads(ref.bias())
        .reads(spec.moments())
        .reads(labels == null ? null : labels.uri())
        .writes(page, ANOTHER_REPORT)
        .writes(numbers(page), ANOTHER_REPORT)
        .requireApart()
        .requireFree(spec.overwrite());
    FeatureSource source = spec.input().open(stores);
    Map<String, String> recorded = Weights.metadata(stores, ref);
    List<String> warnings = new ArrayList<>();
    String scaling = MomentsProvenance.otherScaling(ref, source, stores);
    if (scaling != null) {
      warnings.add(scaling);
    }
    EvaluatedLayer layer =
        new EvaluatedLayer(
            ref,
            Weights.read(stores, ref, source.info().shape().c()).layer(),
            recorded,
            source,
            split(spec, recorded));
    return new EvaluateJob(spec, layer, page, List.copyOf(warnings), setting);
  }

  /**
   * Returns the reference with its kernel layout. For .npy weights beside which fit wrote a
   * decoder, the layout is {@link KernelLayout#OI}.
   */
  private static WeightsRef reference(WeightsRef given, ByteStores stores) throws IOException {
    if (given.format() != FileFormat.NPY) {
      return given;
    }
    KernelLayout layout = given.kernelLayout();
    if (layout == null) {
      String decoder = given.uri().substring(0, given.uri().lastIndexOf('.')) + ".decoder.npy";
      layout = exists(decoder, stores) ? KernelLayout.OI : null;
    }
    return new WeightsRef(given.uri(), given.name(), given.bias(), given.activation(), layout);
  }

  static boolean exists(String uri, ByteStores stores) throws IOException {
    return stores.open(ByteStores.parent(uri)).size(ByteStores.name(uri)) >= 0;
  }

  private static String page(EvaluateSpec spec, WeightsRef ref) {
    String report = spec.report();
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

  /** Returns {@code FILE.json} for {@code FILE.html}. */
  private static String numbers(String page) {
    return page.substring(0, page.lastIndexOf('.')) + ".json";
  }

  /**
   * Returns the split of the hold-out blocks: as the spec sets it, else as recorded in the layer's
   * file, else the default.
   */
  private static HoldoutSplit split(EvaluateSpec spec, Map<String, String> recorded) {
    double known = number(recorded.get(MomentsProvenance.HELD_OUT));
    Double given = spec.holdOut();
    double part = given != null ? given : known > 0 ? known : DEFAULT_HELD_OUT;
    if (!(part > 0 && part <= 1)) {
      throw new InvalidInputException(
          "Cannot hold out %s of the tiles, as recorded in the weights: give --test-size"
              .formatted(part));
    }
    Long seed = spec.seed();
    Integer block = spec.holdOutBlock();
    long chosen = seed != null ? seed : wholeNumber(recorded.get(MomentsProvenance.SEED), 1);
    int side =
        block != null
            ? block
            : (int) wholeNumber(recorded.get(MomentsProvenance.HELD_OUT_BLOCK), 0);
    if (side < 0) {
      throw new InvalidInputException(
          "Cannot hold out blocks of %d pixels, as recorded in the weights: give --hold-out-block"
              .formatted(side));
    }
    return new HoldoutSplit(part, chosen, side, HoldoutSplit.Part.TEST);
  }

  private static long wholeNumber(@Nullable String text, long otherwise) {
    try {
      return text == null ? otherwise : Long.parseLong(text);
    } catch (NumberFormatException e) {
      return otherwise; // merged from moments that differ
    }
  }

  private static double number(@Nullable String text) {
    try {
      return text == null ? Double.NaN : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN; // merged from moments that differ
    }
  }

  /** Returns the input. */
  public FeatureSource source() {
    return layer.source();
  }

  /** Returns the file, the name and the description of the evaluated layer, for display. */
  public String weights() {
    return layer.ref() + ": " + layer.layer();
  }

  /** Returns the hold-out blocks of the input: those that are held out and all others. */
  public HoldoutBlocks blocks() {
    return layer.blocks();
  }

  /** Returns the URI of the HTML page, {@code FILE.html}. */
  public String page() {
    return page;
  }

  @Override
  public List<String> warnings() {
    return warnings;
  }

  @Override
  public Resources requireFits() {
    Resources resources = execution().resources();
    EvaluationCandidates.requireFits(layer, resources);
    return resources;
  }

  @Override
  public String json() {
    return JsonText.text(
        JsonText.object()
            .put("input", layer.source().info().uri())
            .put("weights", layer.ref().toString())
            .put("layer", layer.layer().toString())
            .put("holdoutBlocks", layer.blocks().count())
            .put("heldOutBlocks", layer.blocks().heldOut())
            .put("seed", layer.heldOut().seed())
            .put("report", page));
  }

  @Override
  EvaluateReport execute(Listener listener, long planned) throws IOException {
    Runner runner = execution().runner();
    try (Evaluation evaluation = new Evaluation(spec, layer, page, stores(), runner, listener)) {
      ObjectNode found = evaluation.run();
      EvaluateReport report = report(found);
      ReportPage drawer = spec.page();
      write(found, drawer == null ? null : draw(drawer, report, evaluation));
      evaluation.finish();
      return report;
    }
  }

  /** Adds the gates and their result to the figures and returns the report. */
  private EvaluateReport report(ObjectNode found) {
    List<String> below =
        spec.gates()
            .below(
                found.at("/layer/explainedVariance").asDouble(Double.NaN),
                found.at("/probe/reduced/accuracy").asDouble(Double.NaN));
    if (spec.gates().any()) {
      ObjectNode gates = found.putObject("gates");
      putIfGiven(gates, QualityGates.VARIANCE, spec.gates().variance());
      putIfGiven(gates, QualityGates.ACCURACY, spec.gates().accuracy());
    }
    found.put("passed", below.isEmpty());
    return new EvaluateReport(found, numbers(page), spec.page() == null ? null : page, below);
  }

  private byte[] draw(ReportPage drawer, EvaluateReport report, Evaluation evaluation)
      throws IOException {
    try (Evaluator evaluator =
        new Evaluator(evaluation.plan(), stores(), KernelProvider.forThisJvm())) {
      return drawer.draw(report, BlockView.of(evaluation.plan(), evaluator, evaluation.measured()));
    }
  }

  private void write(ObjectNode found, byte @Nullable [] drawn) throws IOException {
    ByteStore folder = stores().open(ByteStores.parent(page));
    folder.put(ByteStores.name(numbers(page)), JsonText.bytes(found));
    if (drawn != null) {
      folder.put(ByteStores.name(page), drawn);
    } else {
      folder.delete(ByteStores.name(page)); // drawn from the figures of a previous run
    }
  }

  private static void putIfGiven(ObjectNode to, String name, @Nullable Double gate) {
    if (gate != null) {
      to.put(name, gate);
    }
  }
}
