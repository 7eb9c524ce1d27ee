package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.Companions;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.OutputDescription;
import org.pointwise.format.OutputTarget;
import org.pointwise.format.PreparedMetadata;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axis;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.HeadRecord;
import org.pointwise.work.manifest.MetadataRecord;
import org.pointwise.work.manifest.PlanRecord;
import org.pointwise.work.manifest.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes the metadata of an output of arrays. A folder of files has none. */
final class OutputMetadata {
  private static final Logger LOG = LoggerFactory.getLogger(OutputMetadata.class);

  private final ReducePlan plan;
  private final FeatureSource source;
  private final ByteStores stores;
  private final AppendRun append;
  private final String software;
  private final boolean member;

  /**
   * @param source the plan's input, for its companions
   * @param append the append of the run; supplies the record of the output
   * @param software version to record
   * @param member whether groups enclose the output. The dimension of channels then has a name of
   *     its own, because xarray requires that dimensions of a group and of the groups around it
   *     have the same length if they have the same name.
   */
  OutputMetadata(
      ReducePlan plan,
      FeatureSource source,
      ByteStores stores,
      AppendRun append,
      String software,
      boolean member) {
    this.plan = plan;
    this.source = source;
    this.stores = stores;
    this.append = append;
    this.software = software;
    this.member = member;
  }

  /**
   * Records the metadata in the run folder and then writes it, so that a run that finds the record
   * can write the same metadata after an interruption. Consolidates the metadata if the output is
   * complete.
   *
   * @param status for readers
   */
  void write(Status status) throws IOException {
    if (plan.spec().format().perFile()) {
      return;
    }
    Companions companions = AppendedCompanions.of(plan, source, stores);
    if (status == Status.COMPLETE) { // once in a run
      companions.leftOut().forEach(left -> LOG.warn("Coordinate left out: {}", left));
    }
    PreparedMetadata metadata = prepare(status, companions);
    requireReadable(metadata);
    if (status != Status.COMPLETE) { // refuse before anything is computed
      requireReadable(prepare(Status.COMPLETE, companions));
    }
    record(metadata);
    metadata.write(RunFolder.output(plan, stores));
  }

  /**
   * Records the metadata that is about to be written. After new images whose input may be gone when
   * an interrupted run is noticed, the objects of coordinates are recorded too.
   */
  private void record(PreparedMetadata metadata) throws IOException {
    RunFolder folder = RunFolder.of(plan.destination(), stores);
    if (plan.storedImages() > 0) {
      for (String key : metadata.written().objects().keySet()) {
        String copy = ByteStore.join(RunFolder.NEW_COORDINATES, key);
        folder.store().put(copy, Objects.requireNonNull(metadata.objects().get(key)));
      }
    }
    folder.writeMetadata(
        new MetadataRecord(
            PlanRecord.fingerprint(plan),
            PlanRecord.lineage(plan),
            plan.spec().format().name(),
            metadata.written()));
  }

  private PreparedMetadata prepare(Status status, Companions companions) {
    return plan.spec()
        .format()
        .prepare(
            new OutputDescription(
                OutputSinks.targets(plan).stream().map(this::named).toList(),
                HeadRecord.all(plan).stream().map(HeadRecord::json).toList(),
                append.outputRecord(status, software).json(),
                plan.input().imageNames(),
                companions,
                status == Status.COMPLETE));
  }

  private OutputTarget named(OutputTarget target) {
    return member
        ? target.withDimensionNames(names(target.name(), target.dimensionNames()))
        : target;
  }

  private List<String> names(String head, List<String> dimensionNames) {
    List<String> names = new ArrayList<>(dimensionNames);
    if (member) {
      names.set(plan.output().axes().indexOf(Axis.C), Axis.CHANNEL_PREFIX + head);
    }
    return names;
  }

  /** Requires that the metadata can be read back. */
  private void requireReadable(PreparedMetadata metadata) {
    metadata
        .written()
        .documents()
        .keySet()
        .forEach(
            key -> {
              byte[] text = metadata.objects().get(key);
              if (text != null && text.length > ByteStore.MAX_METADATA_BYTES) {
                throw new InvalidInputException(
                    "Cannot write to %s: its metadata %s would have %d bytes but at most %d are supported; give fewer or shorter file names"
                        .formatted(
                            plan.destination(), key, text.length, ByteStore.MAX_METADATA_BYTES));
              }
            });
  }
}
