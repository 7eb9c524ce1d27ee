package org.pointwise.format.npy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.testing.Seed;

/** Tests files that are written chunk by chunk, in any order of their axes. */
class NpySinkTest {
  private final Random random = Seed.random("npy-sink");

  @TempDir Path folder;

  @Test
  void chunkSizeDoesNotChangeFile() throws Exception {
    for (int trial = 0; trial < 60; trial++) {
      List<Axis> order = new ArrayList<>(List.of(Axis.values()));
      Collections.shuffle(order, random);
      Axes axes = new Axes(order);
      Extent size = extent(6);
      Box file = new Box(0, size.n(), 0, size.y(), 0, size.x());
      int channels = 1 + random.nextInt(4);
      byte[] whole = write("whole", axes, channels, file, size);
      assertThat(write("chunks", axes, channels, file, extent(4)))
          .as("%s of %s", axes, file)
          .isEqualTo(whole);
      FeatureSource source = Formats.open(ByteStores.LOCAL, folder + "/whole.npy", axes, null);
      ChannelBlock block = source.reader().read(file).blocks().get(0);
      for (int n = 0; n < size.n(); n++) {
        for (int c = 0; c < channels; c++) {
          int at = block.byteOffset(n, size.y() - 1, 0, c);
          assertThat(ElementAccess.floatAt(block.bytes(), at, block.type(), block.order()))
              .isEqualTo(value(n, size.y() - 1, 0, c));
        }
      }
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left.filter(path -> path.toString().contains(".tmp"))).isEmpty();
    }
  }

  private Extent extent(int max) {
    return new Extent(1 + random.nextInt(max), 1 + random.nextInt(max), 1 + random.nextInt(max));
  }

  private static float value(long n, long y, long x, int c) {
    return ((n * 10 + y) * 10 + x) * 10 + c;
  }

  private byte[] write(String name, Axes axes, int channels, Box file, Extent step)
      throws Exception {
    FeatureSink sink =
        new NpySink(
            ByteStores.LOCAL.open(folder.toString()),
            "",
            image -> name + ".npy",
            axes,
            channels,
            ElementType.FLOAT32);
    FeatureSink.Writer writer = sink.writer();
    writer.begin(file);
    List<Box> chunks = new ArrayList<>();
    file.split(step, chunks::add);
    for (Box chunk : chunks) {
      ChannelBlock block = writer.chunk(chunk);
      for (int n = 0; n < chunk.n(); n++) {
        for (int y = 0; y < chunk.y(); y++) {
          for (int x = 0; x < chunk.x(); x++) {
            for (int c = 0; c < channels; c++) {
              float value = value(chunk.n0() + n, chunk.y0() + y, chunk.x0() + x, c);
              ElementAccess.putFloat(
                  block.bytes(), block.byteOffset(n, y, x, c), ElementType.FLOAT32, value);
            }
          }
        }
      }
      writer.endChunk();
    }
    writer.end();
    return Files.readAllBytes(folder.resolve(name + ".npy"));
  }
}
