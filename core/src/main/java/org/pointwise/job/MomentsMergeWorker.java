package org.pointwise.job;

import java.io.IOException;
import java.util.Map;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.learn.MomentsTree;
import org.pointwise.plan.MomentsMergePlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.weights.MomentsFile;
import org.pointwise.work.PreparedUnit;
import org.pointwise.work.RunFolder;
import org.pointwise.work.UnitResult;
import org.pointwise.work.UnitWorker;

/** Merges stored parts of a moments pass and stores the result. */
final class MomentsMergeWorker implements UnitWorker {
  private final MomentsMergePlan plan;
  private final ByteStore folder;

  MomentsMergeWorker(MomentsMergePlan plan, ByteStores stores) {
    this.plan = plan;
    this.folder = RunFolder.of(plan.output(), stores).store();
  }

  @Override
  public PreparedUnit unit(long ordinal, Runnable any) {
    return (parameters, cancellationCheck) -> {
      merge(ordinal);
      return UnitResult.of();
    };
  }

  private void merge(long unit) {
    try {
      MomentsTree tree = new MomentsTree();
      for (long part = plan.begin(unit); part < plan.end(unit); part++) {
        MomentsParts.read(folder, MomentsParts.key(plan.parts(), plan.level() - 1, part))
            .nodes()
            .forEach(tree::add);
      }
      String key = MomentsParts.key(plan.parts(), plan.level(), plan.firstPart() + unit);
      folder.put(key, MomentsFile.encode(tree.nodes(), Map.of()));
    } catch (IOException e) {
      throw new IncompleteRunException(
          "Cannot put moments of %s together: %s; remove the cause and run the same command again to continue"
              .formatted(plan.output(), e),
          e);
    }
  }
}
