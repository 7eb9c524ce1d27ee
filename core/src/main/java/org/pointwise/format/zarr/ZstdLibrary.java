package org.pointwise.format.zarr;

import com.github.luben.zstd.Zstd;

/**
 * The library that compresses: the Java environment's, such as Spark's, not one of ours. Versions
 * of it compress the same numbers to different bytes.
 */
public final class ZstdLibrary {
  private ZstdLibrary() {}

  /** The version of zstd-jni here, such as {@code 1.5.7-6}. */
  public static String version() {
    try {
      // Read at run time: the compiler would copy the constant of the version that it sees.
      return String.valueOf(
          Class.forName("com.github.luben.zstd.util.ZstdVersion", true, Zstd.class.getClassLoader())
              .getField("VERSION")
              .get(null));
    } catch (ReflectiveOperationException e) {
      return "unknown";
    }
  }
}
