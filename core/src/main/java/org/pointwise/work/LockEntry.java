package org.pointwise.work;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.JsonText;

/**
 * The entry of a run among the locks of an output, {@code locks/NUMBER.json}.
 *
 * @param fingerprint fingerprint of the run's plan
 * @param process process of the run, by {@link ProcessName#name}
 * @param beat increases while the run is alive
 * @param ended whether the run has ended
 */
record LockEntry(
    long number, String run, String fingerprint, String process, long beat, boolean ended) {
  /** Live runs of this process; an entry of this process that names another run is dead. */
  private static final Set<String> LIVE_RUNS = ConcurrentHashMap.newKeySet();

  /** Records that a run of this process is alive. */
  static void register(String run) {
    LIVE_RUNS.add(run);
  }

  /** Records that a run of this process has ended; a remaining entry of it counts as dead. */
  static void unregister(String run) {
    LIVE_RUNS.remove(run);
  }

  /** All entries, by number. An incompletely written entry counts as alive and matches no plan. */
  static List<LockEntry> all(ByteStore store) throws IOException {
    List<LockEntry> entries = new ArrayList<>();
    for (String name : store.list(RunLock.ENTRIES)) {
      if (!name.matches("[0-9]{8}\\.json")) {
        continue;
      }
      long number = Long.parseLong(name.substring(0, 8));
      byte[] text = store.get(key(number));
      if (text == null) {
        continue; // deleted after it was listed
      }
      ObjectNode json = parsed(text, store.uri() + "/" + name);
      entries.add(
          new LockEntry(
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
      return JsonText.object(); // incompletely written
    }
  }

  private static String key(long number) {
    return String.format(Locale.ROOT, "%s/%08d.json", RunLock.ENTRIES, number);
  }

  String key() {
    return key(number);
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

  /** The same entry at a later beat. */
  LockEntry withBeat(long otherBeat, boolean end) {
    return new LockEntry(number, run, fingerprint, process, otherBeat, end);
  }

  /** Whether its process is certainly on the same machine as another process. */
  boolean isOnMachineOf(String other) {
    return ProcessName.sameMachine(process, other);
  }

  /**
   * Whether its process was on this machine and has ended.
   *
   * @param thisProcess name of this process
   */
  boolean isDead(String thisProcess) {
    return process.equals(thisProcess)
        ? isOnMachineOf(thisProcess) && !LIVE_RUNS.contains(run)
        : isOnMachineOf(thisProcess) && ProcessName.ended(process);
  }
}
