package org.pointwise.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.pointwise.errors.Count;
import org.pointwise.store.JsonText;

/** The estimated effort of a reduction, or the reason why it could not be estimated. */
public sealed interface RunEstimate {
  /** Returns the estimate as it is printed. */
  ObjectNode json();

  /**
   * An estimate. It covers the pixels of the units that are still to be computed. It does not cover
   * the time to store objects and to start the runner, requests for metadata and records, and
   * comparisons of objects that are already stored.
   *
   * @param units units to compute
   * @param seconds time for all units at {@code tasks} tasks at once
   * @param tasks tasks at once
   * @param bytesRead stored bytes read from the input
   * @param bytesWritten stored bytes of the objects to write
   * @param readRequests objects and ranges to read
   * @param statusRequests objects whose length or modification time is requested
   * @param objectsWritten objects to write
   * @param measured the measurement on which the estimate is based
   */
  record Figures(
      long units,
      double seconds,
      int tasks,
      long bytesRead,
      long bytesWritten,
      long readRequests,
      long statusRequests,
      long objectsWritten,
      Measured measured)
      implements RunEstimate {
    /** Returns the estimate of a run that has nothing to compute. */
    static Figures none(int tasks) {
      return new Figures(0, 0, tasks, 0, 0, 0, 0, 0, new Measured(0, 0, 0, 0, 0));
    }

    /** Returns what the estimate assumes, for people. */
    public String assumption() {
      return units == 0
          ? "all units are stored"
          : "one task measured on this machine once its code is compiled, up to %s at once; starting and storing objects are not included"
              .formatted(Count.of(tasks, "task"));
    }

    @Override
    public ObjectNode json() {
      ObjectNode json =
          JsonText.object()
              .put("units", units)
              .put("seconds", seconds)
              .put("tasksAtOnce", tasks)
              .put("bytesRead", bytesRead)
              .put("bytesWritten", bytesWritten)
              .put("readRequests", readRequests)
              .put("statusRequests", statusRequests)
              .put("objectsWritten", objectsWritten)
              .put("assumption", assumption());
      json.putObject("measured")
          .put("tiles", measured.tiles)
          .put("pixels", measured.pixels)
          .put("readSeconds", measured.readSeconds)
          .put("kernelSeconds", measured.kernelSeconds)
          .put("encodeSeconds", measured.encodeSeconds);
      return json;
    }
  }

  /**
   * The work of one task that was measured.
   *
   * @param tiles tiles read
   * @param pixels pixels reduced and encoded
   * @param readSeconds time to fetch and decode the tiles
   * @param kernelSeconds time of the kernel
   * @param encodeSeconds time to encode the pixels of all heads
   */
  record Measured(
      int tiles, long pixels, double readSeconds, double kernelSeconds, double encodeSeconds) {
    /** Returns the shorter time of each step of two measurements of the same pixels. */
    Measured fastest(Measured other) {
      return new Measured(
          tiles,
          pixels,
          Math.min(readSeconds, other.readSeconds),
          Math.min(kernelSeconds, other.kernelSeconds),
          Math.min(encodeSeconds, other.encodeSeconds));
    }
  }

  /**
   * No estimate.
   *
   * @param reason for people
   */
  record Unavailable(String reason) implements RunEstimate {
    @Override
    public ObjectNode json() {
      return JsonText.object().put("unavailable", reason);
    }
  }
}
