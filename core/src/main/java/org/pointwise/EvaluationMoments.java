package org.pointwise;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.job.MomentsRun;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.plan.HoldoutSplit.Part;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.PixelSelection;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.PixelSample;
import org.pointwise.weights.MomentsFile;
import org.pointwise.weights.WeightsRef;
import org.pointwise.work.RunFolder;
import org.pointwise.work.Runner;

/**
 * The moments of the measured pixels and of those that the layers were fitted on, from files or
 * passes. Pixels that several layers need are read once. Confined to one thread.
 */
final class EvaluationMoments implements AutoCloseable {
  /** Follows the name of the report in the destinations of passes over fitted pixels. */
  private static final String FITTED = ".fitted";

  private final EvaluateSpec spec;
  private final EvaluatedTiles tiles;
  private final String page;
  private final ByteStores stores;
  private final Runner runner;
  private final Listener listener;
  private final List<MomentsRun> passes = new ArrayList<>(); // hold their locks until close()
  private final Map<String, FeatureMoments> momentsByKey = new HashMap<>(); // by LearningTiles.key

  /**
   * @param page URI of the report; the passes store their intermediate results beside it
   */
  EvaluationMoments(
      EvaluateSpec spec,
      EvaluatedTiles tiles,
      String page,
      ByteStores stores,
      Runner runner,
      Listener listener) {
    this.spec = spec;
    this.tiles = tiles;
    this.page = page;
    this.stores = stores;
    this.runner = runner;
    this.listener = listener;
  }

  /** Returns the classes of the measured pixels; null without labels. */
  @Nullable ArrayInfo labels() {
    return LabelsSpec.open(spec.labels(), stores, tiles.info());
  }

  /** Returns the moments of the measured pixels. */
  FeatureMoments measured() {
    LearningTiles measured = new LearningTiles(tiles.info(), tiles.split(), true);
    return moments(page, measured, "Cannot evaluate: --test-size");
  }

  /**
   * Returns the moments of the pixels that a layer was fitted on: from the given file, from the
   * file beside the weights, or from a pass.
   *
   * @param warnings receives a warning if the file has other moments than the layer records
   */
  FeatureMoments fitted(EvaluatedLayer row, LearningTiles learning, List<String> warnings)
      throws IOException {
    String given = spec.moments();
    WeightsRef ref = row.ref();
    String beside = ref == null ? null : FitJob.momentsBeside(ref.uri());
    String uri =
        given != null
            ? ByteStores.absolute(given)
            : beside != null && EvaluatedLayers.exists(beside, stores) ? beside : null;
    if (uri == null) {
      String destination = page + FITTED + (passes.size() > 1 ? passes.size() : "");
      return moments(
          destination, learning, "Cannot compare with the other hold-out blocks: --test-size");
    }
    FeatureMoments fitted = MomentsFile.read(stores, uri).moments();
    int channels = row.layer().inChannels();
    if (fitted.channels() != channels) {
      throw new InvalidInputException(
          "Cannot compare with moments %s: they are of %s but the layer reads %d; give those it was fitted on"
              .formatted(uri, Count.of(fitted.channels(), "channel"), channels));
    }
    String data = row.recorded().get(MomentsProvenance.DATA);
    if (data != null && !data.equals(MomentsFile.sha256(fitted))) {
      warnings.add(row.name() + ": its file records other moments than those of " + uri);
    }
    return fitted;
  }

  private FeatureMoments moments(String destination, LearningTiles pixels, String errorPrefix) {
    FeatureMoments cached = momentsByKey.get(pixels.key());
    if (cached != null) {
      return cached;
    }
    LabelsSpec given = spec.labels();
    HoldoutSplit split = pixels.split().part() == Part.ALL ? HoldoutSplit.ALL : pixels.split();
    PixelSelection selection =
        new PixelSelection(
            destination,
            LabelsSpec.open(given, stores, pixels.info()),
            given == null ? 0 : given.classes(),
            given == null ? null : given.ignored(),
            PixelSample.ALL,
            split);
    MomentsPlan pass = MomentsPlan.of(selection, pixels.info());
    MomentsRun run = new MomentsRun(stores, pass, Pointwise.version());
    passes.add(run);
    FeatureMoments merged =
        new MomentsPass(pass, run, System.nanoTime()).run(runner, listener).moments();
    if (merged.count() == 0) {
      String counts =
          "(%s nodata, %d not finite)"
              .formatted(Count.of(merged.masked(), "pixel"), merged.nonFinitePixels());
      throw new InvalidInputException(
          pixels.split().part() == Part.ALL
              ? "Cannot evaluate: no pixel of %s can be measured %s; choose another part"
                  .formatted(pixels.info().uri(), counts)
              : "%s %s takes none of the input's hold-out blocks %s; choose another part or --seed, or smaller blocks by --hold-out-block"
                  .formatted(errorPrefix, tiles.split().fraction(), counts));
    }
    momentsByKey.put(pixels.key(), merged);
    return merged;
  }

  /** Deletes the intermediate results of the passes, and those of interrupted evaluations. */
  void finish() throws IOException {
    if (!passes.isEmpty()
        && passes.get(0).isExclusive()) { // no other evaluation writes this report
      deleteLeftOver();
    }
    for (MomentsRun pass : passes) {
      pass.discard();
    }
  }

  /** Deletes run folders beside the report that no pass of this evaluation uses. */
  private void deleteLeftOver() throws IOException {
    String folder = ByteStores.parent(page);
    String prefix = ByteStores.name(page) + FITTED;
    Set<String> used = passes.stream().map(MomentsRun::folder).collect(Collectors.toSet());
    for (String name : stores.open(folder).list("")) {
      String uri = ByteStore.join(folder, name);
      if (name.startsWith(prefix)
          && name.substring(prefix.length()).matches("[0-9]*" + Pattern.quote(RunFolder.uri("")))
          && !used.contains(stores.open(uri).uri())) {
        stores.open(uri).delete("");
      }
    }
  }

  /** Releases the locks of the passes. */
  @Override
  public void close() {
    passes.forEach(MomentsRun::close);
  }
}
