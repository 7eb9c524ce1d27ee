package org.pointwise.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridEncoder;
import org.junit.jupiter.api.Test;
import org.pointwise.testing.Seed;

/** Tests that levels are read as Parquet's own encoder wrote them. */
class RunLevelsTest {
  private static final int CASES = 2000;

  private final Random random = Seed.random("levels");

  @Test
  void readsWhatTheLibraryWrites() throws Exception {
    for (int number = 0; number < CASES; number++) {
      int width = 1 + random.nextInt(7);
      byte[] levels = levels(width);
      RunLevels reader = new RunLevels(ByteBuffer.wrap(encoded(levels, width)), width);
      byte[] read = new byte[levels.length];
      for (int at = 0; at < read.length; ) {
        byte[] part = new byte[Math.min(read.length - at, random.nextInt(500))];
        reader.read(part, part.length);
        System.arraycopy(part, 0, read, at, part.length);
        at += part.length;
      }
      assertThat(read).as("seed %d, case %d", Seed.value(), number).isEqualTo(levels);
    }
  }

  @Test
  void refusesLevelsThatEndEarly() throws Exception {
    for (int number = 0; number < CASES; number++) {
      int width = 1 + random.nextInt(7);
      byte[] levels = levels(width);
      byte[] encoded = encoded(levels, width);
      int length = random.nextInt(encoded.length + 1);
      RunLevels reader = new RunLevels(ByteBuffer.wrap(encoded, 0, length), width);
      // The writer adds at most seven levels to fill a group.
      byte[] more = new byte[levels.length + 8];
      assertThatThrownBy(() -> reader.read(more, more.length))
          .as("seed %d, case %d", Seed.value(), number)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void refusesHeadersOfMoreBytesThanAnInteger() {
    byte[] encoded = {-1, -1, -1, -1, -1, 1, 1};
    assertThatThrownBy(() -> new RunLevels(ByteBuffer.wrap(encoded), 1).read(new byte[9], 9))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("header");
  }

  private byte[] levels(int width) {
    byte[] levels = new byte[1 + random.nextInt(3000)];
    int longest = 1 + random.nextInt(random.nextBoolean() ? 20 : 1000);
    for (int at = 0; at < levels.length; ) {
      int end = Math.min(levels.length, at + 1 + random.nextInt(longest));
      Arrays.fill(levels, at, end, (byte) random.nextInt(1 << width));
      at = end;
    }
    return levels;
  }

  private static byte[] encoded(byte[] levels, int width) throws IOException {
    try (RunLengthBitPackingHybridEncoder encoder =
        new RunLengthBitPackingHybridEncoder(
            width, 64, 1 << 20, HeapByteBufferAllocator.getInstance())) {
      for (byte level : levels) {
        encoder.writeInt(level);
      }
      return encoder.toBytes().toByteArray();
    }
  }
}
