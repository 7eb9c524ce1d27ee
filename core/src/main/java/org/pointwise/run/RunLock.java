package org.pointwise.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.JsonText;
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
final class RunLock implements AutoCloseable {
  static final String ENTRIES = "locks";
  static final String RUNS = "runs";

  static final long BEAT_MILLIS = 5_000;
  static final long DEAD_MILLIS = 30_000;

  private static final Logger LOG = LoggerFactory.getLogger(RunLock.class);

  /** Runs of this process, which are the ones of its number that live. */
  private static final Set<String> OURS = ConcurrentHashMap.newKeySet();

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

  /** What an entry says. */
  private record Entry(
      long number, String run, String fingerprint, String process, long beat, boolean ended) {

    String key() {
      return RunLock.key(number);
    }

    byte[] bytes() {
      ObjectNode json =
          JsonText.object()
              .put("run", run)
              .put("fingerprint", fingerprint)
              .put("process", process)
              .put("beat", beat)
              .put("ended", ended);
      return JsonText.bytes(json);
    }

    Entry at(long laterBeat, boolean end) {
      return new Entry(number, run, fingerprint, process, laterBeat, end);
    }
  }

  private final ByteStore store;
  private final String output;
  private final boolean shared;
  private final @Nullable ScheduledExecutorService heart;
  private Entry mine;
  private boolean closed;

