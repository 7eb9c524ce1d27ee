package org.pointwise;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.ReadOptions;
import org.pointwise.job.AppendTarget;
import org.pointwise.job.OutputManifest;
import org.pointwise.job.RecordedLayers;
import org.pointwise.job.SpotCheck;
import org.pointwise.job.VerificationFindings;
import org.pointwise.job.Verifier;
import org.pointwise.plan.ChangedInput;
import org.pointwise.store.ByteStores;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsRef;
import org.pointwise.work.Progress;
import org.pointwise.work.manifest.PlanRecord;

/** Checks an output and, if an input is given, compares its values. */
final class VerifyJob {
  private final VerifySpec spec;
  private final String output;
  private final ByteStores stores;
  private final Execution execution;

  VerifyJob(VerifySpec spec, ByteStores stores, Execution execution) {
    this.spec = spec;
    this.output = ByteStores.absolute(spec.output());
    this.stores = stores;
    this.execution = execution;
  }

  VerifyReport run(Listener listener) throws IOException {
    VerifySpec.Against against = spec.against();
    Comparison comparison =
        against == null || !Verifier.isDescribed(output, stores)
            ? null // by other metadata, the input would seem to be another
            : against.isGiven() ? open(against, listener) : openRecorded(against, listener);
    Verifier verifier =
        new Verifier(
            stores, execution.runner(), spec.deep(), spec.deleteCorrupt(), spec.continued());
    VerificationFindings found;
    try (Progress progress = listener.beginObjects()) {
      found = verifier.verify(output, progress);
    }
    // What was just deleted, or is damaged, is no difference of numbers.
    if (comparison != null
        && against != null
        && found.deleted() == 0
        && !found.ended()
        && (found.ok() || against.isGiven())) {
      comparison.spotCheck().compare(comparison.layers(), found);
    }
    return new VerifyReport(found.json());
  }

  /**
   * The input for a comparison, which runs in this process alone after the check of the objects.
   */
  private record Comparison(SpotCheck spotCheck, List<PointwiseLayer> layers) {}

  /** Opens what is recorded; null, and a note, where it is not there any more. */
  private @Nullable Comparison openRecorded(VerifySpec.Against against, Listener listener)
      throws IOException {
    try {
      return open(against, listener);
    } catch (InvalidInputException e) {
      listener.note("Numbers   are not compared: " + e.getMessage());
      return null;
    }
  }

  private FeatureSource input(VerifySpec.Against against) throws IOException {
    AppendTarget grown = AppendTarget.read(output, stores); // its files, in its own order
    List<String> files = grown == null ? List.of() : grown.imageNames();
    if (against.input() != null) {
      return against.input().open(stores, files);
    }
    PlanRecord plan = OutputManifest.read(output, stores).plan();
    ReadOptions reading = plan == null ? null : plan.reading(files);
    if (plan == null || reading == null) {
      throw new InvalidInputException(
          "Cannot compare %s: its run folder does not record its input; give --input and --weights"
              .formatted(output));
    }
    return Formats.open(stores, plan.input(), reading);
  }

  /** Opens it, and refuses what cannot be compared; null where there is no output of ours. */
  private @Nullable Comparison open(VerifySpec.Against against, Listener listener)
      throws IOException {
    List<String> names = OutputManifest.headNames(output, stores);
    if (names.isEmpty()) {
      return null;
    }
    FeatureSource input = input(against);
    List<PointwiseLayer> given = new ArrayList<>();
    for (WeightsRef layer : against.layers()) {
      given.add(Weights.read(stores, layer, input.info().shape().c()).layer());
    }
    if (given.isEmpty()) {
      given.addAll(RecordedLayers.read(output, stores));
    }
    if (names.size() != given.size()) {
      throw new InvalidInputException(
          "Cannot compare %s: it has the arrays %s but %d --weights are given; give one for each, in this order"
              .formatted(output, names, given.size()));
    }
    SpotCheck spotCheck =
        new SpotCheck(
            output,
            input,
            Long.MAX_VALUE,
            new SpotCheck.Sample(against.tiles(), against.pixelsPerTile(), against.seed()),
            stores);
    List<PointwiseLayer> made = spotCheck.asRecorded(given);
    boolean known =
        spotCheck.require(
            made,
            against.ignoreTimes() ? ChangedInput.ACCEPT : ChangedInput.REFUSE,
            execution.driver());
    if (!known) {
      listener.note(
          "Input     is not in the place that OUTPUT was made from: compared by its numbers alone");
    }
    return new Comparison(spotCheck, made);
  }
}
