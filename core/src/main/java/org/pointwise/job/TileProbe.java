package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.KernelProvider;
import org.pointwise.conv.TileKernel;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.OutputArray;
import org.pointwise.format.OutputTarget;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStores;
import org.pointwise.store.CountingStores;
import org.pointwise.store.DiscardingStore;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Tile;
import org.pointwise.work.InputVersion;

/**
 * Measures the reduction of a small part of the input: reads its tiles, applies the kernel and
 * encodes the pixels as one chunk of each head. Stores nothing. Confined to one thread.
 */
final class TileProbe {
  /** The measurement is repeated; the fastest repetition counts. */
  private static final int ROUNDS = 3;

  /** In each round the kernel is repeated without reading, until its loops are compiled. */
  private static final int KERNEL_REPETITIONS = 30;

  private static final long MAX_KERNEL_NANOS = 500_000_000;

  private final ReducePlan plan;
  private final CountingStores stores;
  private final FeatureSource source;
  private final KernelProvider provider = KernelProvider.forThisJvm();

  TileProbe(ReducePlan plan, ByteStores stores) throws IOException {
    this.plan = plan;
    this.stores = new CountingStores(stores);
    this.source = Formats.reopen(this.stores, plan.input());
  }

  /**
   * What was measured.
   *
   * @param tilePixels pixels of the whole tiles that were read, of which the part may be smaller
   * @param typical whether all chunks are stored and not all pixels are nodata
   * @param reading requests for the tiles
   * @param versions status requests for each object before its unit is computed
   * @param stored bytes of the encoded pixels of all heads, with the headers of their objects
   */
  record Result(
      RunEstimate.Measured measured,
      long tilePixels,
      boolean typical,
      ReadCosts reading,
      double versions,
      long stored) {
    private Result withMeasured(RunEstimate.Measured other) {
      return new Result(other, tilePixels, typical, reading, versions, stored);
    }
  }

  /**
   * Measures a part of the input.
   *
   * @param part pixels within one step in which an object of the output is written
   */
  Result measure(Box part) throws IOException {
    long before = stores.statuses();
    int objects = InputVersion.of(source, List.of(List.of(part))).objects().size();
    double versions = (double) (stores.statuses() - before) / objects;
    Result best = round(part, versions);
    for (int i = 1; i < ROUNDS; i++) {
      Result next = round(part, versions);
      best = next.withMeasured(best.measured().fastest(next.measured()));
    }
    return best;
  }

  private Result round(Box part, double versions) throws IOException {
    List<Box> tiles = new ArrayList<>();
    plan.input().split(part, tiles::add);
    long tilePixels = tiles.stream().mapToLong(tile -> plan.input().tileOf(tile).pixels()).sum();
    DiscardingStore discarded = new DiscardingStore();
    List<FeatureSink.Writer> writers = writers(part, discarded);
    ReadCosts reading = new ReadCosts(stores);
    boolean typical = false;
    boolean missing = false;
    long readNanos = 0;
    long kernelNanos = 0;
    try (FeatureSource.Reader reader = source.reader();
        TileKernel kernel =
            provider.kernel(
                plan.layers(),
                plan.input().quantisation(),
                plan.quantisations(),
                plan.spec().overflow())) {
      Box other = sharing(tiles.get(0));
      if (other != null) {
        warmUp(reader, other, reading);
      }
      Box small = new FeatureShape(part.n(), part.y(), part.x(), 1).box();
      boolean copies = plan.spec().format().copiesInput();
      List<ChannelBlock> blocks = new ArrayList<>();
      for (FeatureSink.Writer writer : writers) {
        writer.begin(copies ? plan.input().image(part.n0()) : small);
        blocks.add(writer.chunk(copies ? part : small));
      }
      ChunkPart chunk = new ChunkPart(part, blocks, writers);
      reader.prefetch(tiles);
      for (Box tileBox : tiles) {
        long startedNanos = System.nanoTime();
        Tile tile = read(reader, tileBox, reading);
        long read = System.nanoTime();
        chunk.add(tile, kernel);
        readNanos += read - startedNanos;
        if (tileBox.equals(tiles.get(tiles.size() - 1)) && !tile.nodata()) {
          kernelNanos = fastest(chunk, tile, kernel) * part.pixels() / tileBox.pixels();
        }
        typical |= !tile.nodata();
        missing |= tile.missingChunks() > 0;
      }
      long startedNanos = System.nanoTime();
      chunk.end(kernel);
      for (FeatureSink.Writer writer : copies ? List.<FeatureSink.Writer>of() : writers) {
        writer.end();
      }
      return new Result(
          new RunEstimate.Measured(
              tiles.size(),
              part.pixels(),
              readNanos / 1e9,
              kernelNanos / 1e9,
              (System.nanoTime() - startedNanos) / 1e9),
          tilePixels,
          typical && !missing,
          reading,
          versions,
          discarded.bytes());
    } finally { // no effect on writers that have ended
      writers.forEach(FeatureSink.Writer::abort);
    }
  }

