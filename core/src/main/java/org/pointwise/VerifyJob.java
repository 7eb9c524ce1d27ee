package org.pointwise;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.ReadOptions;
import org.pointwise.job.AppendTarget;
import org.pointwise.job.OutputManifest;
import org.pointwise.job.RecordedLayers;
import org.pointwise.job.SourceViews;
import org.pointwise.job.SpotCheck;
import org.pointwise.job.VerificationFindings;
import org.pointwise.job.Verifier;
import org.pointwise.plan.ChangedInput;
import org.pointwise.store.ByteStores;
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
    boolean given = against != null && against.isGiven();
    String notCompared = "";
    List<Comparison> comparisons = List.of();
    // By other metadata, the input would seem to be another.
    if (against != null && Verifier.isDescribed(output, stores)) {
      try {
        SourceViews views = SourceViews.of(output, stores);
        if (views != null && views.isSingle() && against.input() != null) {
          views = null; // a copy of the one input may be given
        }
        comparisons = views == null ? open(against, listener) : open(against, views, listener);
        notCompared = views == null ? "" : leftOut(against, views, comparisons);
      } catch (InvalidInputException e) {
        if (given) {
          throw e;
        }
        notCompared = String.valueOf(e.getMessage()); // what is recorded is not there any more
      }
    }
    Verifier verifier =
        new Verifier(
            stores, execution.runner(), spec.deep(), spec.deleteCorrupt(), spec.continued());
    VerificationFindings findings;
    try (Progress progress = listener.beginObjects()) {
      findings = verifier.verify(output, progress);
    }
    // What was just deleted, or is damaged, is no difference of numbers.
    for (Comparison comparison : comparisons) {
      if (findings.deleted() == 0 && !findings.ended() && (findings.isOk() || given)) {
        comparison.spotCheck().compare(comparison.layers(), findings);
      }
    }
    if (!notCompared.isEmpty()) {
      findings.setNotCompared(notCompared);
    }
    return new VerifyReport(findings.json());
  }

  /** Describes the images that are not compared; empty if all are. */
  private static String leftOut(
      VerifySpec.Against against, SourceViews views, List<Comparison> comparisons) {
    if (against.input() == null || comparisons.isEmpty()) {
      return views.describeMissing();
    }
    long others = views.images() - comparisons.get(0).spotCheck().images();
    return others == 0
        ? ""
        : "%d of %s, which come from other inputs; leave out --input to compare them too"
            .formatted(others, Count.of(views.images(), "image"));
  }

  /**
   * The input for a comparison, which runs in this process alone after the check of the objects.
   */
  private record Comparison(SpotCheck spotCheck, List<PointwiseLayer> layers) {}

  private FeatureSource input(VerifySpec.Against against) throws IOException {
    PlanRecord plan = OutputManifest.read(output, stores).plan();
    AppendTarget grown = AppendTarget.read(output, stores);
    // The order of its files; of some images only, indexes count in the order of names.
    List<String> files =
        grown == null || (plan != null && !plan.hasAllImages()) ? List.of() : grown.imageNames();
    InputSpec given = against.input();
    if (given != null) {
      FeatureSource input = given.open(stores, files);
      return plan == null || !isWhole(given) ? input : recordedPart(input, plan);
    }
    ReadOptions reading = plan == null ? null : plan.reading(files);
    if (plan == null || reading == null) {
      throw new InvalidInputException(
          "Cannot compare %s: its run folder does not record its input; give --input and --weights"
              .formatted(output));
    }
    return recordedPart(Formats.open(stores, plan.input(), reading), plan);
  }

  private static boolean isWhole(InputSpec input) {
    return input.subset().equals(SubsetSpec.ALL) && input.mask() == null;
  }

  /** Returns the part of an input, with the mask, that the output was made of. */
  private FeatureSource recordedPart(FeatureSource input, PlanRecord plan) {
    FeatureSource part = Formats.subset(input, plan.part(input.info().shape()));
    String mask = plan.mask();
    return mask == null ? part : Formats.masked(stores, part, mask);
  }

  /** Opens the input, and refuses what cannot be compared; empty without an output of ours. */
  private List<Comparison> open(VerifySpec.Against against, Listener listener) throws IOException {
    List<String> names = OutputManifest.headNames(output, stores);
    if (names.isEmpty()) {
      return List.of();
    }
    FeatureSource input = input(against);
    AppendTarget target = AppendTarget.read(output, stores);
    long images = target == null ? Long.MAX_VALUE : target.images();
    if (images >= input.info().shape().n()) {
      images = Long.MAX_VALUE; // it has gained none
    } else {
      listener.note(
          "Input     has %s now, of which the output has the first %d"
              .formatted(Count.of(input.info().shape().n(), "image"), images));
    }
    return List.of(compare(against, names, input, images, against.tiles(), listener));
  }

  /** Likewise for an output whose images come from several inputs. */
  private List<Comparison> open(VerifySpec.Against against, SourceViews sources, Listener listener)
      throws IOException {
    List<String> names = OutputManifest.headNames(output, stores);
    InputSpec given = against.input();
    List<FeatureSource> views =
        given == null
            ? sources.recorded()
            : List.of(sources.viewOf(given.open(stores), isWhole(given)));
    if (names.isEmpty() || views.isEmpty()) {
      return List.of();
    }
    int[] tiles = SourceViews.share(views, against.tiles(), against.seed());
    List<Comparison> comparisons = new ArrayList<>();
    for (int i = 0; i < tiles.length; i++) {
      if (tiles[i] > 0) {
        try {
          Comparison comparison =
              compare(against, names, views.get(i), sources.images(), tiles[i], listener);
          if (given == null) {
            SortedSet<Long> images = comparison.spotCheck().imagesWithoutRecord();
            comparison
                .spotCheck()
                .leaveOut(sources.requireDigests(views.get(i), images, execution.runner()));
          }
          comparisons.add(comparison);
        } catch (InvalidInputException e) {
          if (against.isGiven()) {
            throw e;
          }
          sources.addMissing(views.get(i)); // it changed
        }
      }
    }
    return comparisons;
  }

  private Comparison compare(
      VerifySpec.Against against,
      List<String> names,
      FeatureSource input,
      long images,
      int tiles,
      Listener listener)
      throws IOException {
    List<PointwiseLayer> given = new ArrayList<>();
    for (WeightsRef layer : against.layers()) {
      given.add(InputLayers.read(stores, layer, input.info()).layer());
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
            images,
            new SpotCheck.Sample(tiles, against.pixelsPerTile(), against.seed()),
            stores);
    List<PointwiseLayer> recordedLayers = spotCheck.withRecordedNormalisations(given);
    boolean isRecorded =
        spotCheck.require(
            recordedLayers,
            against.ignoreTimes() ? ChangedInput.ACCEPT : ChangedInput.REFUSE,
            execution.driver());
    if (!isRecorded) {
      listener.note(
          "Input     is at another path than OUTPUT was made from: only its values are compared");
    }
    return new Comparison(spotCheck, recordedLayers);
  }
}
