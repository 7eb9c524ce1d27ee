package org.pointwise.work;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Acquires a {@link RunLock}: observes the entries of other runs and creates the run's own entry.
 */
final class LockAcquisition {
  private static final Logger LOG = LoggerFactory.getLogger(LockAcquisition.class);

  private final ByteStore store;
  private final String output;
  private final String run;
  private final String fingerprint;
  private final String process;
  private final RunLock.Clock clock;
  private final Map<String, LockEntry> first = new HashMap<>(); // by run; as first observed
  private final Map<String, Long> since = new HashMap<>();

  LockAcquisition(
      ByteStore store,
      String output,
      String run,
      String fingerprint,
      String process,
      RunLock.Clock clock) {
    this.store = store;
    this.output = output;
    this.run = run;
    this.fingerprint = fingerprint;
    this.process = process;
    this.clock = clock;
  }

  /**
   * The acquired lock.
   *
   * @param entry entry of the run
   * @param shared whether another run of the same plan may be alive
   */
  record Won(LockEntry entry, boolean shared) {}

  /**
   * The state of the entries of other runs at one time.
   *
   * @param dead entries of dead runs
   * @param rival the last entry of another plan whose run may be alive
   * @param lives whether a run of another plan is alive
   * @param shared whether a run of the same plan may be alive
   */
  private record Others(
      List<LockEntry> dead, @Nullable LockEntry rival, boolean lives, boolean shared) {}

  /**
   * Waits until no run of another plan is alive, then creates the entry.
   *
   * @throws InvalidInputException that names a live run of another plan
   */
  Won win() throws IOException {
    while (true) {
      List<LockEntry> entries = LockEntry.all(store);
      Others others = look(entries);
      LockEntry rival = others.rival();
      if (rival == null) {
        LockEntry mine = enter(entries, others.dead());
        if (mine != null) {
          return new Won(mine, others.shared());
        }
        continue;
      }
      if (others.lives()) {
        throw refusal(rival);
      }
      await(rival);
    }
  }

  private Others look(List<LockEntry> entries) {
    long now = clock.millis();
    List<LockEntry> dead = new ArrayList<>();
    LockEntry rival = null;
    boolean lives = false;
    boolean shared = false;
    for (LockEntry entry : entries) {
      LockEntry before = first.putIfAbsent(entry.run(), entry);
      long seen = Objects.requireNonNullElse(since.putIfAbsent(entry.run(), now), now);
      boolean changed = before != null && before.beat() != entry.beat();
      boolean silent = !changed && now - seen >= RunLock.DEAD_MILLIS;
      if (entry.ended() || entry.gone(process) || silent) {
        dead.add(entry);
      } else if (!entry.fingerprint().equals(fingerprint)) {
        rival = entry;
        lives |= changed || entry.here(process);
      } else {
        shared = true;
      }
    }
    return new Others(dead, rival, lives, shared);
  }

  private InvalidInputException refusal(LockEntry rival) {
    return new InvalidInputException(
        "Cannot write to %s: run %s is writing to it (process %s, plan %.12s; this one is %.12s%s); wait until it has ended, or choose another output"
            .formatted(
                output,
                rival.run(),
                rival.process(),
                rival.fingerprint(),
                fingerprint,
                rival.fingerprint().regionMatches(0, fingerprint, 0, 12)
                    ? ", but one of the two replaces the output and shares it with nobody"
                    : ""));
  }

  /**
   * Creates the entry with the next number and deletes the dead entries; null where another run was
   * faster.
   */
  private @Nullable LockEntry enter(List<LockEntry> entries, List<LockEntry> dead)
      throws IOException {
    long number = entries.isEmpty() ? 1 : entries.get(entries.size() - 1).number() + 1;
    LockEntry mine = new LockEntry(number, run, fingerprint, process, 0, false);
    LockEntry.began(run);
    boolean entered = false;
    try {
      if (!store.create(mine.key(), mine.bytes())) {
        return null;
      }
      if (overtaken(mine, dead)) {
        store.delete(mine.key());
        return null;
      }
      for (LockEntry entry : dead) {
        store.delete(entry.key());
        store.delete(RunLock.RUNS + "/" + entry.run());
      }
      store.put(RunLock.RUNS + "/" + run, new byte[0]);
      entered = true;
      return mine;
    } finally {
      if (!entered) {
        LockEntry.left(run);
      }
    }
  }

  /**
   * Whether other runs interfered. Entries may vanish while they are listed, so that a number may
   * have become free a second time, or a rival may be missing from the list.
   */
  private boolean overtaken(LockEntry mine, List<LockEntry> dead) throws IOException {
    for (LockEntry entry : LockEntry.all(store)) {
      boolean rival =
          !dead.contains(entry) // an entry that has changed is not equal, hence no longer dead
              && !entry.ended()
              && !entry.gone(process)
              && !entry.fingerprint().equals(mine.fingerprint());
      boolean other = entry.number() == mine.number() && !entry.run().equals(mine.run());
      if (other || entry.number() > mine.number() || (entry.number() < mine.number() && rival)) {
        return true;
      }
    }
    return false;
  }

  private void await(LockEntry rival) {
    if (first.get(rival.run()) == rival) {
      LOG.warn(
          "Waiting up to {} s to see whether run {} on {}, process {}, is still alive",
          RunLock.DEAD_MILLIS / 1000,
          rival.run(),
          output,
          rival.process());
    }
    try {
      clock.pause(1000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IncompleteRunException(
          "Interrupted; what is stored is whole, run the same command again to continue", e);
    }
  }
}
