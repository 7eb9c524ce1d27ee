package org.pointwise.format;

import java.util.Locale;
import org.pointwise.errors.InvalidInputException;

/** The compression of output chunks. */
public record Compression(Kind kind, int level) {
  /** The compressors for output. */
  public enum Kind {
    ZSTD(1, -7, 22),
    /** Blosc with lz4 and bit shuffle. The fastest to read if the library has a native build. */
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

    /** Returns the default level. */
    public int standardLevel() {
      return standard;
    }

    /** Returns the smallest level. */
    public int min() {
      return min;
    }

    /** Returns the largest level. */
    public int max() {
      return max;
    }

    public boolean hasLevel(int level) {
      return level >= min && level <= max;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Returns the compression at its default level. */
  public static Compression of(Kind kind) {
    return new Compression(kind, kind.standard);
  }

  public Compression {
    if (!kind.hasLevel(level)) {
      throw new InvalidInputException(
          "Cannot compress with %s level %d: it has levels %d to %d"
              .formatted(kind, level, kind.min, kind.max));
    }
  }

  /**
   * Parses the text form.
   *
   * @throws IllegalArgumentException if the text is not a compression
   */
  public static Compression parse(String text) {
    String[] words = text.split(" level ", 2);
    return new Compression(
        Kind.valueOf(words[0].toUpperCase(Locale.ROOT)),
        words.length == 1 ? 0 : Integer.parseInt(words[1]));
  }

  /**
   * Returns the maximum memory outside the heap for the contexts of one thread. For zstd, this is
   * the result of {@code ZSTD_estimateCCtxSize} for the level and all lower levels, rounded up.
   */
  public long contextBytes() {
    if (kind != Kind.ZSTD) {
      return 8L << 20;
    }
    return (level <= 4 ? 8L : level <= 12 ? 48 : level <= 19 ? 128 : 1024) << 20;
  }

  /** Returns the text form, such as {@code zstd level 1}. */
  @Override
  public String toString() {
    return kind == Kind.NONE ? "none" : kind + " level " + level;
  }
}
