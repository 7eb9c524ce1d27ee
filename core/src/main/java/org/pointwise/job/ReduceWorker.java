package org.pointwise.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.KernelProvider;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.FeatureSink.StoredObject;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.plan.BadInput;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.work.InputVersion;
import org.pointwise.work.PreparedUnit;
import org.pointwise.work.Receipt;
import org.pointwise.work.RunFolder;
import org.pointwise.work.SharedReceiptIndex;
import org.pointwise.work.UnitResult;
import org.pointwise.work.UnitWorker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reduces the boxes of a unit and stores them, unless they are already stored. */
final class ReduceWorker implements UnitWorker {
  private static final Logger LOG = LoggerFactory.getLogger(ReduceWorker.class);

  private final ReducePlan plan;
  private final FeatureSource source;
  private final MeteredReader reader;
  private final CompletedUnits completed;
  private final PastObjects past;
  private final BoxReducer reducer;
  private final ObservedObjects observed = new ObservedObjects();

  /** Opens the input and the output of the plan. */
  ReduceWorker(
      ReducePlan plan, ByteStores stores, KernelProvider provider, SharedReceiptIndex receipts) {
    this.plan = plan;
    ByteStore output = RunFolder.output(plan, stores);
    List<FeatureSink> sinks;
    try {
      this.source = Formats.reopen(stores, plan.input());
      this.reader = new MeteredReader(reader(plan, source));
      sinks = OutputSinks.sinks(plan, output, source);
    } catch (IOException e) {
      throw Formats.failedOnWorker(plan.input().uri(), e); // a sink reads coordinates of the input
    }
    plan.spec().compressions().forEach(plan.spec().format()::requireUsable);
    try {
      this.completed = new CompletedUnits(plan, source, sinks, output, stores, receipts);
    } catch (IOException e) {
      throw new IncompleteRunException(
          "Cannot read %s: %s; remove the cause and run the same command again to continue"
              .formatted(RunFolder.uri(plan.destination()), e),
          e);
    }
    this.past = new PastObjects(plan, sinks, output, stores, receipts);
    this.reducer = new BoxReducer(plan, provider, reader, output, this.completed, sinks);
  }

  private static FeatureSource.Reader reader(ReducePlan plan, FeatureSource source) {
    FeatureSource.Reader strict = source.reader();
    return plan.spec().policy().badInput() == BadInput.NODATA ? new TolerantReader(strict) : strict;
  }

  @Override
  public PreparedUnit unit(long ordinal, Runnable any) {
    return (parameters, cancellationCheck) -> UnitResult.stored(run(ordinal, cancellationCheck));
  }

  private Receipt run(long ordinal, Runnable cancellationCheck) {
    long start = System.nanoTime();
    reducer.begin(cancellationCheck);
    List<List<Box>> groups = plan.units().groups(ordinal);
    long pixels = groups.stream().flatMap(List::stream).mapToLong(Box::pixels).sum();
    Outcome outcome;
    InputVersion inputs;
    try {
      inputs = InputVersion.of(source, groups);
      if (observed.changed(inputs)) {
        reader.use(reader(plan, source));
      }
      outcome = past.isPast(groups) ? requirePast(ordinal, groups) : find(ordinal, groups, inputs);
      if (outcome == null) {
        outcome = compute(ordinal, groups);
      }
    } catch (IOException | UncheckedIOException e) {
      throw UnitWorker.unfinished(ordinal, plan, e);
    }
    List<StoredObject> objects = outcome.objects();
    long bytesOut = objects.stream().mapToLong(StoredObject::bytes).sum();
    Receipt.Status status =
        outcome.alreadyThere()
            ? Receipt.Status.ALREADY_THERE
            : bytesOut == 0 ? Receipt.Status.EMPTY : Receipt.Status.WRITTEN;
    LOG.debug(
        "Shard {} of {} {}: {} pixels, {} bytes, {} ms",
        ordinal,
        plan.destination(),
        status,
        pixels,
        bytesOut,
        (System.nanoTime() - start) / 1_000_000);
    return new Receipt(
        ordinal,
        status,
        pixels,
        outcome.counts().counts(),
        reader.chunks(),
        reader.bytes(),
        reader.storedBytes(),
        bytesOut,
        System.nanoTime() - start,
        reader.nanos(),
        reducer.storeNanos(),
        objects.stream().filter(object -> object.bytes() > 0).toList(),
        outcome.hasInput() ? inputs.digest() : 0,
        outcome.hasInput() ? inputs.lengths() : 0,
        outcome.counts().unreadable(),
        outcome.repeated());
  }

  /**
   * The objects of a unit.
   *
   * @param alreadyThere whether a previous run stored them
   * @param hasInput whether the plan's input has all of the unit's pixels that are recorded
   * @param repeated whether nothing is to be recorded
   */
  private record Outcome(
      List<StoredObject> objects,
      PastCounts counts,
      boolean alreadyThere,
      boolean hasInput,
      boolean repeated) {}

  private Outcome requirePast(long ordinal, List<List<Box>> groups) throws IOException {
    PastObjects.Found found = past.require(ordinal, groups);
    boolean asRecorded = !found.restored();
    return new Outcome(found.objects(), found.counts(), asRecorded, false, asRecorded);
  }

  private @Nullable Outcome find(long ordinal, List<List<Box>> groups, InputVersion inputs)
      throws IOException {
    CompletedUnits.Done done = completed.find(ordinal, groups, inputs);
    return done == null
        ? null
        : new Outcome(
            done.objects(), new PastCounts(done.counts(), List.of()), true, true, done.sameInput());
  }

  private Outcome compute(long ordinal, List<List<Box>> groups) throws IOException {
    Box box = groups.get(0).get(0);
    PastObjects.Kept kept = past.holdsStored(box) ? past.keep(ordinal, box) : null;
    PastCounts before = kept == null ? PastCounts.NONE : kept.counts();
    List<StoredObject> objects;
    if (kept == null) {
      objects = compute(ordinal, groups, null);
    } else {
      try (PastPixels stored = new PastPixels(plan, kept.stores())) {
        objects = compute(ordinal, groups, stored);
      }
    }
    PastCounts counts =
        new PastCounts(
            before.counts().plus(reducer.counts()),
            Stream.concat(before.unreadable().stream(), reader.unreadable().stream()).toList());
    return new Outcome(objects, counts, false, true, false);
  }

  @Override
  public void close() {
    reader.close();
    reducer.close();
  }

  private List<StoredObject> compute(
      long ordinal, List<List<Box>> groups, @Nullable PastPixels stored) throws IOException {
    List<StoredObject> objects = new ArrayList<>();
    for (List<Box> group : groups) {
      objects.addAll(reducer.compute(group, stored));
    }
    completed.markAppended(ordinal, groups);
    return objects;
  }
}
