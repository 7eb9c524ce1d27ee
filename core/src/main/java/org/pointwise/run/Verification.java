package org.pointwise.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.pointwise.store.JsonText;

/** What a verification found. Thread-safe. */
public final class Verification {
  private static final int MOST_PROBLEMS = 100;

  private final List<String> problems = new ArrayList<>();
  private long whole;
  private long empty;
  private long missing;
  private long corrupt;
  private long otherProblems;
  private long comparedValues;
  private double worstError;

  synchronized void addWhole() {
    whole++;
  }

  synchronized void addEmpty() {
    empty++;
  }

  synchronized void addMissing(String key) {
    missing++;
    problem("never written: " + key);
  }

  synchronized void addCorrupt(String what) {
    corrupt++;
    problem("corrupt: " + what);
  }

  synchronized void addProblem(String what) {
    otherProblems++;
    problem(what);
  }

  /** Values compared, and the largest error as a fraction of what float32 may err. */
  synchronized void addCompared(long values, double error) {
    comparedValues += values;
    worstError = Math.max(worstError, error);
  }

  private void problem(String what) {
    if (problems.size() < MOST_PROBLEMS) {
      problems.add(what);
    }
  }

  public synchronized boolean ok() {
    return missing + corrupt + otherProblems == 0;
  }

  /** Counts, and the first hundred problems by name. */
  public synchronized ObjectNode json() {
    ObjectNode json =
        JsonText.object()
            .put("status", ok() ? "whole" : "damaged")
            .put("whole", whole)
            .put("empty", empty)
            .put("neverWritten", missing)
            .put("corrupt", corrupt)
            .put("otherProblems", otherProblems);
    if (comparedValues > 0) {
      json.put("comparedValues", comparedValues).put("worstErrorOfBound", worstError);
    }
    problems.forEach(json.putArray("problems")::add);
    return json;
  }
}
