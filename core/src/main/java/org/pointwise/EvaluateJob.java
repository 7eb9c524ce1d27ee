package org.pointwise;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.KernelProvider;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.job.Evaluator;
import org.pointwise.job.OutputGuard;
import org.pointwise.job.StoredOutput;
import org.pointwise.plan.HoldoutBlocks;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.plan.Resources;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.weights.WeightsRef;
import org.pointwise.work.Runner;

/** A planned evaluation. Confined to one thread. */
public final class EvaluateJob extends Job<EvaluateReport> {
  private static final String RENAME_REPORT = "give --report another name";

  private final EvaluateSpec spec;
  private final EvaluatedTiles tiles;
  private final List<EvaluatedLayer> rows;
  private final String page;
  private final List<String> warnings;

  private EvaluateJob(
      EvaluateSpec spec,
      EvaluatedTiles tiles,
      List<EvaluatedLayer> rows,
      String page,
      List<String> warnings,
      Setting setting) {
    super(setting);
    this.spec = spec;
    this.tiles = tiles;
    this.rows = rows;
    this.page = page;
    this.warnings = warnings;
  }

  static EvaluateJob plan(EvaluateSpec spec, Setting setting) throws IOException {
    ByteStores stores = setting.stores();
    StoredOutput output =
        spec.output() == null ? null : StoredOutput.read(spec.output(), spec.input().uri(), stores);
    String page = page(spec, output);
    requireWritable(spec, output, page, stores);
    InputSpec given = spec.input();
    FeatureSource source = given.open(stores, output == null ? List.of() : output.inputFiles());
    String mask = given.mask();
    if (output != null && mask == null) {
      mask = output.mask();
      if (given.subset().equals(SubsetSpec.ALL)) {
        source = output.part(source);
      } else if (mask != null) {
        source = Formats.masked(stores, source, mask);
      }
    }
    List<EvaluatedLayer> rows = EvaluatedLayers.read(spec, source.info(), mask, output, stores);
    HoldoutSplit split = EvaluationSplit.of(spec, source.info(), rows);
    List<String> warnings = new ArrayList<>();
    for (EvaluatedLayer row : rows) {
      String scaling = MomentsProvenance.otherScaling(row.where(), row.recorded(), source);
      if (scaling != null) {
        warnings.add(scaling);
      }
    }
    if (output != null && output.isOfAnother(source.info())) {
      warnings.add(
          "%s is not recorded as the input of %s: whether it has the same numbers is not checked"
              .formatted(source.info().uri(), output.uri()));
    }
    return new EvaluateJob(
        spec,
        new EvaluatedTiles(
            source,
            split,
            EvaluationSplit.testSizeFrom(spec, rows),
            output == null ? null : output.images()),
        rows,
        page,
        List.copyOf(warnings),
        setting);
  }

  private static void requireWritable(
      EvaluateSpec spec, @Nullable StoredOutput output, String page, ByteStores stores)
      throws IOException {
    LabelsSpec labels = spec.labels();
    OutputGuard guard =
        new OutputGuard(stores)
            .reads(spec.input().uri())
            .readsAll(spec.input().files())
            .reads(output == null ? null : output.uri())
            .reads(spec.moments())
            .reads(labels == null ? null : labels.uri());
    for (EvaluateSpec.Layer layer : spec.layers()) {
      guard.reads(layer.weights().uri()).reads(layer.weights().bias());
    }
    guard
        .writes(page, RENAME_REPORT)
        .writes(jsonUri(page), RENAME_REPORT)
        .requireDisjoint()
        .requireFree(spec.overwrite());
  }

  /** Returns the report, by default a file beside the first weights, else beside the output. */
  private static String page(EvaluateSpec spec, @Nullable StoredOutput output) {
    String report = spec.report();
    String uri =
        report != null ? ByteStores.absolute(report) : defaultReport(spec, output) + ".report.html";
    if (!uri.endsWith(".html")) {
      throw new InvalidInputException(
          "Cannot write the report %s: its name does not end in .html; rename it".formatted(uri));
    }
    return uri;
  }

