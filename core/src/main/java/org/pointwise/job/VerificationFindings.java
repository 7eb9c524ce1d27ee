package org.pointwise.job;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.pointwise.format.StoredState;
import org.pointwise.store.JsonText;

/** What a verification found. Thread-safe. */
public final class VerificationFindings {
  private static final int MAX_PROBLEMS = 100;

  /** Something wrong: a {@link StoredState} in words, or what is wrong with the output itself. */
  private record Problem(String state, String key, String detail) {}

  private final List<Problem> problems = new ArrayList<>();
  private final long[] counts = new long[StoredState.values().length];
  private boolean ended;
  private boolean unfinished;
  private boolean broken; // damage other than that of objects
  private long deleted;
  private long otherProblems;
  private long badPixels;
  private long tiles;
  private long comparedTiles;
  private long comparedPixels;
  private long comparedValues;
  private double worstError;

  /** Adds objects of one state, without their names. */
  synchronized void count(StoredState state, long objects) {
    counts[state.ordinal()] += objects;
  }

  /** Names an object in which something is wrong; {@link #count} counts it. */
  synchronized void name(StoredState state, String key, String detail) {
    if (wantsNames()) {
      problems.add(new Problem(state.words(), key, detail));
    }
  }

  /** Whether the first hundred names are not yet complete. */
  synchronized boolean wantsNames() {
    return problems.size() < MAX_PROBLEMS;
  }

  /** Adds damage of the output as a whole, or of its numbers. */
  synchronized void addProblem(String what) {
    broken = true;
    add(what);
  }

  /** Adds what nothing proves, though nothing shows that it is wrong. */
  synchronized void addUnproven(String what) {
    add(what);
  }

  private void add(String what) {
    otherProblems++;
    if (wantsNames()) {
      problems.add(new Problem("problem", "", what));
    }
  }

  /** Adds that a run is to be continued: what is missing is not lost, but not yet written. */
  synchronized void addUnfinished(String what) {
    unfinished = true;
    add(what);
  }

  /** Whether a run is to be continued. */
  synchronized boolean unfinished() {
    return unfinished;
  }

  synchronized void addDeleted(long objects) {
    deleted += objects;
  }

  /** How many objects were deleted. */
  public synchronized long deleted() {
    return deleted;
  }

  /** Pixels that are no data since their input could not be decoded. */
  synchronized void addBadPixels(long pixels) {
    badPixels += pixels;
  }

  /** Tiles of a head's input. */
  synchronized void addTiles(long all) {
    tiles += all;
  }

  /** Tiles all of whose chosen pixels were compared. */
  synchronized void addComparedTiles(long compared) {
    comparedTiles += compared;
  }

  /** Pixels and values compared, and the largest error as a fraction of what float32 may err. */
  synchronized void addCompared(long pixels, long values, double error) {
    comparedPixels += pixels;
    comparedValues += values;
    worstError = Math.max(worstError, error);
  }

  /** Says that nothing else can be found out of what is there. */
  synchronized void end() {
    ended = true;
  }

  /** Whether nothing else can be found out, as while another output takes its place. */
  public synchronized boolean ended() {
    return ended;
  }

  public synchronized boolean ok() {
    return otherProblems == 0 && wrongObjects() == 0;
  }

  private String status() {
    if (ok()) {
      return "whole";
    }
    if (broken || hasDeletable()) {
      return "damaged";
    }
    if (unfinished) {
      return "incomplete";
    }
    return counts[StoredState.NEVER_WRITTEN.ordinal()] > 0 ? "damaged" : "unproven";
  }

  private long wrongObjects() {
    long wrong = 0;
    for (StoredState state : StoredState.values()) {
      wrong += state.wrong() ? counts[state.ordinal()] : 0;
    }
    return wrong;
  }

  /** Whether there is something that can be deleted, to be written again. */
  synchronized boolean hasDeletable() {
    for (StoredState state : StoredState.values()) {
      if (state.deletable() && counts[state.ordinal()] > 0) {
        return true;
      }
    }
    return false;
  }

  /** Counts, and the first hundred problems by name. */
  public synchronized ObjectNode json() {
    ObjectNode json = JsonText.object().put("status", status());
    for (StoredState state : StoredState.values()) {
      json.put(state.json(), counts[state.ordinal()]);
    }
    json.put("deleted", deleted).put("otherProblems", otherProblems).put("badPixels", badPixels);
    if (tiles > 0) {
      json.put("tiles", tiles)
          .put("comparedTiles", comparedTiles)
          .put("comparedPixels", comparedPixels)
          .put("comparedValues", comparedValues)
          .put("worstErrorOfBound", worstError);
    }
    ArrayNode list = json.putArray("problems");
    for (Problem problem : problems) {
      ObjectNode entry = list.addObject().put("state", problem.state());
      if (!problem.key().isEmpty()) {
        entry.put("key", problem.key());
      }
      if (!problem.detail().isEmpty()) {
        entry.put("detail", problem.detail());
      }
    }
    return json;
  }
}
