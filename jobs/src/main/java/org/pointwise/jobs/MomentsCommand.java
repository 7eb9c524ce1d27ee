package org.pointwise.jobs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.MomentsTree.Node;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.Resources;
import org.pointwise.run.MomentsJob;
import org.pointwise.run.RunFolder;
import org.pointwise.run.Runner;
import org.pointwise.store.ByteStores;
import org.pointwise.store.FeatureSource;
import org.pointwise.store.JsonText;
import org.pointwise.weights.MomentsFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** One pass over features for what most methods learn from. */
@Command(
    name = "moments",
    description = {
      "Takes count, mean and co-moments of all pixels in one pass, by class where there are labels.",
      "fit --moments merges such files and learns from them without reading a pixel again."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false)
final class MomentsCommand implements Callable<Integer> {
  @Spec CommandSpec command;

  @Mixin InputOptions input = new InputOptions();

  @Parameters(index = "1", paramLabel = "MOMENTS", description = "The file to write, .safetensors.")
  String output = "";

  @Mixin MomentsOptions pixels = new MomentsOptions();

  @Mixin RunnerOptions runner = new RunnerOptions();

  @Option(names = "--dry-run", description = "Print the plan and write nothing.")
  boolean dryRun;

  @Option(names = "--overwrite", description = "Replace the file that is there.")
  boolean overwrite;

  @Option(names = "--json", description = "Print the report (or the plan) as JSON.")
  boolean json;

  @Option(names = "--quiet", description = "No plan and no progress on stderr.")
  boolean quiet;

  @Override
  public Integer call() throws IOException {
    long started = System.nanoTime();
    String uri = ByteStores.absolute(output);
    FeatureSource source = input.open();
    MomentsPlan plan =
        MomentsPlan.of(pixels.spec(uri, source.info()), source.info(), source.dequantisation());
    MomentsPass pass = new MomentsPass(plan, quiet, command.commandLine().getErr());
    if (dryRun) {
      return show(plan, pass);
    }
    MomentsPass.requireFree(uri, overwrite);
    return runner.with(
        "pointwise moments", (chosen, resources) -> run(uri, pass, chosen, resources, started));
  }

  private int show(MomentsPlan plan, MomentsPass pass) {
    PrintWriter out = command.commandLine().getOut();
    Resources here = runner.here(Runtime.getRuntime().availableProcessors());
    plan.requireFits(here);
    if (json) {
      out.println(JsonText.text(RunFolder.describe(plan)));
    } else {
      pass.print(here, out);
    }
    return 0;
  }

  private int run(String uri, MomentsPass pass, Runner chosen, Resources resources, long started)
      throws IOException {
    MomentsJob.Outcome outcome = pass.run(chosen, resources);
    FeatureMoments found = outcome.moments();
    byte[] bytes = encode(found, pass.provenance());
    Stores.ANY.open(ByteStores.parent(uri)).put(ByteStores.name(uri), bytes);
    ObjectNode report = pass.report(outcome, chosen, bytes.length, started);
    pass.finish(report);
    PrintWriter out = command.commandLine().getOut();
    if (json) {
      out.println(JsonText.text(report));
    } else {
      out.printf(
          Locale.ROOT,
          "Moments   %s: %d pixels of %d channels%s; %d nodata, %d not finite; %.2f s%n",
          uri,
          found.count(),
          found.channels(),
          found.labelled() ? ", %d classes".formatted(found.classes()) : "",
          found.masked(),
          found.nonFinitePixels(),
          report.path("seconds").asDouble());
    }
    return 0;
  }

  /** The artefact; its bytes depend on the pixels and on how they were chosen alone. */
  static byte[] encode(FeatureMoments found, Map<String, String> provenance) {
    Map<String, String> metadata = new LinkedHashMap<>(provenance);
    metadata.put("data", MomentsFile.sha256(found));
    return MomentsFile.encode(List.of(new Node(0, 0, found)), metadata);
  }
}
