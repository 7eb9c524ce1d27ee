package org.pointwise.job;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.PrintableText;
import org.pointwise.format.StoredState;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.ElementType;

/** The findings of a verification. Thread-safe. */
public final class VerificationFindings {
  private static final int MAX_PROBLEMS = 100;

  /** A problem of an object, described by its {@link StoredState}, or of the output itself. */
  private record Problem(String state, String key, String detail) {}

  private final List<Problem> problems = new ArrayList<>();
  private final long[] counts = new long[StoredState.values().length];
  private String command = "reduce";
  private boolean ended;
  private boolean unfinished;
  private @Nullable String notCompared;
  private boolean broken; // damage other than that of objects
  private long deleted;
  private long otherProblems;
  private long badPixels;
  private long tiles;
  private long comparedTiles;
  private long comparedPixels;
  private long comparedValues;
  private double worstError;
  private final Set<String> comparedTypes = new TreeSet<>();

  /** Sets the command that made the output. */
  synchronized void setCommand(String value) {
    command = value;
  }

  /** Returns the command that made the output, for remedies. */
  synchronized String command() {
    return command;
  }

  /** Counts objects of one state, without their names. */
  synchronized void count(StoredState state, long objects) {
    counts[state.ordinal()] += objects;
  }

  /** Adds the name of an object with a problem; {@link #count} counts the object. */
  synchronized void addObject(StoredState state, String key, String detail) {
    if (acceptsNames()) {
      problems.add(new Problem(state.label(), PrintableText.of(key), PrintableText.of(detail)));
    }
  }

  /**
   * Counts an object as corrupt that was counted as whole by its length and index.
   *
   * @return false if the object was not counted as whole, or this is not known
   */
  synchronized boolean recount(String key, String detail) {
    if (!acceptsNames() || problems.stream().anyMatch(problem -> problem.key().equals(key))) {
      return false;
    }
    counts[StoredState.WHOLE.ordinal()]--;
    count(StoredState.CORRUPT, 1);
    addObject(StoredState.CORRUPT, key, detail);
    return true;
  }

  /** Returns whether fewer than a hundred problems are named. */
  synchronized boolean acceptsNames() {
    return problems.size() < MAX_PROBLEMS;
  }

  /** Adds a problem of the output as a whole, or of its numbers. */
  synchronized void addProblem(String problem) {
    broken = true;
    add(problem);
  }

  /** Adds what nothing proves, though nothing shows that it is wrong. */
  synchronized void addUnproven(String what) {
    add(what);
  }

  private void add(String what) {
    otherProblems++;
    if (acceptsNames()) {
      problems.add(new Problem("problem", "", PrintableText.of(what)));
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

  /** Sets the reason why no numbers were compared although they should have been. */
  public synchronized void setNotCompared(String reason) {
    notCompared = reason;
  }

  synchronized void addDeleted(long objects) {
    deleted += objects;
  }

  /** Returns the number of deleted objects. */
  public synchronized long deleted() {
    return deleted;
  }

  /** Adds pixels that are nodata because their input could not be decoded. */
  synchronized void addBadPixels(long pixels) {
    badPixels += pixels;
  }

  /** Adds the tiles of a head's input, compared or not. */
  synchronized void addTiles(long all) {
    tiles += all;
  }

  /** Adds tiles of which all chosen pixels were compared. */
  synchronized void addComparedTiles(long compared) {
    comparedTiles += compared;
  }

  /**
   * Adds compared pixels and values, the type in which they are stored, and their largest error as
   * a fraction of the bound for float32 sums that are rounded to this type.
   */
  synchronized void addCompared(long pixels, long values, ElementType type, double error) {
    comparedTypes.add(type.toString());
    comparedPixels += pixels;
    comparedValues += values;
    worstError = Math.max(worstError, error);
  }

  /** Records that nothing else can be determined about the output. */
  synchronized void end() {
    ended = true;
  }

  /**
   * Returns whether nothing else can be determined, for example while another output takes its
   * place.
   */
  public synchronized boolean ended() {
    return ended;
  }

  public synchronized boolean isOk() {
    return otherProblems == 0 && wrongObjects() == 0;
  }

  private String status() {
    if (isOk()) {
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
      wrong += state.isError() ? counts[state.ordinal()] : 0;
    }
    return wrong;
  }

  /** Returns whether an object can be deleted, to be written again. */
  synchronized boolean hasDeletable() {
    for (StoredState state : StoredState.values()) {
      if (state.deletable() && counts[state.ordinal()] > 0) {
        return true;
      }
    }
    return false;
  }

  /** Returns the counts, and the first hundred problems by name. */
  public synchronized ObjectNode json() {
    ObjectNode json = JsonText.object().put("status", status()).put("command", command);
    for (StoredState state : StoredState.values()) {
      json.put(state.json(), counts[state.ordinal()]);
    }
    json.put("deleted", deleted).put("otherProblems", otherProblems).put("badPixels", badPixels);
    if (notCompared != null) {
      json.put("notCompared", notCompared);
    }
    if (tiles > 0) {
      json.put("tiles", tiles)
          .put("comparedTiles", comparedTiles)
          .put("comparedPixels", comparedPixels)
          .put("comparedValues", comparedValues)
          .put("worstErrorOfBound", worstError);
      comparedTypes.forEach(json.putArray("comparedTypes")::add);
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
