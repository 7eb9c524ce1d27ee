package org.pointwise.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.KernelChoice;
import org.pointwise.conv.MomentsKernel;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSink.StoredObject;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.MomentsTree;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.MomentsSpec;
import org.pointwise.plan.SplitTiles;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Tile;
import org.pointwise.weights.MomentsFile;

/** Takes the moments of the cells of a unit and stores them in the run folder. */
final class MomentsWorker implements UnitWorker {
  private final MomentsPlan plan;
  private final MomentsSpec spec;
  private final SplitTiles tiles;
  private final ByteStore folder;
  private final String parts;
  private final FeatureSource source;
  private final CountedReader reader;
  private final SeenObjects seen = new SeenObjects();
  private final @Nullable FeatureSource labelSource;
  private final @Nullable PixelLabels labels;
  private final MomentsKernel kernel;
  private long pixels;
  private long storeNanos;

  MomentsWorker(MomentsPlan plan, ByteStores stores, KernelChoice choice) {
    this.plan = plan;
    this.spec = plan.spec();
    this.tiles = spec.tiles().of(plan.input());
    this.folder = RunFolder.of(plan.destination(), stores).store();
    this.parts = MomentsParts.of(plan);
    this.kernel =
        new MomentsKernel(
            choice,
            plan.input().shape().c(),
            plan.dequantisation(),
            spec.sample(),
            spec.classes() + 1);
    try {
      this.source = Formats.reopen(stores, plan.input(), plan.dequantisation());
      this.reader = new CountedReader(source.reader());
      ArrayInfo info = spec.labels();
      this.labelSource = info == null ? null : Formats.reopenLabels(stores, info);
      this.labels = labelSource == null ? null : new PixelLabels(labelSource, spec);
    } catch (IOException e) {
      throw Formats.unreadable(plan.input().uri(), e);
    }
  }

  @Override
  public Receipt run(long ordinal, Runnable wanted) {
    long start = System.nanoTime();
    pixels = 0;
    reader.begin();
    storeNanos = 0;
    try {
      List<Box> cells = cells(ordinal);
      InputObjects inputs = InputObjects.of(source, List.of(cells));
      String digest = digest(inputs, cells);
      String key = MomentsParts.key(parts, 0, ordinal);
      long stored = folder.size(key);
      if (stored >= 0 && digest.equals(MomentsParts.inputs(folder, key))) {
        pixels = cells.stream().flatMap(cell -> taken(cell).stream()).mapToLong(Box::pixels).sum();
        return receipt(ordinal, Receipt.Status.ALREADY_THERE, stored, 0, 0, inputs, start);
      }
      if (seen.changed(inputs)) {
        reader.use(source.reader());
      }
      MomentsTree tree = new MomentsTree();
      long masked = 0;
      long nonFinite = 0;
      for (long cell = plan.units().first(ordinal); cell < plan.units().end(ordinal); cell++) {
        wanted.run();
        Box box = plan.units().cells().box(cell);
        List<Box> taken = taken(box);
        Tile tile = taken.isEmpty() ? null : reader.read(box);
        for (long n = box.n0(); n < box.n1(); n++) {
          FeatureMoments found = moments(tile, image(taken, n));
          masked += found.masked();
          nonFinite += found.nonFinitePixels();
          tree.add(plan.units().cells().part(cell, n), found);
        }
      }
      long began = System.nanoTime();
      byte[] bytes = MomentsFile.encode(tree.nodes(), Map.of(MomentsParts.INPUTS, digest));
      folder.put(key, bytes);
      storeNanos = System.nanoTime() - began;
      return receipt(
          ordinal, Receipt.Status.WRITTEN, bytes.length, masked, nonFinite, inputs, start);
    } catch (IOException | UncheckedIOException e) {
      throw UnitWorker.unfinished(ordinal, plan, e);
    }
  }

  @Override
  public void close() {
    reader.close();
    if (labels != null) {
      labels.close();
    }
  }

  /** The tiles of a cell that take part. */
  private List<Box> taken(Box cell) {
    return tiles.in(cell).stream().filter(p -> p.n0() >= spec.firstImage()).toList();
  }

  /** The cells of a unit of which a part is taken. */
  private List<Box> cells(long ordinal) {
    return LongStream.range(plan.units().first(ordinal), plan.units().end(ordinal))
        .mapToObj(plan.units().cells()::box)
        .filter(cell -> !taken(cell).isEmpty())
        .toList();
  }

  /** Digests of the names, lengths and times of change of the objects that a unit reads. */
  private String digest(InputObjects inputs, List<Box> cells) throws IOException {
    String features = "%016x".formatted(inputs.digest());
    return labelSource == null
        ? features
        : "%s %016x".formatted(features, InputObjects.of(labelSource, List.of(cells)).digest());
  }

  private Receipt receipt(
      long ordinal,
      Receipt.Status status,
      long bytes,
      long masked,
      long nonFinite,
      InputObjects inputs,
      long start) {
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

  private static List<Box> image(List<Box> taken, long n) {
    return taken.stream().filter(part -> part.n0() == n).toList();
  }

  /** Of parts of one image; of none, nothing: a tree without gaps has few nodes. */
  private FeatureMoments moments(@Nullable Tile tile, List<Box> image) throws IOException {
    FeatureMoments found = new FeatureMoments(plan.input().shape().c());
    if (tile == null || image.isEmpty()) {
      return found;
    }
    kernel.begin();
    for (Box part : image) {
      kernel.add(tile.within(part), labels == null ? null : labels.read(part));
      pixels += part.pixels();
    }
    found.add(kernel, spec.classes());
    return found;
  }
}
