package org.pointwise;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.format.FeatureSource;
import org.pointwise.job.InputChanges;
import org.pointwise.job.MomentsRun;
import org.pointwise.job.OutputGuard;
import org.pointwise.job.TrainingDigest;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.plan.ChangedInput;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.PixelSelection;
import org.pointwise.plan.Resources;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.weights.MomentsFile;
import org.pointwise.work.manifest.PlanRecord;

/** A planned moments pass. Confined to one thread. */
public final class MomentsJob extends Job<MomentsReport> {
  private final MomentsPlan plan;
  private final MomentsRun run;
  private final ExtendedMoments extended;

  private MomentsJob(MomentsPlan plan, MomentsRun run, ExtendedMoments extended, Setting setting) {
    super(setting);
    this.plan = plan;
    this.run = run;
    this.extended = extended;
  }

  static MomentsJob plan(MomentsSpec spec, Setting setting) throws IOException {
    ByteStores stores = setting.stores();
    String output = ByteStores.absolute(spec.output());
    LabelsSpec labels = spec.pixels().labels();
    new OutputGuard(stores)
        .reads(spec.input().uri())
        .readsAll(spec.input().files())
        .reads(labels == null ? null : labels.uri())
        .writes(output)
        .requireDisjoint()
        .requireFree(spec.overwrite() || spec.append());
    if (spec.append()) {
      spec.input().requireExtensible(output);
    }
    ExtendedMoments extended =
        spec.append() ? ExtendedMoments.of(output, stores) : ExtendedMoments.none(output);
    FeatureSource source = spec.input().open(stores, extended.files().names());
    PixelSelection pixels =
        spec.pixels().of(source.info(), output, stores).from(extended.requireGrown(source.info()));
    MomentsPlan plan = MomentsPlan.of(pixels, source.info());
    extended.requireCompatible(plan, !spec.ignoreTimes(), stores);
    InputChanges past =
        new InputChanges(
            plan,
            extended.inputRecord(),
            spec.ignoreTimes() ? ChangedInput.ACCEPT : ChangedInput.REFUSE,
            stores);
    MomentsRun run = new MomentsRun(stores, plan, past, Pointwise.version());
    return new MomentsJob(plan, run, extended, setting);
  }

  /** Returns the complete plan. */
  public MomentsPlan plan() {
    return plan;
  }

  @Override
  public Resources requireFits() {
    Resources resources = execution().resources();
    plan.requireFits(resources);
    return resources;
  }

  @Override
  public String json() {
    requireFits();
    return JsonText.text(PlanRecord.of(plan).json());
  }

  @Override
  MomentsReport execute(Listener listener, long started) throws IOException {
    MomentsPass pass = new MomentsPass(plan, run, started);
    try (run) {
      MomentsRun.Outcome outcome = pass.run(execution().runner(), listener);
      FeatureMoments moments = new FeatureMoments(outcome.moments().channels());
      MomentsFile.@Nullable Contents contents = extended.contents();
      if (contents != null) {
        moments.add(contents.moments());
      }
      moments.add(outcome.moments());
      Map<String, String> provenance = MomentsProvenance.of(plan);
      TrainingDigest digest = extended.digest(plan, stores());
      if (digest != null) {
        provenance.put(MomentsProvenance.SOURCE, digest.toString());
      }
      byte[] bytes = MomentsProvenance.file(moments, provenance);
      String output = plan.destination();
      if (extended.changed(stores())) {
        throw new IncompleteRunException(
            "Cannot append to %s: another run has changed it since this one was planned; run the same command again"
                .formatted(output));
      }
      run.record(MomentsFile.sha256(moments));
      run.requireHeld();
      stores().open(ByteStores.parent(output)).put(ByteStores.name(output), bytes);
      ObjectNode report = pass.report(outcome, bytes.length);
      run.finish(report);
      return new MomentsReport(report, moments);
    }
  }
}
