package org.pointwise.cli;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.pointwise.conv.Activation;
import org.pointwise.conv.KernelProvider;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.conv.TileKernel;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.quantise.Overflow;
import org.pointwise.quantise.Quantisation;
import org.pointwise.store.ByteStores;
import org.pointwise.store.npy.NpyArray;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Tile;

/**
 * Measures the necessary parts of a reduction, each alone on all threads: reading and decoding
 * every chunk, running the kernel equally often, compressing and writing equally many outputs.
 */
public final class ReduceParts {
  private static final int OBJECT_CHUNKS = 8;

  private final FeatureSource source;
  private final PointwiseLayer layer;
  private final List<Box> tiles = new ArrayList<>();
  private final int threads;

  public ReduceParts(String uri, String weights, int threads) throws IOException {
    this.source = Formats.open(ByteStores.LOCAL, uri, null, null);
    String parent = ByteStores.parent(weights);
    NpyArray w = NpyArray.read(ByteStores.LOCAL.open(parent), ByteStores.name(weights));
    int out = (int) w.shape()[0];
    this.layer = PointwiseLayer.of(w.values(), new float[out], Activation.RELU);
    this.threads = threads;
    source.info().shape().box().split(source.info().tile(), tiles::add);
  }

  /** Runs one part after another; returns the total seconds. */
  public double seconds(Path scratch) throws Exception {
    long begun = System.nanoTime();
    onAll(this::decode);
    onAll(this::multiply);
    onAll(thread -> encode(scratch, thread));
    return (System.nanoTime() - begun) / 1e9;
  }

  private interface Part {
    void run(int thread) throws IOException;
  }

  private void onAll(Part part) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int thread = t;
        tasks.add(
            () -> {
              part.run(thread);
              return null;
            });
      }
      for (Future<Void> done : pool.invokeAll(tasks)) {
        done.get();
      }
    } finally {
      pool.shutdown();
    }
  }

  private void decode(int thread) throws IOException {
    FeatureSource.Reader reader = source.reader();
    for (int i = thread; i < tiles.size(); i += threads) {
      reader.read(tiles.get(i));
    }
  }

  private void multiply(int thread) throws IOException {
    Tile tile = source.reader().read(tiles.get(thread));
    List<ChannelBlock> out = List.of(block(tile));
    TileKernel kernel = kernel();
    for (int i = thread; i < tiles.size(); i += threads) {
      kernel.apply(tile, out);
    }
  }

  private TileKernel kernel() {
    return KernelProvider.forThisJvm()
        .kernel(
            List.of(layer),
            source.info().quantisation(),
            List.of(Quantisation.floating(ElementType.FLOAT32)),
            Overflow.SATURATE);
  }

  private ChannelBlock block(Tile tile) {
    long out = layer.outChannels();
    Box box = tile.box();
    return new ChannelBlock(
        new byte[Math.toIntExact(box.pixels() * out * Float.BYTES)],
        0,
        ElementType.FLOAT32,
        ByteOrder.LITTLE_ENDIAN,
        out * box.y() * box.x(),
        box.x() * out,
        out,
        1,
        0,
        (int) out);
  }

  private void encode(Path scratch, int thread) throws IOException {
    Tile tile = source.reader().read(tiles.get(thread));
    ChannelBlock result = block(tile);
    kernel().apply(tile, List.of(result));
    byte[] raw = result.bytes();
    int bound = Math.toIntExact(Zstd.compressBound(raw.length));
    byte[] object = new byte[bound * OBJECT_CHUNKS];
    Path file = Files.createTempFile(scratch, "part", null);
    try (ZstdCompressCtx context = new ZstdCompressCtx()) {
      context.setLevel(1);
      int length = 0;
      int chunks = 0;
      for (int i = thread; i < tiles.size(); i += threads) {
        length += context.compressByteArray(object, length, bound, raw, 0, raw.length);
        if (++chunks % OBJECT_CHUNKS == 0) {
          try (var out = Files.newOutputStream(file)) {
            out.write(object, 0, length);
          }
          length = 0;
        }
      }
    } finally {
      Files.delete(file);
    }
  }
}