  private static String defaultReport(EvaluateSpec spec, @Nullable StoredOutput output) {
    if (spec.layers().isEmpty() && output != null) {
      return output.name();
    }
    WeightsRef first = spec.layers().get(0).weights();
    first.format(); // refuses a file that cannot hold weights
    return first.uri().substring(0, first.uri().lastIndexOf('.'));
  }

  /** Returns {@code FILE.json} for {@code FILE.html}. */
  private static String jsonUri(String page) {
    return page.substring(0, page.lastIndexOf('.')) + ".json";
  }

  /** Returns the input. */
  public FeatureSource source() {
    return tiles.source();
  }

  /**
   * Returns the rows of the table, one line each: name, file or stored array, and description of
   * the layer.
   */
  public List<String> layers() {
    return rows.stream()
        .map(row -> "%s: %s, %s".formatted(row.name(), row.where(), row.layer()))
        .toList();
  }

  /** Returns the hold-out blocks of the input: those that are held out and all others. */
  public HoldoutBlocks blocks() {
    return tiles.blocks();
  }

  /** Returns the number of hold-out blocks that are measured. */
  public long measuredBlocks() {
    return tiles.measured();
  }

  /** Returns which hold-out blocks are measured. */
  public HoldoutSplit.Part split() {
    return tiles.split().part();
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
    EvaluationCandidates.requireFits(tiles, rows, resources);
    return resources;
  }

  @Override
  public String json() {
    ObjectNode json =
        JsonText.object()
            .put("input", tiles.info().uri())
            .put("weights", rows.get(0).where())
            .put("layer", rows.get(0).layer().toString());
    ArrayNode layers = json.putArray("layers");
    for (EvaluatedLayer row : rows) {
      String unknownReason = row.training().unknownReason();
      ObjectNode layer = layers.addObject().put("name", row.name()).put("weights", row.where());
      layer.put("layer", row.layer().toString());
      if (!unknownReason.isEmpty()) {
        layer.put("notKnown", unknownReason);
      }
    }
    tiles.describe(json);
    return JsonText.text(json.put("report", page));
  }

  @Override
  EvaluateReport execute(Listener listener, long planned) throws IOException {
    Runner runner = execution().runner();
    try (Evaluation evaluation =
        new Evaluation(spec, tiles, rows, page, stores(), runner, listener)) {
      ObjectNode figures = evaluation.run();
      EvaluateReport report = report(figures);
      ReportPage drawer = spec.page();
      write(figures, drawer == null ? null : draw(drawer, report, evaluation));
      evaluation.finish();
      return report;
    }
  }

  /** Adds the gates and their result to the figures and returns the report. */
  private EvaluateReport report(ObjectNode figures) {
    List<String> below = new ArrayList<>();
    for (JsonNode row : figures.path("layers")) {
      String name = rows.size() > 1 ? row.path("name").asText() + ": " : "";
      spec.gates()
          .figuresBelow(
              row.path("explainedVariance").asDouble(Double.NaN),
              row.at("/probe/reduced/accuracy").asDouble(Double.NaN))
          .forEach(line -> below.add(name + line));
    }
    if (spec.gates().isSet()) {
      ObjectNode gates = figures.putObject("gates");
      putIfGiven(gates, QualityGates.VARIANCE, spec.gates().variance());
      putIfGiven(gates, QualityGates.ACCURACY, spec.gates().accuracy());
      below.forEach(gates.putArray("below")::add);
    }
    figures.put("passed", below.isEmpty());
    String drawn = spec.page() == null ? null : page;
    return new EvaluateReport(figures, jsonUri(page), drawn, List.copyOf(below));
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
    folder.put(ByteStores.name(jsonUri(page)), JsonText.bytes(found));
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
