package org.pointwise.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.KernelChoice;
import org.pointwise.conv.MomentsKernel;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.MomentsTree;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.MomentsSpec;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.FeatureSink.StoredObject;
import org.pointwise.tensor.ArrayInfo;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.SplitTiles;
import org.pointwise.tensor.Tile;
import org.pointwise.weights.MomentsFile;

/** Takes the moments of the cells of a unit and stores them in the run folder. */
final class MomentsWorker implements UnitWorker {
  private final MomentsPlan plan;
  private final MomentsSpec spec;
  private final SplitTiles tiles;
  private final ByteStore folder;
  private final String parts;
  private final CountedReader reader;
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
      this.reader =
          new CountedReader(Sources.reopen(stores, plan.input(), plan.dequantisation()).reader());
      ArrayInfo info = spec.labels();
      this.labels = info == null ? null : new PixelLabels(Sources.reopenLabels(stores, info), spec);
    } catch (IOException e) {
      throw Sources.unreadable(plan.input().uri(), e);
    }
  }

  @Override
  public Receipt run(long ordinal) {
    long start = System.nanoTime();
    pixels = 0;
    reader.begin();
    storeNanos = 0;
    try {
      long stored = folder.size(MomentsParts.key(parts, 0, ordinal));
      if (stored >= 0) {
        pixels = pixelsOf(ordinal);
        return receipt(ordinal, Receipt.Status.ALREADY_THERE, stored, 0, 0, start);
      }
      MomentsTree tree = new MomentsTree();
      long masked = 0;
      long nonFinite = 0;
      for (long cell = plan.units().first(ordinal); cell < plan.units().end(ordinal); cell++) {
        Box box = plan.units().cells().box(cell);
        List<Box> taken = taken(box);
        Tile tile = taken.isEmpty() ? null : reader.read(box);
        for (int i = 0; tile != null && i < taken.size(); i += sameImage(taken, i)) {
          List<Box> image = taken.subList(i, i + sameImage(taken, i));
          FeatureMoments found = moments(tile, image);
          masked += found.masked();
          nonFinite += found.nonFinitePixels();
          tree.add(plan.units().cells().part(cell, image.get(0).n0()), found);
        }
      }
      long began = System.nanoTime();
      byte[] bytes = MomentsFile.encode(tree.nodes(), Map.of());
      folder.put(MomentsParts.key(parts, 0, ordinal), bytes);
      storeNanos = System.nanoTime() - began;
      return receipt(ordinal, Receipt.Status.WRITTEN, bytes.length, masked, nonFinite, start);
    } catch (IOException | UncheckedIOException e) {
      throw UnitWorker.unfinished(ordinal, plan, e);
    }
  }

  /** The tiles of a cell that take part. */
  private List<Box> taken(Box cell) {
    return tiles.in(cell).stream().filter(p -> p.n0() >= spec.firstImage()).toList();
  }

  private long pixelsOf(long ordinal) {
    long sum = 0;
    for (long cell = plan.units().first(ordinal); cell < plan.units().end(ordinal); cell++) {
      sum += taken(plan.units().cells().box(cell)).stream().mapToLong(Box::pixels).sum();
    }
    return sum;
  }

  private Receipt receipt(
      long ordinal, Receipt.Status status, long bytes, long masked, long nonFinite, long start) {
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
        0,
        0,
        List.of(),
        false);
  }

  /** How many parts from one on are of its image. */
  private static int sameImage(List<Box> parts, int from) {
    int to = from + 1;
    while (to < parts.size() && parts.get(to).n0() == parts.get(from).n0()) {
      to++;
    }
    return to - from;
  }

  private FeatureMoments moments(Tile tile, List<Box> image) throws IOException {
    kernel.begin();
    for (Box part : image) {
      kernel.add(tile.within(part), labels == null ? null : labels.read(part));
      pixels += part.pixels();
    }
    FeatureMoments found = new FeatureMoments(plan.input().shape().c());
    found.add(kernel, spec.classes());
    return found;
  }
}
