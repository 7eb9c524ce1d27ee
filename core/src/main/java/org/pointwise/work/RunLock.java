package org.pointwise.work;

import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right of a run to write to an output. Runs of the same plan share it, since they store the
 * same bytes. A run of another plan is refused while a run is alive.
 *
 * <p>Each run creates {@code locks/NUMBER.json} in the run folder, where NUMBER follows the largest
 * existing number. Only one of several runs can create it. The owner of a number has therefore read
 * all smaller numbers and has found no live run of another plan. The entry changes every {@link
 * #BEAT_MILLIS}. An entry is dead if it has not changed for {@link #DEAD_MILLIS} by the clock of
 * the waiting run, or if its process was on the same machine and has ended. The last entry stays,
 * marked as ended, so that numbers only increase.
 *
 * <p>While a run is alive, the mark {@code runs/RUN} exists. Its executors check for it before they
 * write: an executor that does not see it writes to another disk, or for a run that was taken for
 * dead.
 *
 * <p>Thread-safe.
 */
public final class RunLock implements AutoCloseable {
  static final String ENTRIES = "locks";
  static final String RUNS = "runs";

  static final long BEAT_MILLIS = 5_000;
  static final long DEAD_MILLIS = 30_000;

  private static final Logger LOG = LoggerFactory.getLogger(RunLock.class);

  /** The clock of a waiting run. */
  interface Clock {
    long millis();

    void pause(long millis) throws InterruptedException;

    Clock SYSTEM =
        new Clock() {
          @Override
          public long millis() {
            return System.nanoTime() / 1_000_000;
          }

          @Override
          public void pause(long millis) throws InterruptedException {
            Thread.sleep(millis);
          }
        };
  }

  private final ByteStore store;
  private final String output;
  private final boolean shared;
  private final @Nullable ScheduledExecutorService heartbeat;
  private LockEntry ownEntry;
  private boolean closed;

  private RunLock(
      ByteStore store, String output, LockEntry ownEntry, boolean shared, boolean beating) {
    this.store = store;
    this.output = output;
    this.ownEntry = ownEntry;
    this.shared = shared;
    this.heartbeat =
        beating
            ? Executors.newSingleThreadScheduledExecutor(
                work -> {
                  Thread thread = new Thread(work, "run lock");
                  thread.setDaemon(true);
                  return thread;
                })
            : null;
    if (heartbeat != null) {
      heartbeat.scheduleWithFixedDelay(this::beat, BEAT_MILLIS, BEAT_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /**
   * Acquires the right to write. Waits up to {@link #DEAD_MILLIS} where another run may be dead.
   *
   * @param folder run folder of the output
   * @param output path of the output
   * @param run name of the run
   * @param fingerprint fingerprint of the run's plan; runs with equal fingerprints share the right
   * @throws InvalidInputException that names a live run of another plan
   */
  public static RunLock acquire(RunFolder folder, String output, String run, String fingerprint)
      throws IOException {
    return acquire(
        folder.store(), output, run, fingerprint, ProcessName.name(), Clock.SYSTEM, true);
  }

  static RunLock acquire(
      ByteStore store,
      String output,
      String run,
      String fingerprint,
      String process,
      Clock clock,
      boolean beating)
      throws IOException {
    LockAcquisition contest = new LockAcquisition(store, output, run, fingerprint, process, clock);
    LockAcquisition.Won won = contest.acquire();
    return new RunLock(store, output, won.entry(), won.shared(), beating);
  }

  /** Whether no other run is alive. */
  public boolean isExclusive() throws IOException {
    for (LockEntry entry : LockEntry.all(store)) {
      boolean alive = !entry.ended() && !entry.isDead(ownEntry.process());
      if (alive && !entry.run().equals(ownEntry.run())) {
        return false;
      }
    }
    return true;
  }

  /** Whether another run of the same plan was alive when this run began. */
  public boolean shared() {
    return shared;
  }

  /** Updates the entry, to show that this run is alive. */
  synchronized void beat() {
    LockEntry next = ownEntry.withBeat(ownEntry.beat() + 1, false);
    try {
      if (closed || store.size(RUNS + "/" + ownEntry.run()) < 0) {
        return; // closed, or another run has taken over, whose entry must not be disturbed
      }
      store.put(next.key(), next.bytes());
      ownEntry = next;
    } catch (IOException | RuntimeException e) {
      LOG.debug("Cannot write {}/{}", store.uri(), ownEntry.key(), e); // the next beat may succeed
    }
  }

  /**
   * Checks that no run of another plan took this run for dead.
   *
   * @throws IncompleteRunException that names the other run
   */
  public synchronized void requireHeld() throws IOException {
    for (LockEntry entry : LockEntry.all(store)) {
      if (entry.number() >= ownEntry.number()
          && !entry.fingerprint().equals(ownEntry.fingerprint())) {
        throw new IncompleteRunException(
            "Cannot finish %s: run %s of another plan has taken it over, since this one was not seen for %d s; check that run before running again"
                .formatted(output, entry.run(), DEAD_MILLIS / 1000));
      }
    }
  }

  @Override
  public void close() {
    if (heartbeat != null) {
      heartbeat.shutdownNow();
    }
    synchronized (this) {
      closed = true;
      LockEntry.unregister(ownEntry.run());
      try {
        store.delete(RUNS + "/" + ownEntry.run());
        LockEntry end = ownEntry.withBeat(ownEntry.beat() + 1, true);
        store.put(end.key(), end.bytes());
      } catch (IOException | RuntimeException e) {
        LOG.debug("Cannot write {}/{}", store.uri(), ownEntry.key(), e); // it will count as dead
      }
    }
  }
}
