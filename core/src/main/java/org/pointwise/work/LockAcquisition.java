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

/** How a run comes by a {@link RunLock}: what it sees of other runs, and its own entry. */
final class LockAcquisition {
  private static final Logger LOG = LoggerFactory.getLogger(LockAcquisition.class);

  private final ByteStore store;
  private final String output;
  private final String run;
  private final String fingerprint;
  private final String process;
  private final RunLock.Clock clock;
  private final Map<String, LockEntry> first = new HashMap<>(); // by run
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
   * The run's entry, once it has one.
   *
   * @param shared whether another run of the same plan lives
   */
  record Won(LockEntry entry, boolean shared) {}

  /**
   * What is seen of the entries at one time.
   *
   * @param rival the last of another plan that may live
   * @param lives whether one of another plan does
   * @param shared whether one of the same plan may live
   */
  private record Others(
      List<LockEntry> dead, @Nullable LockEntry rival, boolean lives, boolean shared) {}

  /**
   * Waits until no run of another plan lives.
   *
   * @throws InvalidInputException that names one that does
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

  /** Creates the entry after the last, and clears away the dead; null where others came first. */
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
   * Whether others came meanwhile: entries vanish while a list of them is read, so that a number
   * may have been free for a second time, or a rival not in the list.
   */
  private boolean overtaken(LockEntry mine, List<LockEntry> dead) throws IOException {
    for (LockEntry entry : LockEntry.all(store)) {
      boolean rival =
          !dead.contains(entry) // unless it has changed since
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
