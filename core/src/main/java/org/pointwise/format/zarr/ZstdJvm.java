package org.pointwise.format.zarr;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.Compression;

/**
 * Rejects JVMs on which zstd-jni stores damaged frames without an error. With G1 in JDK 25.0.0 to
 * 25.0.2, a Java array may move while native code compresses it (JDK-8377811; zstd-jni issue 377).
 * Checksums do not detect this damage, because they are computed from what was compressed.
 */
public final class ZstdJvm {
  private ZstdJvm() {}

  /**
   * Checks the JVM of this process.
   *
   * @throws InvalidInputException if output must not be compressed by zstd on this JVM
   */
  public static void requireSafe(Compression compression) {
    List<String> collectors =
        ManagementFactory.getGarbageCollectorMXBeans().stream()
            .map(GarbageCollectorMXBean::getName)
            .toList();
    if (compression.kind() == Compression.Kind.ZSTD && unsafe(Runtime.version(), collectors)) {
      throw new InvalidInputException(
          "Cannot compress by zstd on Java %s with the G1 collector: these versions damage what is compressed (JDK-8377811); use Java 25.0.3 or another version, -XX:+UseParallelGC on driver and executors, or --compressor gzip"
              .formatted(Runtime.version()));
    }
  }

  static boolean unsafe(Runtime.Version version, List<String> collectors) {
    return version.feature() == 25
        && version.interim() == 0
        && version.update() <= 2
        && collectors.stream().anyMatch(name -> name.startsWith("G1"));
  }
}
