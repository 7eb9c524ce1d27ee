package org.pointwise.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.pointwise.conv.KernelChoice;
import org.pointwise.conv.TileCounts;
import org.pointwise.conv.TileKernel;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.FeatureSink.StoredObject;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.plan.BadInput;
import org.pointwise.plan.ReducePlan;
import org.pointwise.quantise.Overflow;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.Tile;
import org.pointwise.work.EarlierRuns;
import org.pointwise.work.InputObjects;
import org.pointwise.work.ReadyUnit;
import org.pointwise.work.Receipt;
import org.pointwise.work.RunFolder;
import org.pointwise.work.UnitCounts;
import org.pointwise.work.UnitResult;
import org.pointwise.work.UnitWorker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reduces the boxes of a unit and stores them, or finds them stored. */
final class ReduceWorker implements UnitWorker {
  private static final Logger LOG = LoggerFactory.getLogger(ReduceWorker.class);

  private final ReducePlan plan;
  private final TileKernel kernel;
  private final FeatureSource source;
  private final CountedReader reader;
  private final ByteStore output;
  private final StoredUnits earlier;
  private final List<FeatureSink> sinks;
  private final List<List<FeatureSink.Writer>> writers = new ArrayList<>(); // [object][head]
  private final SeenObjects seen = new SeenObjects();
  private boolean hasData; // whether there is something to store of the boxes at hand
  private long storeNanos;
  private Runnable wanted = () -> {};

  /** Opens the input and the output of the plan. */
  ReduceWorker(ReducePlan plan, ByteStores stores, KernelChoice choice, EarlierRuns earlier) {
    this.plan = plan;
    this.kernel =
        choice.kernel(
            plan.layers(),
            plan.input().quantisation(),
            plan.quantisations(),
            plan.spec().overflow());
    this.output = RunFolder.output(plan, stores);
    try {
      this.source = Formats.reopen(stores, plan.input());
      this.reader = new CountedReader(reader(plan, source));
      this.sinks = Output.sinks(plan, output, source);
    } catch (IOException e) {
      throw Formats.unreadable(plan.input().uri(), e);
    }
    plan.spec().compressions().forEach(plan.spec().format()::requireUsable);
    try {
      this.earlier = new StoredUnits(plan, source, sinks, output, stores, earlier);
    } catch (IOException e) {
      throw new IncompleteRunException(
          "Cannot read %s: %s; mend the cause and run the same command again to continue"
              .formatted(RunFolder.uri(plan.destination()), e),
          e);
    }
  }

  private static FeatureSource.Reader reader(ReducePlan plan, FeatureSource source) {
    FeatureSource.Reader strict = source.reader();
    return plan.spec().conduct().bad() == BadInput.NODATA ? new TolerantReader(strict) : strict;
  }

  @Override
  public ReadyUnit unit(long ordinal, Runnable any) {
    return (parameters, stillWanted) -> UnitResult.stored(run(ordinal, stillWanted));
  }

  private Receipt run(long ordinal, Runnable stillWanted) {
    long start = System.nanoTime();
    wanted = stillWanted;
    kernel.counts().reset();
    reader.begin();
    storeNanos = 0;
    List<List<Box>> groups = plan.units().groups(ordinal);
    long pixels = groups.stream().flatMap(List::stream).mapToLong(Box::pixels).sum();
    List<StoredObject> objects;
    InputObjects inputs;
    StoredUnits.Done done;
    try {
      inputs = InputObjects.of(source, groups);
      if (seen.changed(inputs)) {
        reader.use(reader(plan, source));
      }
      done = earlier.find(ordinal, groups, inputs);
      objects = done != null ? done.objects() : compute(ordinal, groups);
    } catch (IOException | UncheckedIOException e) {
      throw UnitWorker.unfinished(ordinal, plan, e);
    }
    long bytesOut = objects.stream().mapToLong(StoredObject::bytes).sum();
    Receipt.Status status =
        done != null
            ? Receipt.Status.ALREADY_THERE
            : bytesOut == 0 ? Receipt.Status.EMPTY : Receipt.Status.WRITTEN;
    LOG.debug(
        "Shard {} of {} {}: {} pixels, {} bytes, {} ms",
        ordinal,
        plan.destination(),
        status,
        pixels,
        bytesOut,
        (System.nanoTime() - start) / 1_000_000);
    return new Receipt(
        ordinal,
        status,
        pixels,
        done != null ? done.counts() : counts(),
        reader.chunks(),
        reader.bytes(),
        reader.storedBytes(),
        bytesOut,
        System.nanoTime() - start,
        reader.nanos(),
        storeNanos,
        objects.stream().filter(object -> object.bytes() > 0).toList(),
        inputs.digest(),
        inputs.lengths(),
        reader.unreadable(),
        done != null && done.sameInput());
  }

  @Override
  public void close() {
    reader.close();
    kernel.close();
  }

  private UnitCounts counts() {
    TileCounts counts = kernel.counts();
    return new UnitCounts(
        counts.masked(),
        reader.bad(),
        counts.nonFinite(),
        counts.overflowed() + counts.beyondFloat32(),
        reader.missingChunks());
  }

  private List<StoredObject> compute(long ordinal, List<List<Box>> groups) throws IOException {
    List<StoredObject> objects = new ArrayList<>();
    for (List<Box> group : groups) {
      objects.addAll(compute(group));
    }
    earlier.markAppended(ordinal, groups);
    return objects;
  }

