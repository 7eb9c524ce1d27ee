package org.pointwise.job;

import java.io.IOException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.Companions;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.OutputDescription;
import org.pointwise.format.PreparedMetadata;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.HeadRecord;
import org.pointwise.work.manifest.OutputRecord;
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

  /**
   * @param source the plan's input, for its companions
   * @param append the append of the run; supplies lengths to record
   * @param software version to record
   */
  OutputMetadata(
      ReducePlan plan, FeatureSource source, ByteStores stores, AppendRun append, String software) {
    this.plan = plan;
    this.source = source;
    this.stores = stores;
    this.append = append;
    this.software = software;
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
    RecordedMetadata.record(plan, metadata.written(), stores);
    metadata.write(RunFolder.output(plan, stores));
  }

  private PreparedMetadata prepare(Status status, Companions companions) {
    return plan.spec()
        .format()
        .prepare(
            new OutputDescription(
                OutputSinks.targets(plan),
                HeadRecord.all(plan).stream().map(HeadRecord::json).toList(),
                OutputRecord.of(plan, status, software, append.unsettledLengths()).json(),
                plan.input().imageNames(),
                companions,
                status == Status.COMPLETE));
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