  private RunLock(ByteStore store, String output, Entry mine, boolean shared, boolean beating) {
    this.store = store;
    this.output = output;
    this.mine = mine;
    this.shared = shared;
    this.heart =
        beating
            ? Executors.newSingleThreadScheduledExecutor(
                work -> {
                  Thread thread = new Thread(work, "run lock");
                  thread.setDaemon(true);
                  return thread;
                })
            : null;
    if (heart != null) {
      heart.scheduleWithFixedDelay(this::beat, BEAT_MILLIS, BEAT_MILLIS, TimeUnit.MILLISECONDS);
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
  static RunLock acquire(RunFolder folder, String output, String run, String fingerprint)
      throws IOException {
    return acquire(folder.store(), output, run, fingerprint, RunProcess.name(), Clock.SYSTEM, true);
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
    Map<String, Entry> first = new HashMap<>(); // by run
    Map<String, Long> since = new HashMap<>();
    while (true) {
      List<Entry> entries = entries(store);
      long now = clock.millis();
      List<Entry> dead = new ArrayList<>();
      Entry rival = null; // the last of another plan that may live
      boolean lives = false;
      boolean shared = false;
      for (Entry entry : entries) {
        Entry before = first.putIfAbsent(entry.run(), entry);
        long seen = Objects.requireNonNullElse(since.putIfAbsent(entry.run(), now), now);
        boolean changed = before != null && before.beat() != entry.beat();
        boolean silent = !changed && now - seen >= DEAD_MILLIS;
        if (entry.ended() || gone(entry, process) || silent) {
          dead.add(entry);
        } else if (!entry.fingerprint().equals(fingerprint)) {
          rival = entry;
          lives |= changed || here(entry, process);
        } else {
          shared = true;
        }
      }
      if (rival != null && lives) {
        throw new InvalidInputException(
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
      if (rival == null) {
        long number = entries.isEmpty() ? 1 : entries.get(entries.size() - 1).number() + 1;
        Entry mine = new Entry(number, run, fingerprint, process, 0, false);
        OURS.add(run);
        RunLock lock = null;
        try {
          if (store.create(mine.key(), mine.bytes())) {
            if (overtaken(store, mine, process, dead)) {
              store.delete(mine.key());
            } else {
              for (Entry entry : dead) {
                store.delete(entry.key());
                store.delete(RUNS + "/" + entry.run());
              }
              store.put(RUNS + "/" + run, new byte[0]);
              lock = new RunLock(store, output, mine, shared, beating);
              return lock;
            }
          }
        } finally {
          if (lock == null) {
            OURS.remove(run); // an entry that is left counts as dead
          }
        }
        continue;
      }
      if (first.get(rival.run()) == rival) {
        LOG.warn(
            "Waiting up to {} s to see whether run {} on {}, process {}, is still alive",
            DEAD_MILLIS / 1000,
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

  /**
   * Whether others came meanwhile: entries vanish while a list of them is read, so that a number
   * may have been free for a second time, or a rival not in the list.
   */
  private static boolean overtaken(ByteStore store, Entry mine, String process, List<Entry> dead)
      throws IOException {
    for (Entry entry : entries(store)) {
      boolean rival =
          !dead.contains(entry) // unless it has changed since
              && !entry.ended()
              && !gone(entry, process)
              && !entry.fingerprint().equals(mine.fingerprint());
      boolean other = entry.number() == mine.number() && !entry.run().equals(mine.run());
      if (other || entry.number() > mine.number() || (entry.number() < mine.number() && rival)) {
        return true;
      }
    }
    return false;
  }

  /** The entries, by number. One that is not written to the end is alive and of no plan. */
  private static List<Entry> entries(ByteStore store) throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (String name : store.list(ENTRIES)) {
      if (!name.matches("[0-9]{8}\\.json")) {
        continue;
      }
      long number = Long.parseLong(name.substring(0, 8));
      byte[] text = store.get(key(number));
      if (text == null) {
        continue; // deleted just now
      }
      ObjectNode json = parsed(text, store.uri() + "/" + name);
      entries.add(
          new Entry(
              number,
              json.path("run").asText("?"),
              json.path("fingerprint").asText("?"),
              json.path("process").asText("?"),
              json.path("beat").asLong(),
              json.path("ended").asBoolean()));
    }
    return entries;
  }

  private static ObjectNode parsed(byte[] text, String where) {
    try {
      return JsonText.parse(text, where);
    } catch (InvalidInputException e) {
      return JsonText.object(); // it is being written
    }
  }

  private static String key(long number) {
    return String.format(Locale.ROOT, "%s/%08d.json", ENTRIES, number);
  }

  private static boolean here(Entry entry, String process) {
    return RunProcess.sameMachine(entry.process(), process);
  }

  /** Whether an entry's process was on this machine and is no more. */
  private static boolean gone(Entry entry, String process) {
    return entry.process().equals(process)
        ? here(entry, process) && !OURS.contains(entry.run())
        : here(entry, process) && RunProcess.ended(entry.process());
  }

  /** Whether no other run lives. */
  boolean alone() throws IOException {
    for (Entry entry : entries(store)) {
      boolean lives = !entry.ended() && !gone(entry, mine.process());
      if (lives && !entry.run().equals(mine.run())) {
        return false;
      }
    }
    return true;
  }

  /** Whether another run of the same plan lived when this one began. */
  boolean shared() {
    return shared;
  }

  /** Says that this run lives. */
  synchronized void beat() {
    Entry next = mine.at(mine.beat() + 1, false);
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
  synchronized void requireHeld() throws IOException {
    for (Entry entry : entries(store)) {
      if (entry.number() >= mine.number() && !entry.fingerprint().equals(mine.fingerprint())) {
        throw new IncompleteRunException(
            "Cannot finish %s: run %s of another plan has taken it over, since this one was not seen for %d s; look at what it does before running again"
                .formatted(output, entry.run(), DEAD_MILLIS / 1000));
      }
    }
  }

  /** Whether a run's mark is there. */
  static boolean seen(RunFolder folder, String run) throws IOException {
    return folder.store().size(RUNS + "/" + run) >= 0;
  }

  /**
   * Refuses to write where a run's folder cannot be seen.
   *
   * @param folder of the output, opened where the writing happens
   * @throws InvalidInputException that names the host
   */
  static void requireSeen(RunFolder folder, String output, String run) throws IOException {
    if (!seen(folder, run)) {
      throw new InvalidInputException(
          "Cannot write to %s: executor %s does not see %s/%s/%s, which the driver wrote; use a path that driver and executors share (hdfs:, s3a:, a network mount), unless another run has taken the output over"
              .formatted(
                  output,
                  InetAddress.getLocalHost().getHostName(),
                  folder.store().uri(),
                  RUNS,
                  run));
    }
  }

  @Override
  public void close() {
    if (heart != null) {
      heart.shutdownNow();
    }
    synchronized (this) {
      closed = true;
      OURS.remove(mine.run());
      try {
        store.delete(RUNS + "/" + mine.run());
        Entry end = mine.at(mine.beat() + 1, true);
        store.put(end.key(), end.bytes());
      } catch (IOException | RuntimeException e) {
        LOG.debug("Cannot write {}/{}", store.uri(), mine.key(), e); // it will be taken for dead
      }
    }
  }
}
