package org.pointwise.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.pointwise.errors.PointwiseException;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Storage;
import org.pointwise.plan.Existing;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.work.RunFolder;
import org.pointwise.work.SharedReceiptIndex;
import org.pointwise.work.manifest.PlanRecord;

/** Estimates the effort of a reduction from the measurement of a small part. Writes nothing. */
final class RunEstimator {
  /** Decoded input that is measured, unless one tile is larger. */
  private static final long MAX_BYTES = 32 << 20;

  private final ReducePlan plan;
  private final FeatureSource source;
  private final ByteStores stores;
  private final Existing existing;
  private final ExistingRules rules;

  /**
   * @param source the plan's input
   * @param existing what the run does with an existing output
   */
  RunEstimator(
      ReducePlan plan,
      FeatureSource source,
      ByteStores stores,
      ExistingRules rules,
      Existing existing) {
    this.plan = plan;
    this.source = source;
    this.stores = stores;
    this.rules = rules;
    this.existing = existing;
  }

  /**
   * Estimates the effort of the units that are still to be computed.
   *
   * @param tasks tasks at once
   * @param stored fraction of the input chunks that are stored
   */
  RunEstimate estimate(int tasks, double stored) {
    try {
      plan.spec().compressions().forEach(plan.spec().format()::requireUsable);
      RemainingWork work = work();
      return work.units() == 0
          ? RunEstimate.Figures.none(tasks)
          : figures(work, measure(work.sample()), tasks, stored);
    } catch (PointwiseException | IOException | UncheckedIOException e) {
      return new RunEstimate.Unavailable(String.valueOf(e.getMessage()));
    }
  }

  private RemainingWork work() throws IOException {
    Replacement replacement = new Replacement(plan.destination(), stores);
    boolean now = existing == Existing.OVERWRITE_NOW;
    boolean isStaged =
        !now && (replacement.ready() || (existing == Existing.OVERWRITE && rules.keepsExisting()));
    boolean resumes =
        !now && (!isStaged || PlanRecord.fingerprint(plan).equals(replacement.fingerprint()));
    ReducePlan target =
        isStaged ? ReducePlan.of(plan.spec().withOutput(replacement.uri()), plan.input()) : plan;
    ByteStore output = RunFolder.output(target, stores);
    List<FeatureSink> sinks = OutputSinks.sinks(target, output, source);
    SharedReceiptIndex receipts = new SharedReceiptIndex(target, stores);
    return RemainingWork.of(
        target,
        source,
        sinks,
        resumes ? new CompletedUnits(target, source, sinks, output, stores, receipts) : null);
  }

  /** Measures a part of one of the units that is typical, if one of a few is. */
  private TileProbe.Result measure(List<Long> units) throws IOException {
    TileProbe probe = new TileProbe(plan, stores);
    int last = units.size() - 1;
    List<Long> candidates =
        Stream.of(last / 2, last / 4, last * 3 / 4, 0, last).map(units::get).distinct().toList();
    TileProbe.Result first = probe.measure(part(candidates.get(0)));
    TileProbe.Result result = first;
    for (int i = 1; i < candidates.size() && !result.typical(); i++) {
      result = probe.measure(part(candidates.get(i)));
    }
    return result.typical() ? result : first;
  }

  /** Returns a part of a chunk in the middle of a unit: one tile or more, or a part of a tile. */
  private Box part(long unit) {
    List<List<Box>> groups = plan.units().groups(unit);
    List<Box> group = groups.get(groups.size() / 2);
    List<Box> chunks = new ArrayList<>();
    Box all = Box.boundingBox(group);
    all.split(plan.chunkStep(all), chunks::add);
    Box object = group.get(group.size() / 2);
    List<Box> parts =
        chunks.stream()
            .map(step -> step.intersection(object))
            .filter(Objects::nonNull)
            .map(step -> RemainingWork.readable(step, plan))
            .filter(Objects::nonNull)
            .toList();
    Box chunk = Objects.requireNonNull(parts.get(parts.size() / 2));
    List<Box> tiles = new ArrayList<>();
    plan.input().split(chunk, tiles::add);
    Box part = tiles.get(tiles.size() / 2);
    for (Box candidate :
        List.of(
            new Box(part.n0(), part.n1(), part.y0(), part.y1(), chunk.x0(), chunk.x1()),
            new Box(part.n0(), part.n1(), chunk.y0(), chunk.y1(), chunk.x0(), chunk.x1()),
            chunk)) {
      if (candidate.pixels() <= MAX_BYTES / inputPixelBytes()) {
        part = candidate;
      }
    }
    return part;
  }

  private long inputPixelBytes() {
    return (long) plan.input().shape().c() * plan.input().type().bytes();
  }

  private RunEstimate.Figures figures(
      RemainingWork work, TileProbe.Result result, int tasks, double stored) {
    RunEstimate.Measured measured = result.measured();
    ReadCosts reading = result.reading();
    double parts = work.pixels() / measured.pixels();
    double seconds =
        work.tiles() / measured.tiles() * measured.readSeconds()
            + parts * (measured.kernelSeconds() + measured.encodeSeconds());
    // Units are not divided among tasks.
    double waves = Math.ceil((double) work.units() / tasks);
    double data = result.typical() ? stored : 1; // a part of missing chunks represents all chunks
    return new RunEstimate.Figures(
        work.units(),
        data * seconds / work.units() * waves,
        tasks,
        Math.round(data * bytesRead(work, result) + work.inputs() * reading.objectBytes()),
        Math.round(data * bytesWritten(work, result)),
        Math.round(work.tiles() * reading.reads() + work.inputs() * reading.objectReads()),
        Math.round(
            work.tiles() * reading.statuses()
                + work.inputs() * (result.versions() + reading.objectStatuses())),
        Math.round(work.outputs()),
        measured);
  }

  /** Returns the stored bytes of all tiles. */
  private double bytesRead(RemainingWork work, TileProbe.Result result) {
    double bytes = result.reading().bytes() * result.measured().tiles();
    if (plan.input().storage() != Storage.GRID) { // of a tile, the part is read alone
      return bytes / result.measured().pixels() * work.pixels();
    }
    boolean padded = result.reading().bytes() >= plan.input().tile().pixels() * inputPixelBytes();
    // Beyond the edges of an array, chunks are as long as others only if they are not compressed.
    return padded
        ? result.reading().bytes() * work.tiles()
        : bytes / result.tilePixels() * work.tilePixels();
  }

  /** Returns the stored bytes of all objects. */
  private double bytesWritten(RemainingWork work, TileProbe.Result result) {
    long pixels = result.measured().pixels();
    if (plan.spec().format().compresses()) {
      return result.stored() * work.pixels() / pixels;
    }
    double pixelBytes = (double) plan.outputBytes() / plan.input().pixels();
    double headers = Math.max(0, result.stored() - pixelBytes * pixels);
    return pixelBytes * work.pixels() + headers * work.objects();
  }
}
