package org.pointwise.parquet;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.parquet.bytes.BytesUtils;

/**
 * Levels in the hybrid of run lengths and packed bits of <a
 * href="https://github.com/apache/parquet-format/blob/master/Encodings.md">Parquet</a>. A run is
 * filled in at once; the library's decoder takes each level by a call, which for vectors takes
 * longer than their multiplication. Confined to one thread.
 */
final class RunLevels implements Levels {
  private final byte[] bytes;
  private final int end;
  private final int max;
  private final int width; // bits of a level
  private int at; // the next byte
  private int left; // levels of the run
  private boolean isPacked;
  private byte level; // of a run that is not packed
  private long bit; // the next one of a packed run, from the start of the array
  private long last; // the bit after it

  /**
   * @param encoded the levels from its position to its limit, with an array
   * @param max the largest level, at most 127
   */
  RunLevels(ByteBuffer encoded, int max) {
    this.bytes = encoded.array();
    this.at = encoded.arrayOffset() + encoded.position();
    this.end = encoded.arrayOffset() + encoded.limit();
    this.max = max;
    this.width = BytesUtils.getWidthFromMaxInt(max);
  }

  @Override
  public void read(byte[] to, int count) {
    for (int done = 0; done < count; ) {
      while (left == 0) {
        begin();
      }
      int run = Math.min(left, count - done);
      if (isPacked) {
        unpack(to, done, run);
      } else {
        Arrays.fill(to, done, done + run, level);
      }
      left -= run;
      done += run;
    }
  }

  private void begin() {
    long header = header();
    isPacked = (header & 1) == 1;
    if (isPacked) {
      long groups = header >>> 1;
      bit = 8L * at;
      // A writer may leave out the end of the last group.
      last = Math.min(8L * end, bit + 8 * groups * width);
      left = (int) Math.min(Integer.MAX_VALUE, 8 * groups);
      at = (int) (last / 8);
    } else {
      left = (int) (header >>> 1);
      level = checked(next());
    }
  }

  private byte checked(int found) {
    if (found < 0 || found > max) {
      throw new IllegalArgumentException("a level is %d, at most %d".formatted(found & 0xff, max));
    }
    return (byte) found;
  }

  private long header() {
    long header = 0;
    for (int shift = 0; shift < Integer.SIZE; shift += 7) {
      byte part = next();
      header |= (part & 0x7fL) << shift;
      if (part >= 0) {
        return header & 0xffffffffL;
      }
    }
    throw new IllegalArgumentException("a run of levels has a header of more than 5 bytes");
  }

  private byte next() {
    if (at >= end) {
      throw new IllegalArgumentException("there are fewer levels than values");
    }
    return bytes[at++];
  }

  private void unpack(byte[] to, int from, int count) {
    if (last - bit < (long) count * width) {
      throw new IllegalArgumentException("there are fewer levels than values");
    }
    int mask = (1 << width) - 1;
    for (int i = from; i < from + count; i++) {
      int first = (int) (bit >>> 3);
      int both = (bytes[first] & 0xff) | (first + 1 < end ? bytes[first + 1] << 8 : 0);
      to[i] = checked((both >>> (bit & 7)) & mask);
      bit += width;
    }
  }
}
