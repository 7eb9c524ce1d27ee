package org.pointwise;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.format.Companions;
import org.pointwise.format.Formats;
import org.pointwise.job.MomentsRun;
import org.pointwise.job.OutputGuard;
import org.pointwise.job.TrainingDigest;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.LearnedLayer;
import org.pointwise.learn.Procrustes;
import org.pointwise.learn.Projections;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.Resources;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.weights.MomentsFile;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsRef;
import org.pointwise.weights.WeightsWriter;
import org.pointwise.work.Runner;
import org.pointwise.work.manifest.PlanRecord;

/** A planned fit. Confined to one thread. */
public final class FitJob extends Job<FitReport> {
  private final FitSpec spec;
  private final String weights;
  private final @Nullable MomentsPlan plan; // of the pass over the input
  private final @Nullable MergedMoments merged; // instead of a pass

  private FitJob(
      FitSpec spec, @Nullable MomentsPlan plan, @Nullable MergedMoments merged, Setting setting) {
    super(setting);
    this.spec = spec;
    this.weights = ByteStores.absolute(spec.weights());
    this.plan = plan;
    this.merged = merged;
  }

  static FitJob plan(FitSpec spec, Setting setting) throws IOException {
    ByteStores stores = setting.stores();
    String weights = ByteStores.absolute(spec.weights());
    WeightsRef.FileFormat.of(weights);
    requireWritable(spec, weights, stores);
    InputSpec input = spec.input();
    return input == null
        ? new FitJob(spec, null, MergedMoments.read(spec.moments(), stores), setting)
        : new FitJob(spec, FitTraining.plan(spec, input, weights, stores), null, setting);
  }

  private static void requireWritable(FitSpec spec, String weights, ByteStores stores)
      throws IOException {
    LabelsSpec labels = spec.pixels().labels();
    WeightsRef align = spec.align();
    OutputGuard guard =
        new OutputGuard(stores)
            .reads(labels == null ? null : labels.uri())
            .reads(align == null ? null : align.uri())
            .readsAll(spec.moments())
            .writes(WeightsWriter.files(weights));
    InputSpec input = spec.input();
    if (input != null) {
      guard.reads(input.uri()).readsAll(input.files());
    }
    String saved = savedMoments(spec, weights);
    if (saved != null) {
      guard.writes(saved, "give --save-moments another name");
    }
    guard.requireDisjoint().requireFree(spec.overwrite());
  }

  /** Returns the default URI of the moments of a layer. */
  static String momentsBeside(String weights) {
    return weights.substring(0, weights.lastIndexOf('.')) + ".moments.safetensors";
  }

  /**
   * Returns the URI at which moments are stored; null if that would only copy the single given
   * file.
   */
  private static @Nullable String savedMoments(FitSpec spec, String weights) {
    String chosen = spec.savedMoments();
    if (chosen != null) {
      return ByteStores.absolute(chosen);
    }
    return spec.moments().size() == 1 ? null : momentsBeside(weights);
  }

  /**
   * Returns the plan of the pass over the input; null if the layer is learned from moments files.
   */
  public @Nullable MomentsPlan plan() {
    return plan;
  }

  @Override
  public Resources requireFits() {
    Resources resources = execution().resources();
    requireFits(resources);
    return resources;
  }

  private void requireFits(Resources resources) {
    if (plan != null) {
      plan.requireFits(resources);
      FitTraining.requireFits(spec, plan, resources);
    }
  }

  /**
   * The expected result of a fit from moments files, for {@code --dry-run}.
   *
   * @param files number of merged files
   * @param moments the merged moments
   * @param layer the layer that would be written
   * @param savedMoments the URI at which the moments would be stored; null if they would not be
   *     stored
   */
  public record Preview(
      int files, FeatureMoments moments, PointwiseLayer layer, @Nullable String savedMoments) {}

  /**
   * Computes the layer from the given moments files. Writes nothing.
   *
   * @throws IllegalStateException if the layer is learned from an input
   */
  public Preview preview() throws IOException {
    if (merged == null) {
      throw new IllegalStateException("a pass over an input comes first");
    }
    LearnedLayer learned = learn(merged.moments());
    return new Preview(
        merged.files(), merged.moments(), learned.layer(), savedMoments(spec, weights));
  }

  @Override
  public String json() throws IOException {
    if (plan != null) {
      requireFits();
      return JsonText.text(PlanRecord.of(plan).json());
    }
    FeatureMoments moments = Objects.requireNonNull(merged).moments();
    ObjectNode described =
        JsonText.object().put("output", weights).put("pixelsUsed", moments.count());
    FitDescription.put(described, learn(moments), null, Companions.none());
    return JsonText.text(described);
  }

