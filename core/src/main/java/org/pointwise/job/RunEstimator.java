package org.pointwise.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.PointwiseException;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Storage;
import org.pointwise.plan.BadInput;
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

  /** Where in a unit a part is measured: in the middle, and elsewhere if that is damaged. */
  private static final double[] PLACES = {0.5, 0, 1, 0.25, 0.75};

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

  /**
   * Measures a part of one of the units that is typical, if one of a few is. Where damaged input is
   * accepted, parts that cannot be decoded are left out.
   */
  private TileProbe.Result measure(List<Long> units) throws IOException {
    TileProbe probe = new TileProbe(plan, stores);
    int last = units.size() - 1;
    List<Long> candidates =
        Stream.of(last / 2, last / 4, last * 3 / 4, 0, last).map(units::get).distinct().toList();
    TileProbe.Result first = null;
    CorruptDataException damaged = null;
    for (double place : PLACES) {
      for (long unit : candidates) {
        try {
          TileProbe.Result result = probe.measure(part(unit, place));
          if (result.typical()) {
            return result;
          }
          first = first == null ? result : first;
        } catch (CorruptDataException e) {
          if (plan.spec().policy().badInput() != BadInput.NODATA) {
            throw e;
          }
          damaged = e;
        }
      }
      if (first != null) {
        return first;
      }
    }
    throw Objects.requireNonNull(damaged); // there is at least one unit
  }

  /**
   * Returns a part of a chunk at a place in a unit: one tile or more, or a part of a tile. Away
   * from the middle it is one tile at most, because its neighbours may be damaged.
   *
   * @param place 0 … 1, from the begin of the unit to its end
   */
  private Box part(long unit, double place) {
    List<List<Box>> groups = plan.units().groups(unit);
    List<Box> group = at(groups, place);
    List<Box> chunks = new ArrayList<>();
    Box all = Box.boundingBox(group);
    all.split(plan.chunkStep(all), chunks::add);
    Box object = at(group, place);
    List<Box> parts =
        chunks.stream()
            .map(step -> step.intersection(object))
            .filter(Objects::nonNull)
            .map(step -> RemainingWork.readable(step, plan))
            .filter(Objects::nonNull)
            .toList();
    Box chunk = at(parts, place);
    List<Box> tiles = new ArrayList<>();
    plan.input().split(chunk, tiles::add);
    Box part = at(tiles, place);
    return place == PLACES[0] ? widened(part, chunk) : part;
  }

  private static <T> T at(List<T> list, double place) {
    return list.get(Math.min(list.size() - 1, (int) (list.size() * place)));
  }

  /** Returns the largest part of a chunk around a tile that is small enough to be measured. */
  private Box widened(Box tile, Box chunk) {
    Box part = tile;
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