  /** Computes and stores the objects of boxes that share cells of the input. */
  private List<StoredObject> compute(List<Box> boxes) throws IOException {
    for (int i = 0; i < boxes.size(); i++) {
      begin(i, boxes.get(i));
    }
    List<StoredObject> objects = new ArrayList<>();
    try {
      Box all = Box.around(boxes);
      hasData = false;
      all.split(plan.chunkStep(all), chunk -> computeChunk(chunk, boxes));
      requireRepresentable(all);
      if (hasData) {
        earlier.markIncomplete();
      }
      long began = System.nanoTime();
      for (int i = 0; i < boxes.size(); i++) {
        objects.addAll(end(writers.get(i)));
      }
      storeNanos += System.nanoTime() - began;
      return objects;
    } finally { // of what has ended, nothing is given up
      writers.forEach(heads -> heads.forEach(FeatureSink.Writer::abort));
    }
  }

  private void begin(int object, Box box) {
    if (writers.size() == object) {
      writers.add(sinks.stream().map(FeatureSink::writer).toList());
    }
    writers.get(object).forEach(writer -> writer.begin(box));
  }

  private List<StoredObject> end(List<FeatureSink.Writer> heads) throws IOException {
    List<StoredObject> objects = new ArrayList<>();
    for (FeatureSink.Writer writer : heads) {
      for (StoredObject object : writer.end()) {
        if (object.bytes() == 0 && output.size(object.key()) >= 0) {
          earlier.markIncomplete();
          output.delete(object.key()); // an object of another plan
        }
        objects.add(object);
      }
    }
    return objects;
  }

  private void requireRepresentable(Box box) {
    TileCounts counts = kernel.counts();
    if (plan.spec().overflow() != Overflow.REFUSE) {
      return;
    }
    if (counts.beyondFloat32() > 0) {
      throw new InvalidInputException(
          "Cannot reduce %s: %d finite values of %s are beyond float32, in which sums are formed; the first is %s; scale the input, or use --overflow saturate"
              .formatted(
                  plan.input().uri(), counts.beyondFloat32(), box, counts.firstBeyondFloat32()));
    }
    if (counts.overflowed() > 0) {
      throw new InvalidInputException(
          "Cannot store %s as %s: %d finite values are too large for it; use --dtype float32, or --overflow saturate"
              .formatted(box, plan.types(), counts.overflowed()));
    }
  }

  /** Computes the part of each of the objects {@code boxes} that lies in a chunk of the output. */
  private void computeChunk(Box chunk, List<Box> boxes) {
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < boxes.size(); i++) {
      Box within = boxes.get(i).intersection(chunk);
      if (within != null) {
        List<ChannelBlock> blocks = new ArrayList<>();
        writers.get(i).forEach(writer -> blocks.add(writer.chunk(within)));
        parts.add(new Part(within, blocks, writers.get(i), new ArrayList<>()));
      }
    }
    List<Box> cells = new ArrayList<>();
    // Parts of cells: an output that grows keeps its chunks, whatever the input's have become.
    chunk.splitByGrid(plan.input().cell(), cells::add);
    reader.expect(cells);
    for (Box cell : cells) {
      Tile tile = read(cell);
      for (Part part : parts) {
        part.add(tile, kernel);
      }
    }
    long began = System.nanoTime();
    try {
      for (Part part : parts) {
        hasData |= part.end(kernel);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    storeNanos += System.nanoTime() - began;
  }

  private Tile read(Box cell) {
    wanted.run();
    try {
      return reader.read(cell);
    } catch (CorruptDataException e) {
      throw new CorruptDataException(
          "%s; or use --on-bad-input nodata".formatted(e.getMessage()), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The part of an object that lies in a chunk.
   *
   * @param blocks where each head's pixels go
   * @param nodata tiles that are left to be written should another tile have data
   */
  private record Part(
      Box box, List<ChannelBlock> blocks, List<FeatureSink.Writer> heads, List<Tile> nodata) {

    void add(Tile tile, TileKernel kernel) {
      Box within = tile.box().intersection(box);
      if (within == null) {
        return;
      }
      if (tile.nodata()) {
        nodata.add(tile.within(within));
      } else {
        kernel.apply(tile.within(within), at(within));
      }
    }

    /** Hands the chunk to the writers, or leaves it out and says so where all of it is no data. */
    boolean end(TileKernel kernel) throws IOException {
      long empty = nodata.stream().mapToLong(tile -> tile.box().pixels()).sum();
      boolean skip = empty == box.pixels();
      for (Tile tile : nodata) {
        if (skip) {
          kernel.skip(tile);
        } else {
          kernel.apply(tile, at(tile.box()));
        }
      }
      for (FeatureSink.Writer head : heads) {
        if (skip) {
          head.skipChunk();
        } else {
          head.endChunk();
        }
      }
      return !skip;
    }

    /** The blocks, seen from the first pixel of a box. */
    private List<ChannelBlock> at(Box within) {
      return blocks.stream()
          .map(
              block ->
                  block.from(
                      within.n0() - box.n0(), within.y0() - box.y0(), within.x0() - box.x0()))
          .toList();
    }
  }
}
