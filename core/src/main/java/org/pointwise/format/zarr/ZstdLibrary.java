package org.pointwise.format.zarr;

import com.github.luben.zstd.Zstd;

/**
 * Reports the version of the zstd library that compresses. The Java environment, such as Spark,
 * provides the library; this project does not. Different versions compress the same numbers to
 * different bytes.
 */
public final class ZstdLibrary {
  private ZstdLibrary() {}

  /** Returns the version of zstd-jni in this process, such as {@code 1.5.7-6}. */
  public static String version() {
    try {
      // Read at run time: the compiler would inline the constant of the version at build time.
      return String.valueOf(
          Class.forName("com.github.luben.zstd.util.ZstdVersion", true, Zstd.class.getClassLoader())
              .getField("VERSION")
              .get(null));
    } catch (ReflectiveOperationException e) {
      return "unknown";
    }
  }
}
