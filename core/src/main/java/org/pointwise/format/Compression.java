package org.pointwise.format;

import java.util.Locale;
import org.pointwise.errors.InvalidInputException;

/** How output chunks are compressed. */
public record Compression(Kind kind, int level) {
  /** The compressors that output can be written with. */
  public enum Kind {
    ZSTD(1, -7, 22),
    /** Blosc with lz4 and bit shuffle: quickest to read where the library has a native build. */
    BLOSC(5, 0, 9),
    GZIP(6, 0, 9),
    NONE(0, 0, 0);

    private final int standard;
    private final int min;
    private final int max;

    Kind(int standard, int min, int max) {
      this.standard = standard;
      this.min = min;
      this.max = max;
    }

    /** The level taken where none is given. */
    public int standardLevel() {
      return standard;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** At its standard level. */
  public static Compression of(Kind kind) {
    return new Compression(kind, kind.standard);
  }

  public Compression {
    if (level < kind.min || level > kind.max) {
      throw new InvalidInputException(
          "Cannot compress with %s level %d: it has levels %d to %d"
              .formatted(kind, level, kind.min, kind.max));
    }
  }

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static Compression parse(String text) {
    String[] words = text.split(" level ", 2);
    return new Compression(
        Kind.valueOf(words[0].toUpperCase(Locale.ROOT)),
        words.length == 1 ? 0 : Integer.parseInt(words[1]));
  }

  /**
   * Memory beside the heap that a thread's contexts take at most: for zstd what {@code
   * ZSTD_estimateCCtxSize} gives for the level and those below it, rounded up.
   */
  public long contextBytes() {
    if (kind != Kind.ZSTD) {
      return 8L << 20;
    }
    return (level <= 4 ? 8L : level <= 12 ? 48 : level <= 19 ? 128 : 1024) << 20;
  }

  /** The text form, such as {@code zstd level 1}. */
  @Override
  public String toString() {
    return kind == Kind.NONE ? "none" : kind + " level " + level;
  }
}
