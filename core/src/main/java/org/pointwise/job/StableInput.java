package org.pointwise.job;

import java.io.IOException;
import java.util.Arrays;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.plan.InputVersionPlan;
import org.pointwise.plan.TileGrid;
import org.pointwise.store.ByteStores;
import org.pointwise.work.Progress;
import org.pointwise.work.Runner;

/**
 * An input that is read twice and must not change meanwhile: its images are first recognised by
 * their pixels, then reduced. Immutable.
 *
 * @param sums of digests of the names, lengths and times of change of its objects, before the first
 *     reading
 */
record StableInput(ArrayInfo input, double[] sums) {
  /** Reads the status of all objects of an input, and of its mask. */
  static StableInput of(ArrayInfo input, Runner runner, ByteStores stores) throws IOException {
    return new StableInput(input, read(plan(input, stores), runner));
  }

  private static InputVersionPlan plan(ArrayInfo input, ByteStores stores) throws IOException {
    FeatureSource source = Formats.reopen(stores, input);
    int objects = source.objects(TileGrid.of(input).box(0)).size();
    return InputVersionPlan.of(input, source.object(), objects);
  }

  private static double[] read(InputVersionPlan plan, Runner runner) {
    try (Runner.Session session = runner.open(plan)) {
      return session.sum(new double[0], Progress.SILENT);
    }
  }

  /**
   * Checks that no object has changed since. Reads the status of all of them again.
   *
   * @param output the output of the second reading
   * @throws IncompleteRunException that names the newest object
   */
  void requireUnchanged(String output, Runner runner, ByteStores stores) throws IOException {
    InputVersionPlan plan = plan(input, stores);
    double[] now = read(plan, runner);
    if (Arrays.equals(sums, now)) {
      return;
    }
    long unit = (long) now[InputVersionPlan.NEWEST + 1];
    throw new IncompleteRunException(
        "Cannot append %s to %s: it changed while it was read (%s); run the same command again, with --drop-unfinished if other images are there now"
            .formatted(
                input.uri(),
                output,
                InputVersionWorker.version(plan, unit, Formats.reopen(stores, input)).describe()));
  }
}
