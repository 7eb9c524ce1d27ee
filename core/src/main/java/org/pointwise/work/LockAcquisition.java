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
  private final Map<String, LockEntry> firstObserved = new HashMap<>(); // by run; as first observed
  private final Map<String, Long> observedSince = new HashMap<>();

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
   * @param conflict the last entry of another plan whose run may be alive
   * @param alive whether a run of another plan is alive
   * @param shared whether a run of the same plan may be alive
   */
  private record Others(
      List<LockEntry> dead, @Nullable LockEntry conflict, boolean alive, boolean shared) {}

  /**
   * Waits until no run of another plan is alive, then creates the entry.
   *
   * @throws InvalidInputException that names a live run of another plan
   */
  Won acquire() throws IOException {
    while (true) {
      List<LockEntry> entries = LockEntry.all(store);
      Others others = classify(entries);
      LockEntry conflict = others.conflict();
      if (conflict == null) {
        LockEntry own = createEntry(entries, others.dead());
        if (own != null) {
          return new Won(own, others.shared());
        }
        continue;
      }
      if (others.alive()) {
        throw refusal(conflict);
      }
      await(conflict);
    }
  }

  private Others classify(List<LockEntry> entries) {
    long now = clock.millis();
    List<LockEntry> dead = new ArrayList<>();
    LockEntry conflict = null;
    boolean alive = false;
    boolean shared = false;
    for (LockEntry entry : entries) {
      LockEntry previous = firstObserved.putIfAbsent(entry.run(), entry);
      long since = Objects.requireNonNullElse(observedSince.putIfAbsent(entry.run(), now), now);
      boolean changed = previous != null && previous.beat() != entry.beat();
      boolean stale = !changed && now - since >= RunLock.DEAD_MILLIS;
      if (entry.ended() || entry.isDead(process) || stale) {
        dead.add(entry);
      } else if (!entry.fingerprint().equals(fingerprint)) {
        conflict = entry;
        alive |= changed || entry.isOnMachineOf(process);
      } else {
        shared = true;
      }
    }
    return new Others(dead, conflict, alive, shared);
  }

  private InvalidInputException refusal(LockEntry conflict) {
    return new InvalidInputException(
        "Cannot write to %s: run %s is writing to it (process %s, plan %.12s; this one is %.12s%s); wait until it has ended, or choose another output"
            .formatted(
                output,
                conflict.run(),
                conflict.process(),
                conflict.fingerprint(),
                fingerprint,
                conflict.fingerprint().regionMatches(0, fingerprint, 0, 12)
                    ? ", but one of the two replaces the output and shares it with nobody"
                    : ""));
  }

  /**
   * Creates the entry with the next number and deletes the dead entries; null where another run was
   * faster.
   */
  private @Nullable LockEntry createEntry(List<LockEntry> entries, List<LockEntry> dead)
      throws IOException {
    long number = entries.isEmpty() ? 1 : entries.get(entries.size() - 1).number() + 1;
    LockEntry own = new LockEntry(number, run, fingerprint, process, 0, false);
    LockEntry.register(run);
    boolean created = false;
    try {
      if (!store.create(own.key(), own.bytes())) {
        return null;
      }
      if (isContested(own, dead)) {
        store.delete(own.key());
        return null;
      }
      for (LockEntry entry : dead) {
        store.delete(entry.key());
        store.delete(RunLock.RUNS + "/" + entry.run());
      }
      store.put(RunLock.RUNS + "/" + run, new byte[0]);
      created = true;
      return own;
    } finally {
      if (!created) {
        LockEntry.unregister(run);
      }
    }
  }

  /**
   * Whether other runs interfered. Entries may vanish while they are listed, so that a number may
   * have become free a second time, or a rival may be missing from the list.
   */
  private boolean isContested(LockEntry own, List<LockEntry> dead) throws IOException {
    for (LockEntry entry : LockEntry.all(store)) {
      boolean conflict =
          !dead.contains(entry) // an entry that has changed is not equal, hence no longer dead
              && !entry.ended()
              && !entry.isDead(process)
              && !entry.fingerprint().equals(own.fingerprint());
      boolean other = entry.number() == own.number() && !entry.run().equals(own.run());
      if (other || entry.number() > own.number() || (entry.number() < own.number() && conflict)) {
        return true;
      }
    }
    return false;
  }

  private void await(LockEntry conflict) {
    if (firstObserved.get(conflict.run()) == conflict) {
      LOG.warn(
          "Waiting up to {} s to see whether run {} on {}, process {}, is still alive",
          RunLock.DEAD_MILLIS / 1000,
          conflict.run(),
          output,
          conflict.process());
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
