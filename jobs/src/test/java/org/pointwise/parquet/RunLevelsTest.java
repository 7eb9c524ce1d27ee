package org.pointwise.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.apache.parquet.bytes.BytesUtils;
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
      int max = 1 + random.nextInt(127);
      byte[] levels = levels(max);
      byte[] encoded = encoded(levels, max);
      byte[] page = new byte[encoded.length + 20]; // with other bytes around
      random.nextBytes(page);
      int at = random.nextInt(20);
      System.arraycopy(encoded, 0, page, at, encoded.length);
      ByteBuffer buffer = ByteBuffer.wrap(page, at, encoded.length);
      RunLevels reader = new RunLevels(random.nextBoolean() ? buffer : buffer.slice(), max);
      assertThat(read(reader, levels.length))
          .as("seed %d, case %d", Seed.value(), number)
          .isEqualTo(levels);
    }
  }

  @Test
  void refusesLevelsThatEndEarly() throws Exception {
    for (int number = 0; number < CASES; number++) {
      int max = 1 + random.nextInt(127);
      byte[] levels = levels(max);
      byte[] encoded = encoded(levels, max);
      int length = random.nextInt(encoded.length + 1);
      RunLevels reader = new RunLevels(ByteBuffer.wrap(encoded, 0, length), max);
      // The writer adds at most seven levels to fill a group.
      assertThatThrownBy(() -> read(reader, levels.length + 8))
          .as("seed %d, case %d", Seed.value(), number)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void readsRunsOfNoLevelsAndGroupsThatEndEarly() {
    byte[] encoded = {
      0,
      0, // none
      3 << 1,
      1,
      1, // no group
      (2 << 1) | 1,
      0b0110_0101 // the first of two groups
    };
    RunLevels reader = new RunLevels(ByteBuffer.wrap(encoded), 1);
    assertThat(read(reader, 11)).containsExactly(1, 1, 1, 1, 0, 1, 0, 0, 1, 1, 0);
  }

  @Test
  void refusesLevelsBeyondTheLargest() {
    for (byte[] encoded :
        new byte[][] {{2 << 1, 3}, {2 << 1, -1}, {(1 << 1) | 1, 0b0110_1110, 0b1110}}) {
      RunLevels reader = new RunLevels(ByteBuffer.wrap(encoded), 2);
      assertThatThrownBy(() -> read(reader, 2)).hasMessageContaining("at most 2");
    }
  }

  @Test
  void refusesHeadersOfMoreBytesThanAnInteger() {
    RunLevels reader = new RunLevels(ByteBuffer.wrap(new byte[] {-1, -1, -1, -1, -1, 1, 1}), 1);
    assertThatThrownBy(() -> read(reader, 9))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("header");
  }

  private byte[] levels(int max) {
    byte[] levels = new byte[1 + random.nextInt(3000)];
    int longest = 1 + random.nextInt(random.nextBoolean() ? 20 : 1000);
    for (int at = 0; at < levels.length; ) {
      int end = Math.min(levels.length, at + 1 + random.nextInt(longest));
      Arrays.fill(levels, at, end, (byte) random.nextInt(max + 1));
      at = end;
    }
    return levels;
  }

  private static byte[] encoded(byte[] levels, int max) throws IOException {
    try (RunLengthBitPackingHybridEncoder encoder =
        new RunLengthBitPackingHybridEncoder(
            BytesUtils.getWidthFromMaxInt(max),
            64,
            1 << 20,
            HeapByteBufferAllocator.getInstance())) {
      for (byte level : levels) {
        encoder.writeInt(level);
      }
      return encoder.toBytes().toByteArray();
    }
  }

  /** Reads levels in parts. */
  private byte[] read(RunLevels reader, int count) {
    byte[] read = new byte[count];
    for (int at = 0; at < count; ) {
      byte[] part = new byte[Math.min(count - at, random.nextInt(500))];
      reader.read(part, part.length);
      System.arraycopy(part, 0, read, at, part.length);
      at += part.length;
    }
    return read;
  }
}
