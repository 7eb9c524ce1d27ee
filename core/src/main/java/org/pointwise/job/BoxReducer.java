package org.pointwise.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.KernelProvider;
import org.pointwise.conv.TileCounts;
import org.pointwise.conv.TileKernel;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.FeatureSink.StoredObject;
import org.pointwise.plan.ReducePlan;
import org.pointwise.quantise.Overflow;
import org.pointwise.store.ByteStore;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.Tile;
import org.pointwise.work.UnitCounts;

/**
 * Reads, reduces and stores boxes, one chunk of the output after another. Confined to one thread.
 */
final class BoxReducer implements AutoCloseable {
  private final ReducePlan plan;
  private final TileKernel kernel;
  private final MeteredReader reader;
  private final ByteStore output;
  private final CompletedUnits completed;
  private final List<FeatureSink> sinks;
  private final List<List<FeatureSink.Writer>> writers = new ArrayList<>(); // [object][head]
  private boolean hasData; // whether any pixel of the current boxes is to be stored
  private long storeNanos;
  private @Nullable PastPixels past;
  private Runnable cancellationCheck = () -> {};

  /**
   * @param reader of the input; the caller closes it
   * @param sinks one per head
   * @param completed notified before an object changes that makes the output incomplete
   */
  BoxReducer(
      ReducePlan plan,
      KernelProvider provider,
      MeteredReader reader,
      ByteStore output,
      CompletedUnits completed,
      List<FeatureSink> sinks) {
    this.plan = plan;
    this.kernel =
        provider.kernel(
            plan.layers(),
            plan.input().quantisation(),
            plan.quantisations(),
            plan.spec().overflow());
    this.reader = reader;
    this.output = output;
    this.completed = completed;
    this.sinks = sinks;
  }

  /**
   * Begins a unit.
   *
   * @param cancellationCheck called before each tile is read; an exception that it throws ends the
   *     unit
   */
  void begin(Runnable cancellationCheck) {
    this.cancellationCheck = cancellationCheck;
    kernel.counts().reset();
    reader.begin();
    storeNanos = 0;
  }

  /** Returns the counts of the current unit. */
  UnitCounts counts() {
    TileCounts counts = kernel.counts();
    return new UnitCounts(
        counts.masked(),
        reader.bad(),
        counts.nonFinite(),
        counts.overflowed() + counts.beyondFloat32(),
        reader.missingChunks());
  }

  /** Returns the time that storing took for the current unit. */
  long storeNanos() {
    return storeNanos;
  }

  @Override
  public void close() {
    kernel.close();
  }

  /**
   * Computes and stores the objects of boxes that share tiles of the input.
   *
   * @param stored the pixels of images that the plan cannot read; null if the boxes have none
   */
  List<StoredObject> compute(List<Box> boxes, @Nullable PastPixels stored) throws IOException {
    past = stored;
    for (int i = 0; i < boxes.size(); i++) {
      beginObject(i, boxes.get(i));
    }
    List<StoredObject> objects = new ArrayList<>();
    try {
      Box all = Box.boundingBox(boxes);
      hasData = false;
      all.split(plan.chunkStep(all), chunk -> computeChunk(chunk, boxes));
      requireRepresentable(all);
      if (hasData) {
        completed.markIncomplete();
      }
      long startedNanos = System.nanoTime();
      for (int i = 0; i < boxes.size(); i++) {
        objects.addAll(end(writers.get(i)));
      }
      storeNanos += System.nanoTime() - startedNanos;
      return objects;
    } finally { // no effect on writers that have ended
      writers.forEach(heads -> heads.forEach(FeatureSink.Writer::abort));
    }
  }

  private void beginObject(int object, Box box) {
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
          completed.markIncomplete();
          output.delete(object.key()); // it was stored by another plan
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
          "Cannot reduce %s: %s beyond float32, in which sums are formed, in %s; the first is %s; scale the input, or use --overflow saturate"
              .formatted(
                  plan.input().uri(),
                  Count.of(counts.beyondFloat32(), "finite value is", "finite values are"),
                  box,
                  counts.firstBeyondFloat32()));
    }
    if (counts.overflowed() > 0) {
      throw new InvalidInputException(
          "Cannot store %s as %s: %s too large for it; use --dtype float32, or --overflow saturate"
              .formatted(
                  box,
                  plan.types(),
                  Count.of(counts.overflowed(), "finite value is", "finite values are")));
    }
  }

  /**
   * Computes the part of each of the objects {@code boxes} that lies in one chunk of the output.
   */
  private void computeChunk(Box chunk, List<Box> boxes) {
    List<ChunkPart> parts = new ArrayList<>();
    for (int i = 0; i < boxes.size(); i++) {
      Box within = boxes.get(i).intersection(chunk);
      if (within != null) {
        List<ChannelBlock> blocks = new ArrayList<>();
        writers.get(i).forEach(writer -> blocks.add(writer.chunk(within)));
        parts.add(new ChunkPart(within, blocks, writers.get(i)));
      }
    }
    Box added = copyPast(chunk, parts);
    List<Box> tiles = new ArrayList<>();
    // These may be parts of tiles: of a growing output, which keeps its chunks even if the input's
    // change, and of an input that begins within a tile.
    if (added != null) {
      plan.input().split(added, tiles::add);
    }
    reader.prefetch(tiles);
    for (Box tileBox : tiles) {
      Tile tile = read(tileBox);
      for (ChunkPart part : parts) {
        part.add(tile, kernel);
      }
    }
    long startedNanos = System.nanoTime();
    try {
      for (ChunkPart part : parts) {
        hasData |= part.end(kernel);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    storeNanos += System.nanoTime() - startedNanos;
  }

  /** Copies stored pixels to the parts of a chunk, and returns the box of the others. */
  private @Nullable Box copyPast(Box chunk, List<ChunkPart> parts) {
    long images = past == null ? 0 : plan.input().past();
    if (past == null || chunk.n0() >= images) {
      return chunk;
    }
    try {
      for (ChunkPart part : parts) {
        part.addPast(ofImages(chunk, chunk.n0(), Math.min(images, chunk.n1())), past);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return chunk.n1() <= images ? null : ofImages(chunk, images, chunk.n1());
  }

  private static Box ofImages(Box box, long n0, long n1) {
    return new Box(n0, n1, box.y0(), box.y1(), box.x0(), box.x1());
  }

  private Tile read(Box tileBox) {
    cancellationCheck.run();
    try {
      return reader.read(tileBox);
    } catch (CorruptDataException e) {
      if (!plan.spec().format().storesUnreadable()) {
        throw e;
      }
      throw new CorruptDataException(
          "%s; or use --on-bad-input nodata".formatted(e.getMessage()), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
