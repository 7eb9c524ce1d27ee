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
 * The right of a run to write to an output. Runs of one plan share it, since they store the same
 * bytes; a run of another plan is refused while one lives.
 *
 * <p>Each run creates {@code locks/NUMBER.json} in the run folder, with the number after the
 * largest there is, which only one of several can; so whoever has a number has seen all smaller
 * ones and found none that lives and is of another plan. The entry changes every {@link
 * #BEAT_MILLIS}; one that has not changed for {@link #DEAD_MILLIS} by the clock of whoever waits,
 * or whose process has gone from the same machine, is dead. The last entry stays, marked as ended,
 * so that numbers only grow.
 *
 * <p>While a run lives, {@code runs/RUN} is there for its executors, which look for it before they
 * write: one that does not see it writes to another disk, or for a run that was taken for dead.
 *
 * <p>Thread-safe.
 */
public final class RunLock implements AutoCloseable {
  static final String ENTRIES = "locks";
  static final String RUNS = "runs";

  static final long BEAT_MILLIS = 5_000;
  static final long DEAD_MILLIS = 30_000;

  private static final Logger LOG = LoggerFactory.getLogger(RunLock.class);

  /** How one who waits sees time go by. */
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
  private LockEntry mine;
  private boolean closed;

  private RunLock(ByteStore store, String output, LockEntry mine, boolean shared, boolean beating) {
    this.store = store;
    this.output = output;
    this.mine = mine;
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
   * Takes the right to write, waiting for {@link #DEAD_MILLIS} where another run may be dead.
   *
   * @param folder of the output
   * @param run its name
   * @param fingerprint of its plan: runs share the right where theirs are equal
   * @throws InvalidInputException that names a living run of another plan
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
    LockAcquisition.Won won = contest.win();
    return new RunLock(store, output, won.entry(), won.shared(), beating);
  }

  /** Whether no other run lives. */
  public boolean alone() throws IOException {
    for (LockEntry entry : LockEntry.all(store)) {
      boolean lives = !entry.ended() && !entry.gone(mine.process());
      if (lives && !entry.run().equals(mine.run())) {
        return false;
      }
    }
    return true;
  }

  /** Whether another run of the same plan lived when this one began. */
  public boolean shared() {
    return shared;
  }

  /** Says that this run lives. */
  synchronized void beat() {
    LockEntry next = mine.at(mine.beat() + 1, false);
    try {
      if (closed || store.size(RUNS + "/" + mine.run()) < 0) {
        return; // or another has taken over: its entry is not to be disturbed
      }
      store.put(next.key(), next.bytes());
      mine = next;
    } catch (IOException | RuntimeException e) {
      LOG.debug("Cannot write {}/{}", store.uri(), mine.key(), e); // the next beat may
    }
  }

  /**
   * Refuses to go on for a run that another took for dead.
   *
   * @throws IncompleteRunException that names the other
   */
  public synchronized void requireHeld() throws IOException {
    for (LockEntry entry : LockEntry.all(store)) {
      if (entry.number() >= mine.number() && !entry.fingerprint().equals(mine.fingerprint())) {
        throw new IncompleteRunException(
            "Cannot finish %s: run %s of another plan has taken it over, since this one was not seen for %d s; look at what it does before running again"
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
      LockEntry.left(mine.run());
      try {
        store.delete(RUNS + "/" + mine.run());
        LockEntry end = mine.at(mine.beat() + 1, true);
        store.put(end.key(), end.bytes());
      } catch (IOException | RuntimeException e) {
        LOG.debug("Cannot write {}/{}", store.uri(), mine.key(), e); // it will be taken for dead
      }
    }
  }
}