  @Override
  FitReport execute(Listener listener, long started) throws IOException {
    return plan != null
        ? fit(plan, execution().runner(), listener, started)
        : refit(Objects.requireNonNull(merged), started);
  }

  private FitReport fit(MomentsPlan pixels, Runner runner, Listener listener, long started)
      throws IOException {
    requireFits(runner.resources());
    try (MomentsRun run = new MomentsRun(stores(), pixels, Pointwise.version())) {
      MomentsPass pass = new MomentsPass(pixels, run, started);
      MomentsRun.Outcome outcome = pass.run(runner, listener);
      FeatureMoments moments = outcome.moments();
      LearnedLayer learned =
          spec.method().trained()
              ? new FitTraining(spec, pixels, new TrainingPass(runner, listener)).train(moments)
              : learn(moments);
      Map<String, String> provenance = MomentsProvenance.of(pixels);
      TrainingDigest digest = TrainingDigest.of(MomentsProvenance.tiles(pixels), 0, stores());
      if (digest != null) {
        provenance.put(MomentsProvenance.SOURCE, digest.toString());
      }
      run.requireHeld();
      int kept = storeMoments(moments, provenance);
      Companions input =
          learned.layer().selection() == null
              ? Companions.none()
              : Formats.reopen(stores(), pixels.input()).companions(List.of());
      List<String> written = write(learned, moments, provenance, input);
      ObjectNode report = pass.report(outcome, kept);
      FitDescription.put(report, learned, pixels.input(), input);
      FitDescription.putFiles(report, moments, written, savedMoments(spec, weights));
      run.finish(report);
      return new FitReport(report, learned, spec.gates());
    }
  }

  /** Learns the layer from moments files. The result does not depend on their order. */
  private FitReport refit(MergedMoments from, long started) throws IOException {
    FeatureMoments moments = from.moments();
    LearnedLayer learned = learn(moments);
    storeMoments(moments, from.metadata());
    List<String> written = write(learned, moments, from.metadata(), Companions.none());
    ObjectNode report =
        JsonText.object()
            .put("status", "complete")
            .put("output", weights)
            .put("pixels", moments.count())
            .put("pixelsUsed", moments.count())
            .put("seconds", (System.nanoTime() - started) / 1e9);
    FitDescription.put(report, learned, null, Companions.none());
    FitDescription.putFiles(report, moments, written, savedMoments(spec, weights));
    return new FitReport(report, learned, spec.gates());
  }

  private LearnedLayer learn(FeatureMoments moments) throws IOException {
    Projections own = new Projections(moments);
    Projections projections = spec.standardise() ? own.standardised() : own;
    Projections.Target target = new Projections.Target(spec.channels(), spec.variance());
    LearnedLayer learned =
        switch (spec.method()) {
          case PCA -> projections.pca(target);
          case WHITEN -> projections.whiten(target, spec.epsilon());
          case LDA -> projections.lda(spec.channels());
          case SELECT -> projections.select(spec.count());
          case RANDOM -> projections.random(spec.count(), spec.pixels().seed());
          case SCORE, BOTTLENECK -> throw new IllegalStateException("trained on pixels");
        };
    WeightsRef align = spec.align();
    return align == null
        ? learned
        : Procrustes.align(learned, Weights.read(stores(), align, 0).layer(), moments.overall());
  }

  /**
   * Stores the moments if the spec requires it, and returns the length of the file in bytes, else
   * 0.
   */
  private int storeMoments(FeatureMoments moments, Map<String, String> provenance)
      throws IOException {
    String uri = savedMoments(spec, weights);
    if (uri == null) {
      return 0;
    }
    byte[] bytes = MomentsProvenance.file(moments, provenance);
    stores().open(ByteStores.parent(uri)).put(ByteStores.name(uri), bytes);
    return bytes.length;
  }

  private List<String> write(
      LearnedLayer learned,
      FeatureMoments moments,
      Map<String, String> provenance,
      Companions input)
      throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>(learned.metadata());
    metadata.put(MomentsProvenance.DATA, MomentsFile.sha256(moments));
    metadata.putAll(provenance);
    // unless the provenance has the seed of the sample or of the hold-out split
    metadata.putIfAbsent(MomentsProvenance.SEED, String.valueOf(spec.pixels().seed()));
    metadata.put("sha256", learned.layer().sha256());
    String selected = SelectedBands.of(learned.layer(), input);
    if (selected != null) {
      metadata.put(SelectedBands.NAME, selected);
    }
    Map<String, PointwiseLayer> companions = new LinkedHashMap<>();
    companions.put(Weights.DECODER, learned.decoder());
    PointwiseLayer head = learned.head();
    if (head != null) {
      companions.put(Weights.HEAD, head);
    }
    return WeightsWriter.write(stores(), weights, learned.layer(), companions, metadata);
  }
}
