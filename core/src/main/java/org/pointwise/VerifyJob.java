package org.pointwise;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.job.AppendTarget;
import org.pointwise.job.OutputManifest;
import org.pointwise.job.SpotCheck;
import org.pointwise.job.VerificationFindings;
import org.pointwise.job.Verifier;
import org.pointwise.plan.ChangedInput;
import org.pointwise.store.ByteStores;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsRef;
import org.pointwise.work.Progress;

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
            ? null // with changed metadata, the input would wrongly seem to differ
            : open(against, listener);
    Verifier verifier =
        new Verifier(
            stores, execution.runner(), spec.deep(), spec.deleteCorrupt(), spec.continued());
    VerificationFindings found;
    try (Progress progress = listener.beginObjects()) {
      found = verifier.verify(output, progress);
    }
    // Objects that were just deleted must not count as wrong values.
    if (comparison != null && found.deleted() == 0 && !found.ended()) {
      comparison.spotCheck().compare(comparison.layers(), found);
    }
    return new VerifyReport(found.json());
  }

  /**
   * The input for a comparison, which runs in this process alone after the check of the objects.
   */
  private record Comparison(SpotCheck spotCheck, List<PointwiseLayer> layers) {}

  /**
   * Opens the input and refuses one that cannot be compared; returns null if there is no output of
   * this software.
   */
  private @Nullable Comparison open(VerifySpec.Against against, Listener listener)
      throws IOException {
    List<String> names = OutputManifest.headNames(output, stores);
    if (names.isEmpty()) {
      return null;
    }
    AppendTarget grown = AppendTarget.read(output, stores); // for its order of files
    FeatureSource input =
        against.input().open(stores, grown == null ? List.of() : grown.imageNames());
    List<PointwiseLayer> given = new ArrayList<>();
    for (WeightsRef layer : against.layers()) {
      given.add(Weights.read(stores, layer, input.info().shape().c()).layer());
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
