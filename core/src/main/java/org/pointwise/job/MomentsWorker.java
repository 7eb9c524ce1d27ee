package org.pointwise.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.KernelProvider;
import org.pointwise.conv.MomentsKernel;
import org.pointwise.format.FeatureSink.StoredObject;
import org.pointwise.format.FeatureSource;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.MomentsTree;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.PixelSelection;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Tile;
import org.pointwise.weights.MomentsFile;
import org.pointwise.work.InputVersion;
import org.pointwise.work.PreparedUnit;
import org.pointwise.work.Receipt;
import org.pointwise.work.RunFolder;
import org.pointwise.work.UnitCounts;
import org.pointwise.work.UnitResult;
import org.pointwise.work.UnitWorker;

/** Computes the moments of a unit's tiles and stores them in the run folder. */
final class MomentsWorker implements UnitWorker {
  private final MomentsPlan plan;
  private final PixelSelection spec;
  private final ByteStore folder;
  private final String parts;
  private final SelectedTiles tiles;
  private final MeteredReader reader;
  private final MomentsKernel kernel;
  private MomentsTree tree = new MomentsTree();
  private long pixels;
  private long masked;
  private long nonFinite;
  private long storeNanos;

  MomentsWorker(MomentsPlan plan, ByteStores stores, KernelProvider provider) {
    this.plan = plan;
    this.spec = plan.spec();
    this.folder = RunFolder.of(plan.destination(), stores).store();
    this.parts = MomentsParts.of(plan);
    this.kernel =
        new MomentsKernel(
            provider,
            plan.input().shape().c(),
            plan.input().quantisation(),
            spec.sample(),
            spec.classes() + 1);
    this.tiles = SelectedTiles.of(plan.input(), plan.units(), spec, stores);
    this.reader = tiles.reader();
  }

  @Override
  public PreparedUnit unit(long ordinal, Runnable any) {
    return (parameters, cancellationCheck) -> UnitResult.stored(run(ordinal, cancellationCheck));
  }

  private Receipt run(long ordinal, Runnable cancellationCheck) {
    long start = System.nanoTime();
    pixels = 0;
    masked = 0;
    nonFinite = 0;
    reader.begin();
    storeNanos = 0;
    try {
      List<Box> boxes = tiles.tiles(ordinal);
      InputVersion inputs = InputVersion.of(tiles.source(), List.of(boxes));
      String digest = digest(inputs, boxes);
      String key = MomentsParts.key(parts, 0, ordinal);
      long stored = folder.size(key);
      if (stored >= 0 && digest.equals(MomentsParts.inputs(folder, key))) {
        pixels =
            boxes.stream()
                .flatMap(tileBox -> tiles.selected(tileBox).stream())
                .mapToLong(Box::pixels)
                .sum();
        return receipt(ordinal, Receipt.Status.ALREADY_THERE, stored, inputs, start);
      }
      tiles.renew(inputs);
      tree = new MomentsTree();
      tiles.each(ordinal, cancellationCheck, this::add);
      long startedNanos = System.nanoTime();
      byte[] bytes = MomentsFile.encode(tree.nodes(), Map.of(MomentsParts.INPUTS, digest));
      folder.put(key, bytes);
      storeNanos = System.nanoTime() - startedNanos;
      return receipt(ordinal, Receipt.Status.WRITTEN, bytes.length, inputs, start);
    } catch (IOException | UncheckedIOException e) {
      throw UnitWorker.unfinished(ordinal, plan, e);
    }
  }

  @Override
  public void close() {
    tiles.close();
  }

  private void add(long ordinal, Box box, List<Box> selected, @Nullable Tile tile)
      throws IOException {
    for (long n = box.n0(); n < box.n1(); n++) {
      FeatureMoments moments = moments(tile, image(selected, n));
      masked += moments.masked();
      nonFinite += moments.nonFinitePixels();
      tree.add(plan.units().tiles().part(ordinal, n), moments);
    }
  }

  /** Returns digests of the names, lengths and times of change of the objects that a unit reads. */
  private String digest(InputVersion inputs, List<Box> boxes) throws IOException {
    String features = "%016x".formatted(inputs.digest());
    FeatureSource labels = tiles.labelSource();
    return labels == null
        ? features
        : "%s %016x".formatted(features, InputVersion.of(labels, List.of(boxes)).digest());
  }

  private Receipt receipt(
      long ordinal, Receipt.Status status, long bytes, InputVersion inputs, long start) {
    return new Receipt(
        ordinal,
        status,
        pixels,
        new UnitCounts(masked, 0, nonFinite, 0, reader.missingChunks()),
        reader.chunks(),
        reader.bytes(),
        reader.storedBytes(),
        bytes,
        System.nanoTime() - start,
        reader.nanos(),
        storeNanos,
        List.of(new StoredObject(MomentsParts.key(parts, 0, ordinal), bytes, null)),
        inputs.digest(),
        inputs.lengths(),
        List.of(),
        false);
  }

  private static List<Box> image(List<Box> selected, long n) {
    return selected.stream().filter(part -> part.n0() == n).toList();
  }

  /**
   * Returns the moments of parts of one image; without parts, empty moments. Empty moments are
   * added to the tree too, because a tree without gaps has few nodes.
   */
  private FeatureMoments moments(@Nullable Tile tile, List<Box> image) throws IOException {
    FeatureMoments moments = new FeatureMoments(plan.input().shape().c());
    if (tile == null || image.isEmpty()) {
      return moments;
    }
    kernel.begin();
    for (Box part : image) {
      kernel.add(tile.crop(part), tiles.labels(part));
      pixels += part.pixels();
    }
    moments.add(kernel, spec.classes());
    return moments;
  }
}
