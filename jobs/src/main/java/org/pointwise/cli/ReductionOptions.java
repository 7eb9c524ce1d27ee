package org.pointwise.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import org.pointwise.InputSpec;
import org.pointwise.Listener;
import org.pointwise.Pointwise;
import org.pointwise.ReduceJob;
import org.pointwise.ReduceReport;
import org.pointwise.ReduceSpec;
import org.pointwise.conv.Normalisation;
import org.pointwise.plan.UnitPlan;
import org.pointwise.weights.WeightsRef;
import org.pointwise.work.Progress;
import org.pointwise.work.RunFolder;
import org.pointwise.work.Runner;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options for storing, running and reporting a reduction or a reconstruction. */
final class ReductionOptions {
  @Mixin OutputOptions storage = new OutputOptions();

  @Mixin ExistingOptions existing = new ExistingOptions();

  @Mixin RunPolicyOptions policy = new RunPolicyOptions();

  @Mixin RunnerOptions runner = new RunnerOptions();

  @Option(names = "--dry-run", description = "Print the plan with estimates; write nothing.")
  boolean dryRun;

  @Option(names = "--json", description = "Print the report (or the plan) as JSON.")
  boolean json;

  @Option(names = "--quiet", description = WarningListener.QUIET)
  boolean quiet;

  /** Plans a job. */
  interface Planner {
    ReduceJob plan(Pointwise pointwise) throws IOException;
  }

  void check(CommandLine command) {
    existing.check(command);
    policy.check(command);
    if (runner.threads < 1) {
      throw new ParameterException(command, "--threads must be at least 1");
    }
  }

  /** Returns the spec of a reduction with these options. */
  ReduceSpec spec(
      InputSpec input,
      List<WeightsRef> layers,
      List<String> headNames,
      Normalisation normalisation,
      String output) {
    return new ReduceSpec(
        input,
        layers,
        headNames,
        normalisation,
        storage.spec(output),
        existing.existing(),
        existing.checkedTiles,
        !policy.noSync,
        policy.ignoreTimes,
        policy.onBadInput,
        existing.duplicates,
        existing.dropUnfinished);
  }

  /** Plans the job and runs it or shows its plan; returns the exit code. */
  int run(CommandSpec command, Planner planner) throws IOException {
    PrintWriter err = command.commandLine().getErr();
    try (Pointwise pointwise = runner.pointwise("pointwise " + command.name())) {
      ReduceJob job = planner.plan(pointwise);
      if (dryRun) {
        Listener listener = listener(job, err);
        job.notes().forEach(listener::note);
        job.warnings().forEach(listener::warning);
      }
      PrintWriter out = command.commandLine().getOut();
      return dryRun ? show(job, out) : run(job, out, err);
    }
  }

  private int run(ReduceJob job, PrintWriter out, PrintWriter err) throws IOException {
    ReduceReport report = job.run(listener(job, err));
    PlanText.warn(report, err);
    if (json) {
      out.println(report.json());
    } else {
      PlanText.printReport(report, out);
      out.println("Report    " + RunFolder.uri(job.plan().spec().output()) + "/report.json");
    }
    return policy.gate(report, err);
  }

  private Listener listener(ReduceJob job, PrintWriter err) {
    return quiet ? new WarningListener(err) : new Console(job, err);
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

  private int show(ReduceJob job, PrintWriter out) {
    if (json) {
      out.println(job.json());
    } else {
      PlanText.print(job, job.requireFits(), out);
      PlanText.print(job.estimate(), out);
    }
    return 0;
  }
}
