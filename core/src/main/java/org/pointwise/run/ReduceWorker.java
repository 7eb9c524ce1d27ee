package org.pointwise.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.pointwise.conv.KernelChoice;
import org.pointwise.conv.TileCounts;
import org.pointwise.conv.TileKernel;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.plan.ReducePlan;
import org.pointwise.quantise.Overflow;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.FeatureSink;
import org.pointwise.store.FeatureSink.StoredObject;
import org.pointwise.store.FeatureSource;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.Tile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does one unit after another. Confined to one thread: kernel, reader and writers keep their
 * buffers.
 */
final class ReduceWorker implements UnitWorker {
  private static final Logger LOG = LoggerFactory.getLogger(ReduceWorker.class);

  private final ReducePlan plan;
  private final TileKernel kernel;
  private final FeatureSource.Reader reader;
  private final ByteStore folder;
  private final String append; // tells this append's marks from those of others
  private final List<FeatureSink> sinks;
  private final List<FeatureSink.Writer> writers;

  private long bytesIn;
  private long bytesRead;
  private long readNanos;
  private long storeNanos;

  /** Opens the input and the output of the plan. */
  ReduceWorker(ReducePlan plan, ByteStores stores, KernelChoice choice) {
    this.plan = plan;
    this.kernel =
        new TileKernel(choice, plan.layers(), plan.dequantisation(), plan.spec().overflow());
    try {
      this.reader = Sources.reopen(stores, plan.input(), plan.dequantisation()).reader();
    } catch (IOException e) {
      throw Sources.unreadable(plan.input().uri(), e);
    }
    this.folder = RunFolder.of(plan.destination(), stores).store();
    this.append = RunFolder.fingerprint(plan).substring(0, 12);
    this.sinks = Output.sinks(plan, RunFolder.output(plan.spec().output(), stores));
    this.writers = sinks.stream().map(FeatureSink::writer).toList();
  }

  @Override
  public Receipt run(long ordinal) {
    long start = System.nanoTime();
    kernel.counts().reset();
    bytesIn = 0;
    bytesRead = 0;
    readNanos = 0;
    storeNanos = 0;
    List<StoredObject> objects = new ArrayList<>();
    long pixels = 0;
    boolean computed = false;
    try {
      for (Box box : plan.units().boxes(ordinal)) {
        pixels += box.pixels();
        boolean lacking = plan.mayLackImages(box);
        List<StoredObject> stored =
            lacking && folder.size(appended(ordinal)) < 0 ? List.of() : alreadyStored(box);
        if (stored.isEmpty()) {
          computed = true;
          objects.addAll(compute(ordinal, box));
          if (lacking) {
            folder.put(appended(ordinal), new byte[0]);
          }
        } else {
          objects.addAll(stored);
        }
      }
    } catch (IOException | UncheckedIOException e) {
      throw UnitWorker.unfinished(ordinal, plan, e);
    }
    long bytesOut = objects.stream().mapToLong(StoredObject::bytes).sum();
    TileCounts counts = kernel.counts();
    Receipt.Status status =
        !computed
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
        counts.masked(),
        counts.nonFinite(),
        counts.overflowed(),
        bytesIn,
        bytesRead,
        bytesOut,
        System.nanoTime() - start,
        readNanos,
        storeNanos,
        objects.stream().filter(object -> object.bytes() > 0).toList());
  }

  private String appended(long ordinal) {
    return "%s/%s-%d".formatted(RunFolder.APPENDED, append, ordinal);
  }

  /** The stored objects of a box if every head's is there and whole, else none. */
  private List<StoredObject> alreadyStored(Box box) throws IOException {
    List<StoredObject> stored = new ArrayList<>();
    for (FeatureSink sink : sinks) {
      StoredObject object = sink.stored(box);
      if (object == null) {
        return List.of();
      }
      stored.add(object);
    }
    return stored;
  }

  private List<StoredObject> compute(long ordinal, Box box) throws IOException {
    for (FeatureSink.Writer writer : writers) {
      writer.begin(box);
    }
    List<Box> chunks = new ArrayList<>();
    box.split(plan.chunkStep(box), chunks::add);
    for (Box chunk : chunks) {
      computeChunk(chunk);
    }
    if (plan.spec().overflow() == Overflow.REFUSE && kernel.counts().overflowed() > 0) {
      throw new InvalidInputException(
          "Cannot store unit %d (%s) as %s: %d finite values are too large for it; use --dtype float32, or --overflow saturate"
              .formatted(ordinal, box, plan.output().type(), kernel.counts().overflowed()));
    }
    long began = System.nanoTime();
    List<StoredObject> objects = new ArrayList<>();
    for (FeatureSink.Writer writer : writers) {
      objects.add(writer.end());
    }
    storeNanos += System.nanoTime() - began;
    return objects;
  }

  private void computeChunk(Box chunk) throws IOException {
    List<ChannelBlock> blocks = new ArrayList<>(writers.size());
    for (FeatureSink.Writer writer : writers) {
      blocks.add(writer.chunk(chunk));
    }
    List<Box> cells = new ArrayList<>();
    chunk.split(plan.input().cell(), cells::add);
    reader.expect(cells);
    List<Tile> missing = new ArrayList<>();
    for (Box cell : cells) {
      long began = System.nanoTime();
      Tile tile = reader.read(cell);
      readNanos += System.nanoTime() - began;
      bytesIn += tile.bytes();
      bytesRead += tile.storedBytes();
      if (tile.missing()) {
        missing.add(tile);
      } else {
        kernel.apply(tile, shifted(blocks, chunk, cell));
      }
    }
    boolean skip = missing.size() == cells.size();
    for (Tile tile : missing) {
      if (skip) {
        kernel.skip(tile);
      } else {
        kernel.apply(tile, shifted(blocks, chunk, tile.box()));
      }
    }
    long began = System.nanoTime();
    for (FeatureSink.Writer writer : writers) {
      if (skip) {
        writer.skipChunk();
      } else {
        writer.endChunk();
      }
    }
    storeNanos += System.nanoTime() - began;
  }

  /** The blocks of a chunk, seen from the first pixel of one of its cells. */
  private static List<ChannelBlock> shifted(List<ChannelBlock> blocks, Box chunk, Box cell) {
    return blocks.stream()
        .map(
            block ->
                block.from(cell.n0() - chunk.n0(), cell.y0() - chunk.y0(), cell.x0() - chunk.x0()))
        .toList();
  }
}
