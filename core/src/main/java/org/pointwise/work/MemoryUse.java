package org.pointwise.work;

import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;

/** What memory this process has used. */
final class MemoryUse {
  private static final Path STATUS = Path.of("/proc/self/status");

  private MemoryUse() {}

  /**
   * Bytes of the heap that were in use after the last collection of each of its pools, or are now
   * where there was none: what lives, without garbage.
   */
  static long liveHeapBytes() {
    long collections = 0;
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      collections += collector.getCollectionCount();
    }
    long live = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      MemoryUsage usage = collections > 0 ? pool.getCollectionUsage() : pool.getUsage();
      if (pool.getType() == MemoryType.HEAP && usage != null) {
        live += usage.getUsed();
      }
    }
    return live;
  }

  /**
   * The most bytes of this process that lay in memory at once; 0 where the system does not report
   * it.
   */
  static long peakResidentBytes() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith("VmHWM:")) {
          return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
    return 0;
  }
}
