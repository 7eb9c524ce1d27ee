package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.plan.AppendLayout;
import org.pointwise.plan.BadInput;
import org.pointwise.plan.ChangedInput;
import org.pointwise.plan.Head;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.Reduction;
import org.pointwise.plan.Resources;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.work.ReceiptFiles;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.PlanRecord;

/**
 * What {@code reduce --append} decides: to which output the images are added that its input has
 * gained since, how they are laid out, and whether that input is the old one and more. What is done
 * then is an {@link AppendRun}'s.
 */
public final class Append {
  private final String output;
  private final ByteStores stores;
  private final @Nullable AppendTarget there;

  private Append(String output, ByteStores stores, @Nullable AppendTarget there) {
    this.output = output;
    this.stores = stores;
    this.there = there;
  }

  /** To what is there now; where nothing is, the whole output is new. */
  public static Append to(String output, ByteStores stores) {
    return new Append(output, stores, AppendTarget.read(output, stores));
  }

  /** The order in which the files of the input's folder are to be read; empty for its own. */
  public List<String> imageNames() {
    return there == null ? List.of() : there.imageNames();
  }

  /** A reduction, laid out as what is there. */
  public Reduction grow(Reduction spec) {
    return spec.growing(appendLayout());
  }

  @Nullable AppendLayout appendLayout() {
    return there == null ? null : there.appendLayout();
  }

  /**
   * Refuses an input that is not the old one and more.
   *
   * @param plan of the spec that {@link #grow} made
   * @param source the plan's input
   * @param tiles of the past to compare with what the input gives now; files are not compared, they
   *     are known by the length and the time of change of what they came from, nor are pixels whose
   *     input could not be decoded
   * @param resources of this process, where it runs alone
   * @throws InvalidInputException that names what differs, or where a tile does not fit into memory
   */
  public void requireGrown(ReducePlan plan, FeatureSource source, int tiles, Resources resources)
      throws IOException {
    requireGrown(plan);
    if (there != null && tiles > 0 && there.complete() && !plan.spec().format().perFile()) {
      requireSamePast(there.images(), plan, source, tiles, resources);
    }
  }

  /** The same by what is recorded alone. */
  void requireGrown(ReducePlan plan) throws IOException {
    if (there == null || pending()) {
      return;
    }
    if (!there.lineage().equals(PlanRecord.lineage(plan))) {
      throw new InvalidInputException(
          "Cannot append to %s: it was made with another input, layer or layout (%s); use --overwrite to start anew, or another output"
              .formatted(output, RunFolder.of(output, stores).difference(plan)));
    }
    if (plan.input().shape().n() < there.coming()) {
      throw new InvalidInputException(
          "Cannot append to %s: it has %d images%s but its input %s now has %d; a source may only grow, use --overwrite to start anew"
              .formatted(
                  output,
                  there.coming(),
                  there.coming() > there.images() ? " or is about to" : "",
                  plan.input().uri(),
                  plan.input().shape().n()));
    }
    boolean times = plan.spec().policy().changed() != ChangedInput.ACCEPT;
    there
        .files()
        .requireSame(
            plan.input(),
            output,
            stores,
            times,
            times
                ? "--overwrite to start anew, or --ignore-modification-times where only times changed"
                : "--overwrite to start anew");
  }

  /** Whether another output takes its place first, as a run will find. */
  private boolean pending() {
    try {
      return new Replacement(output, stores).ready();
    } catch (IOException e) {
      throw Formats.unreadable(RunFolder.uri(output), e);
    }
  }

  private void requireSamePast(
      long images, ReducePlan plan, FeatureSource source, int tiles, Resources resources)
      throws IOException {
    if (pending()) {
      return;
    }
    List<Box> bad = new ArrayList<>();
    for (long unit : ReceiptFiles.read(plan, RunFolder.of(output, stores)).unitsWithBad()) {
      plan.units().groups(unit).forEach(bad::addAll);
    }
    boolean tolerant = plan.spec().policy().bad() == BadInput.NODATA;
    VerificationFindings found = new VerificationFindings();
    ByteStores view = new RecordedMetadata(output, stores).view();
    SpotCheck spotCheck =
        new SpotCheck(output, source, images, new SpotCheck.Sample(tiles, 1), view);
    spotCheck.requireFits(resources);
    for (Head head : plan.spec().heads()) {
      spotCheck.comparePast(head.name(), head.layer(), bad, tolerant, found);
    }
    if (!found.ok()) {
      throw new InvalidInputException(
          "Cannot append to %s: what is there is not what its input gives now (%s); verify --input shows more, --overwrite computes all again"
              .formatted(output, found.json().at("/problems/0/detail").asText()));
    }
  }
}
