package org.pointwise.work;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Hashes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Caches the numbers of slow units in a run folder until the pass has ended, so that an interrupted
 * pass continues. The cache affects only the duration: where it cannot be read or written, units
 * are computed. Thread-safe.
 */
public final class UnitResultCache {
  private static final Logger LOG = LoggerFactory.getLogger(UnitResultCache.class);

  /** Faster units are computed again, which costs less than storing an object for each. */
  public static final Duration MIN_DURATION = Duration.ofSeconds(1);

  /** Older entries belong to an abandoned pass. */
  private static final Duration MAX_AGE = Duration.ofDays(7);

  private final ByteStore store;
  private final String folder;
  private final Duration min;
  private final Set<String> storedNames = new HashSet<>();

  /**
   * Opens the cache of a pass.
   *
   * @param destination output beside which the run folder lies
   * @param lines all inputs that determine the numbers of all units
   * @param min minimum duration of units whose numbers are cached; {@link #MIN_DURATION} except in
   *     tests
   */
  public UnitResultCache(String destination, String lines, ByteStores stores, Duration min) {
    this.store = RunFolder.of(destination, stores).store();
    this.folder = RunFolder.RESULT_CACHE + "/" + Hashes.sha256(lines).substring(0, 16);
    this.min = min;
    long oldest = System.currentTimeMillis() - MAX_AGE.toMillis();
    try {
      store
          .statuses(folder)
          .forEach(
              (name, status) -> {
                if (status.modified() > oldest) {
                  storedNames.add(name);
                }
              });
    } catch (IOException e) {
      LOG.debug("Nothing that was kept in {} is used", folder, e);
    }
  }

  /**
   * The numbers of a unit, from the cache or computed.
   *
   * @param basis inputs of the numbers besides {@code lines}, such as lengths and modification
   *     times of the objects that the unit reads
   * @param compute computes the numbers where they are not cached
   */
  public double[] of(long ordinal, String basis, Supplier<double[]> compute) {
    String name = ordinal + "-" + Hashes.sha256(basis).substring(0, 16);
    double[] cached = storedNames.contains(name) ? read(name) : null;
    if (cached != null) {
      return cached;
    }
    long startedNanos = System.nanoTime();
    double[] numbers = compute.get();
    if (System.nanoTime() - startedNanos >= min.toNanos()) {
      write(name, numbers);
    }
    return numbers;
  }

  private double @Nullable [] read(String name) {
    try {
      byte[] bytes = store.get(folder + "/" + name);
      if (bytes == null) {
        return null;
      }
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      long crc = buffer.getLong();
      if (crc != crc(bytes)) {
        return null;
      }
      double[] numbers = new double[buffer.remaining() / Double.BYTES];
      buffer.asDoubleBuffer().get(numbers);
      return numbers;
    } catch (IOException | BufferUnderflowException e) {
      LOG.debug("What was kept as {} is not used", name, e);
      return null;
    }
  }

  private void write(String name, double[] numbers) {
    byte[] bytes = new byte[(1 + numbers.length) * Double.BYTES];
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    buffer.position(Long.BYTES);
    buffer.asDoubleBuffer().put(numbers);
    buffer.putLong(0, crc(bytes));
    try {
      store.put(folder + "/" + name, bytes);
    } catch (IOException e) {
      LOG.debug("{} is not kept", name, e);
    }
  }

  /** The checksum of all bytes except the first eight. */
  private static long crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, Long.BYTES, bytes.length - Long.BYTES);
    return crc.getValue();
  }

  /** Deletes the cache beside a destination, after its pass has ended. */
  public static void delete(String destination, ByteStores stores) {
    try {
      RunFolder.of(destination, stores).store().delete(RunFolder.RESULT_CACHE);
    } catch (IOException e) {
      LOG.debug("What was kept beside {} is left over", destination, e);
    }
  }
}
