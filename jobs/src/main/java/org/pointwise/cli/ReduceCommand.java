package org.pointwise.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.pointwise.Listener;
import org.pointwise.Pointwise;
import org.pointwise.ReduceJob;
import org.pointwise.ReduceReport;
import org.pointwise.ReduceSpec;
import org.pointwise.conv.Normalisation;
import org.pointwise.plan.UnitPlan;
import org.pointwise.work.Progress;
import org.pointwise.work.RunFolder;
import org.pointwise.work.Runner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reduces the channels of a feature array. */
@Command(
    name = "reduce",
    description = "Reduces the channels of a feature array: y = act(W·x + b) at every pixel.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    footer = {
      "",
      "Several --weights or --head store several arrays in one pass over the input.",
      "Run the same command again to continue an interrupted run."
    })
final class ReduceCommand implements Callable<Integer> {
  @Spec CommandSpec command;

  @Mixin InputOptions input = new InputOptions();

  @Parameters(
      index = "1",
      paramLabel = "OUTPUT",
      description = "Path or URI of the output. It is a group of arrays or a folder of files.")
  String output = "";

  @Mixin LayerOptions layers = new LayerOptions();

  @Option(
      names = "--head",
      paramLabel = "NAME=FILE[#NAME]",
      converter = NamedLayer.class,
      description =
          "As --weights, with the name of the output's array. The default name is 'features' for one layer, else it is taken from the weights. Repeat the option for several heads; they are stored after those of --weights.")
  List<NamedLayer.Head> heads = new ArrayList<>();

  @Rare
  @Option(
      names = "--normalise",
      paramLabel = "none|l2",
      description =
          "Normalisation after the activation (default: ${DEFAULT-VALUE}). 'l2' divides the outputs of each pixel and head by their Euclidean length; zeros stay zeros.")
  Normalisation normalise = Normalisation.NONE;

  @Mixin OutputOptions storage = new OutputOptions();

  @Mixin ExistingOptions existing = new ExistingOptions();

  @Mixin RunPolicyOptions policy = new RunPolicyOptions();

  @Mixin RunnerOptions runner = new RunnerOptions();

  @Option(names = "--dry-run", description = "Print the plan and write nothing.")
  boolean dryRun;

  @Option(names = "--json", description = "Print the report, or the plan, as JSON on stdout.")
  boolean json;

  @Option(names = "--quiet", description = "Print no plan and no progress on stderr.")
  boolean quiet;

  @Override
  public Integer call() throws IOException {
    checkOptions();
    PrintWriter err = command.commandLine().getErr();
    try (Pointwise pointwise = runner.pointwise("pointwise reduce")) {
      ReduceJob job = pointwise.plan(spec());
      if (dryRun && !quiet) {
        job.notes().forEach(err::println);
        job.warnings().forEach(warning -> err.println("Warning: " + warning));
      }
      return dryRun ? show(job) : run(job, err);
    }
  }

  private void checkOptions() {
    existing.check(command.commandLine());
    policy.check(command.commandLine());
    if (layers.bias != null && layers.weights.size() + heads.size() > 1) {
      throw new ParameterException(
          command.commandLine(), "--bias needs exactly one layer: use safetensors for several");
    }
  }

  ReduceSpec spec() {
    return Specs.make(
        command,
        () ->
            new ReduceSpec(
                input.spec(),
                Stream.concat(
                        layers.refs().stream(),
                        heads.stream().map(head -> layers.ref(head.weights())))
                    .toList(),
                Stream.concat(
                        layers.weights.stream().map(unnamed -> ""),
                        heads.stream().map(NamedLayer.Head::name))
                    .toList(),
                normalise,
                storage.spec(output),
                existing.existing(),
                existing.checkedTiles,
                !policy.noSync,
                policy.ignoreTimes,
                policy.onBadInput));
  }

  private int run(ReduceJob job, PrintWriter err) throws IOException {
    ReduceReport report = job.run(quiet ? Listener.SILENT : new Console(job, err));
    PrintWriter out = command.commandLine().getOut();
    PlanText.warn(report, err);
    if (json) {
      out.println(report.json());
    } else {
      PlanText.printReport(report, out);
      out.println("Report    " + RunFolder.uri(job.plan().spec().output()) + "/report.json");
    }
    return policy.gate(report, err);
  }

  /** Prints the plan before the run, and progress in shards. */
  private static final class Console extends ConsoleListener {
    private final ReduceJob job;
    private final PrintWriter err;

    Console(ReduceJob job, PrintWriter err) {
      super(err);
      this.job = job;
      this.err = err;
    }

    @Override
    public Progress begin(UnitPlan plan, Runner runner) {
      PlanText.print(job, runner.resources(), err);
      print(runner);
      return new ConsoleProgress(job.plan(), "shards");
    }
  }

  private int show(ReduceJob job) {
    PrintWriter out = command.commandLine().getOut();
    if (json) {
      out.println(job.json());
    } else {
      PlanText.print(job, job.requireFits(), out);
    }
    return 0;
  }
}
