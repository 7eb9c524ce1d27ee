package org.pointwise.job;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.Hierarchy;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.OutputFormats;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStores;
import org.pointwise.work.RunFolder;

/** Finds the groups of an existing hierarchy that enclose the output of a plan. */
final class EnclosingGroups {
  private EnclosingGroups() {}

  /**
   * Returns the hierarchy of which the output becomes a member; null if there is none.
   *
   * @throws InvalidInputException if the output lies in an array, or in a group of another format
   */
  static @Nullable Hierarchy of(ReducePlan plan, ByteStores stores) {
    try {
      return find(plan, stores);
    } catch (IOException e) {
      throw new IncompleteRunException(
          "Cannot read the groups around %s: %s; check the path and your rights, and run the same command again"
              .formatted(plan.destination(), e),
          e);
    }
  }

  private static @Nullable Hierarchy find(ReducePlan plan, ByteStores stores) throws IOException {
    OutputFormat chosen = plan.spec().format();
    ByteStores staged = uri -> stores.open(uri).withStaging(RunFolder.staging(plan.destination()));
    Hierarchy found = null;
    for (OutputFormat format : OutputFormats.all()) {
      Hierarchy hierarchy = format.enclosing(staged, plan.destination());
      if (hierarchy != null && !format.name().equals(chosen.name())) {
        throw new InvalidInputException(
            "Cannot write to %s: it lies in the group %s of the format %s but has the format %s; use --format %s, or another output"
                .formatted(
                    plan.destination(),
                    hierarchy.group(),
                    format.name(),
                    chosen.name(),
                    format.name()));
      }
      found = hierarchy == null ? found : hierarchy;
    }
    return found;
  }
}
