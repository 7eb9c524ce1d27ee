package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
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
 * Plans {@code reduce --append}: finds the output to which the new images of its input are
 * appended, determines their layout, and checks that the input is the old input, possibly with more
 * images. {@link AppendRun} executes the append.
 */
public final class Append {
  private final String output;
  private final ByteStores stores;
  private final @Nullable AppendTarget target;

  private Append(String output, ByteStores stores, @Nullable AppendTarget target) {
    this.output = output;
    this.stores = stores;
    this.target = target;
  }

  /** Plans an append to the existing output. If there is none, the whole output is new. */
  public static Append to(String output, ByteStores stores) throws IOException {
    return new Append(output, stores, AppendTarget.ofAppend(output, stores));
  }

  /**
   * Returns the order in which to read the files of the input folder; empty for the folder's own
   * order.
   */
  public List<String> imageNames() {
    return target == null ? List.of() : target.imageNames();
  }

  /** Returns the reduction with the layout of the existing output. */
  public Reduction grow(Reduction spec) {
    return spec.growing(appendLayout());
  }

  @Nullable AppendLayout appendLayout() {
    return target == null ? null : target.appendLayout();
  }

  /**
   * Checks that the input is the old input, possibly with more images.
   *
   * @param plan made from the reduction that {@link #grow} returned
   * @param source the plan's input
   * @param tiles how many tiles of the old images to compare with the present input. Outputs of
   *     files are not compared, because the length and time of change of their input files identify
   *     them. Pixels whose input could not be decoded are not compared either.
   * @param resources of this process, if it runs alone
   * @throws InvalidInputException that names the difference, or if a tile does not fit into memory
   */
  public void requireGrown(ReducePlan plan, FeatureSource source, int tiles, Resources resources)
      throws IOException {
    requireGrown(plan);
    if (target != null && tiles > 0 && target.complete() && !plan.spec().format().perFile()) {
      requireSamePast(target.images(), plan, source, tiles, resources);
    }
  }

  /** Makes the same check by recorded facts alone, without comparing pixels. */
  void requireGrown(ReducePlan plan) throws IOException {
    if (target == null) {
      return;
    }
    int sources = SourceList.read(output, stores).first(target.plannedImages()).sources().size();
    if (sources > 1) {
      throw new InvalidInputException(
          "Cannot append to %s with --append: its images come from %d inputs, and %s need not have all of them; use --append-new"
              .formatted(output, sources, plan.input().uri()));
    }
    if (!target.lineage().equals(PlanRecord.lineage(plan))) {
      throw new InvalidInputException(
          "Cannot append to %s: it was made with another input, layer or layout (%s); use --overwrite to start again, or another output"
              .formatted(output, RunFolder.of(output, stores).difference(plan)));
    }
    if (plan.input().shape().n() < target.plannedImages()) {
      throw new InvalidInputException(
          "Cannot append to %s: it has %s%s but its input %s now has %d; a source may only grow, use --overwrite to start again"
              .formatted(
                  output,
                  Count.of(target.plannedImages(), "image"),
                  target.plannedImages() > target.images() ? " or is about to" : "",
                  plan.input().uri(),
                  plan.input().shape().n()));
    }
    boolean times = plan.spec().policy().changedInput() != ChangedInput.ACCEPT;
    target
        .files()
        .requireUnchanged(
            plan.input(),
            output,
            stores,
            times,
            times
                ? "--overwrite to start again, or --ignore-modification-times where only times changed"
                : "--overwrite to start again");
  }

  private void requireSamePast(
      long images, ReducePlan plan, FeatureSource source, int tiles, Resources resources)
      throws IOException {
    List<Box> bad = new ArrayList<>();
    for (long unit : ReceiptFiles.read(plan, RunFolder.of(output, stores)).badUnits()) {
      plan.units().groups(unit).forEach(bad::addAll);
    }
    boolean tolerant = plan.spec().policy().badInput() == BadInput.NODATA;
    VerificationFindings findings = new VerificationFindings();
    ByteStores view = new RecordedMetadata(output, stores).view();
    SpotCheck spotCheck =
        new SpotCheck(output, source, images, new SpotCheck.Sample(tiles, 1), view);
    spotCheck.requireFits(resources);
    for (Head head : plan.spec().heads()) {
      spotCheck.comparePast(head.name(), head.layer(), bad, tolerant, findings);
    }
    if (!findings.isOk()) {
      throw new InvalidInputException(
          "Cannot append to %s: the stored pixels differ from those that its input gives now (%s); verify --input shows more, --overwrite computes all again"
              .formatted(output, findings.json().at("/problems/0/detail").asText()));
    }
  }
}
