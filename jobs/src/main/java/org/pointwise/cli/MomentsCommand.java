package org.pointwise.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Storage;
import org.pointwise.hadoop.Stores;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.MomentsTree.Node;
import org.pointwise.plan.ChangedInput;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.MomentsSpec;
import org.pointwise.plan.Resources;
import org.pointwise.run.ImageList;
import org.pointwise.run.MomentsJob;
import org.pointwise.run.OutputGuard;
import org.pointwise.run.PastInput;
import org.pointwise.run.Runner;
import org.pointwise.run.SeenInput;
import org.pointwise.run.manifest.PlanRecord;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.weights.MomentsFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
  /** Under which a file records how many images it has seen. */
  static final String IMAGES = "images";

  /** Under which a file records the digest of its moments. */
  private static final String DATA = "data";

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

  @Option(
      names = "--append",
      description = {
        "Add the images that the input has gained along n since the file was made;",
        "makes the file where there is none. Other options as they were."
      })
  boolean append;

  @Option(
      names = "--ignore-modification-times",
      description =
          "With --append, take the images that were seen for the same although their objects have other times of change, as a copy has; other lengths are refused all the same (default: refuse).")
  boolean ignoreTimes;

  @Option(names = "--json", description = "Print the report (or the plan) as JSON.")
  boolean json;

  @Option(names = "--quiet", description = "No plan and no progress on stderr.")
  boolean quiet;

  @Override
  public Integer call() throws IOException {
    long started = System.nanoTime();
    String uri = ByteStores.absolute(output);
    if (append && overwrite) {
      throw new ParameterException(
          command.commandLine(), "--append keeps what is there and --overwrite replaces it");
    }
    new OutputGuard(Stores.ANY)
        .reads(input.input)
        .readsAll(input.reading.files())
        .reads(pixels.labels.labels)
        .writes(uri)
        .requireApart()
        .requireFree(overwrite || append);
    boolean exists = Stores.ANY.open(ByteStores.parent(uri)).size(ByteStores.name(uri)) >= 0;
    MomentsFile.Contents earlier = append && exists ? MomentsFile.read(Stores.ANY, uri) : null;
    long recorded = earlier == null ? 0 : seen(uri, earlier);
    SeenInput known = earlier == null ? null : SeenInput.read(uri, data(earlier), Stores.ANY);
    ImageList files =
        known != null
            ? known.files()
            : earlier == null ? ImageList.NONE : ImageList.read(uri, Stores.ANY).first(recorded);
    FeatureSource source = input.open(files.names());
    long seen = requireGrown(uri, recorded, source.info());
    MomentsSpec spec = pixels.spec(uri, source.info()).from(seen);
    MomentsPlan plan = MomentsPlan.of(spec, source.info(), source.dequantisation());
    ChangedInput changed = ignoreTimes ? ChangedInput.ACCEPT : ChangedInput.REFUSE;
    PastInput past = new PastInput(plan, known, changed, Stores.ANY);
    MomentsJob job = new MomentsJob(Stores.ANY, plan, past, Version.text());
    MomentsPass pass = new MomentsPass(plan, job, quiet, command.commandLine().getErr());
    if (earlier != null) {
      if (source.info().storage() == Storage.IMAGES && files.names().isEmpty()) {
        throw new InvalidInputException(
            "Cannot append to %s: nothing records which files of %s it has seen; use --overwrite to start anew"
                .formatted(uri, source.info().uri()));
      }
      requireAlike(uri, earlier, known, pass);
      files.requireSame(
          source.info(),
          uri,
          Stores.ANY,
          !ignoreTimes,
          ignoreTimes
              ? "--overwrite to start anew"
              : "--overwrite to start anew, or --ignore-modification-times where only times changed");
    }
    if (dryRun) {
      return show(plan, pass);
    }
    return runner.with(
        "pointwise moments",
        chosen -> {
          try (pass) {
            return run(uri, pass, earlier, chosen, started);
          }
        });
  }

  /** The digest of a file's moments, as it records it. */
  private static String data(MomentsFile.Contents file) {
    return String.valueOf(file.recorded(DATA));
  }

  /** How many images a file has seen. */
  private static long seen(String uri, MomentsFile.Contents earlier) {
    String recorded = earlier.recorded(IMAGES);
    if (recorded == null || !recorded.matches("[0-9]{1,18}")) {
      throw new InvalidInputException(
          "Cannot append to %s: it does not say how many images it has seen; use --overwrite to start anew"
              .formatted(uri));
    }
    return Long.parseLong(recorded);
  }

  /** Refuses an input that is not what was seen and more. */
  private static long requireGrown(String uri, long seen, ArrayInfo input) {
    if (input.shape().n() < seen) {
      throw new InvalidInputException(
          "Cannot append to %s: it has seen %d images but its input %s now has %d; a source may only grow, use --overwrite to start anew"
              .formatted(uri, seen, input.uri(), input.shape().n()));
    }
    return seen;
  }

  /** Refuses to mix pixels that were chosen in another way. */
  private static void requireAlike(
      String uri, MomentsFile.Contents earlier, @Nullable SeenInput known, MomentsPass pass) {
    Map<String, String> now = new LinkedHashMap<>(pass.provenance());
    now.remove(IMAGES);
    FeatureMoments found = earlier.moments();
    now.put("channels", String.valueOf(pass.plan().input().shape().c()));
    String chosen = PastInput.chosen(pass.plan());
    if (known != null && !known.chosen().equals(chosen)) {
      throw new InvalidInputException(
          "Cannot append to %s: it was made with %s, this is %s; give the same options, or use --overwrite"
              .formatted(uri, known.chosen(), chosen));
    }
    int classes = found.labelled() ? found.classes() : 0; // that occur, of those that may
    if (classes > pass.plan().spec().classes()) {
      throw new InvalidInputException(
          "Cannot append to %s: it has %d classes but %s; give the same --labels and at least so many --classes, or use --overwrite"
              .formatted(
                  uri,
                  classes,
                  pass.plan().spec().labels() == null
                      ? "there are no --labels"
                      : "--classes is " + pass.plan().spec().classes()));
    }
    for (Map.Entry<String, String> fact : now.entrySet()) {
      if (fact.getKey().equals(MomentsPass.SCALING) && earlier.recorded(fact.getKey()) == null) {
        continue; // 0.1.0 did not record it
      }
      String then =
          switch (fact.getKey()) {
            case "channels" -> String.valueOf(found.channels());
            default -> String.valueOf(earlier.recorded(fact.getKey()));
          };
      if (!then.equals(fact.getValue())) {
        throw new InvalidInputException(
            "Cannot append to %s: it was made with %s %s, this is %s; give the same options, or use --overwrite"
                .formatted(uri, fact.getKey(), then, fact.getValue()));
      }
    }
  }

  private int show(MomentsPlan plan, MomentsPass pass) {
    PrintWriter out = command.commandLine().getOut();
    Resources here = runner.here(Runtime.getRuntime().availableProcessors());
    plan.requireFits(here);
    if (json) {
      out.println(JsonText.text(PlanRecord.of(plan).json()));
    } else {
      pass.print(here, out);
    }
    return 0;
  }

  private int run(
      String uri,
      MomentsPass pass,
      MomentsFile.@Nullable Contents earlier,
      Runner chosen,
      long started)
      throws IOException {
    MomentsJob.Outcome outcome = pass.run(chosen);
    FeatureMoments found = new FeatureMoments(outcome.moments().channels());
    if (earlier != null) {
      found.add(earlier.moments());
    }
    found.add(outcome.moments());
    byte[] bytes = encode(found, pass.provenance());
    if (earlier != null && !data(earlier).equals(data(MomentsFile.read(Stores.ANY, uri)))) {
      throw new IncompleteRunException(
          "Cannot append to %s: another run has changed it since this one was planned; run the same command again"
              .formatted(uri));
    }
    pass.record(MomentsFile.sha256(found));
    pass.requireHeld();
    Stores.ANY.open(ByteStores.parent(uri)).put(ByteStores.name(uri), bytes);
    ObjectNode report = pass.report(outcome, bytes.length, started);
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
      String heldOut = pass.heldOut();
      if (heldOut != null) {
        out.println(heldOut);
      }
    }
    return 0;
  }

  /** The artefact; its bytes depend on the pixels and on how they were chosen alone. */
  static byte[] encode(FeatureMoments found, Map<String, String> provenance) {
    Map<String, String> metadata = new LinkedHashMap<>(provenance);
    metadata.put(DATA, MomentsFile.sha256(found));
    return MomentsFile.encode(List.of(new Node(0, 0, found)), metadata);
  }
}