  private void warmUp(FeatureSource.Reader reader, Box other, ReadCosts reading)
      throws IOException {
    try {
      read(reader, other, reading);
    } catch (CorruptDataException e) {
      // The reader holds what the tiles share; a damaged tile is no part of the measurement.
    }
  }

  /** Returns the time of the kernel for a tile. */
  private static long fastest(ChunkPart chunk, Tile tile, TileKernel kernel) {
    long fastest = Long.MAX_VALUE;
    long startedNanos = System.nanoTime();
    for (int i = 0;
        i < KERNEL_REPETITIONS && System.nanoTime() - startedNanos < MAX_KERNEL_NANOS;
        i++) {
      long now = System.nanoTime();
      chunk.add(tile, kernel);
      fastest = Math.min(fastest, System.nanoTime() - now);
    }
    return fastest;
  }

  private Tile read(FeatureSource.Reader reader, Box tileBox, ReadCosts reading)
      throws IOException {
    reading.begin();
    Tile tile = reader.read(tileBox);
    reading.end(tile, source.objects(tileBox));
    return tile;
  }

  /** Returns a tile beside a tile that lies in the same objects; null if there is none. */
  private @Nullable Box sharing(Box tile) {
    Box whole = plan.input().tileOf(tile);
    Box image = plan.input().image(tile.n0());
    List<String> objects = source.objects(whole);
    return Stream.of(
            tileAt(whole.n0(), whole.y0(), whole.x1(), image),
            tileAt(whole.n0(), whole.y0(), whole.x0() - 1, image),
            tileAt(whole.n0(), whole.y1(), whole.x0(), image),
            tileAt(whole.n0(), whole.y0() - 1, whole.x0(), image),
            tileAt(whole.n1(), whole.y0(), whole.x0(), image),
            tileAt(whole.n0() - 1, whole.y0(), whole.x0(), image))
        .filter(Objects::nonNull)
        .filter(beside -> source.objects(beside).equals(objects))
        .findFirst()
        .orElse(null);
  }

  /** Returns the tile that holds a pixel; null if there is no such pixel. */
  private @Nullable Box tileAt(long n, long y, long x, Box image) {
    boolean within =
        n >= 0
            && n < plan.input().shape().n()
            && y >= 0
            && y < image.y1()
            && x >= 0
            && x < image.x1();
    return within ? plan.input().tileOf(new Box(n, n + 1, y, y + 1, x, x + 1)) : null;
  }

  /** Returns writers of arrays that consist of the pixels of a part, in one chunk. */
  private List<FeatureSink.Writer> writers(Box part, DiscardingStore store) throws IOException {
    Extent extent = new Extent(part.n(), part.y(), part.x());
    List<FeatureSink.Writer> writers = new ArrayList<>();
    for (OutputTarget target : OutputSinks.targets(plan)) {
      OutputArray array = target.layout();
      OutputTarget small =
          new OutputTarget(
              target.name(),
              target.isOnly(),
              new FeatureShape(part.n(), part.y(), part.x(), target.shape().c()),
              target.dimensionNames(),
              target.quantisation(),
              new OutputArray(
                  array.axes(), array.dimensionNames(), extent, extent, array.sharded()),
              target.compression(),
              target.files());
      writers.add(plan.spec().format().sink(store, small, source).writer());
    }
    return writers;
  }
}
