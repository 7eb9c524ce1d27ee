package org.pointwise;

import java.io.IOException;
import org.pointwise.format.FeatureSource;
import org.pointwise.store.ByteStores;

/**
 * Plans and runs the jobs of Pointwise. Each {@code plan} method checks a spec, refuses what cannot
 * be done, writes nothing, and returns a {@link Job}. The methods {@code reduce}, {@code
 * reconstruct}, {@code moments}, {@code fit} and {@code evaluate} plan and run a job; {@code
 * verify} has no plan. Running the same spec again continues an interrupted run.
 *
 * <p>Methods throw {@link org.pointwise.errors.PointwiseException} with a one-line message that
 * names what was found, what was needed and what to do; {@link IllegalArgumentException} if the
 * components of a spec contradict each other; and {@link IOException} if a store fails. Confined to
 * one thread.
 */
public final class Pointwise implements AutoCloseable {
  private final ByteStores stores;
  private final Execution execution;
  private final Listener listener;

  private Pointwise(ByteStores stores, Execution execution, Listener listener) {
    this.stores = stores;
    this.execution = execution;
    this.listener = listener;
  }

  /**
   * Returns an instance that runs on the threads of this JVM, one for each processor, and opens
   * local files.
   */
  public static Pointwise local() {
    return local(Runtime.getRuntime().availableProcessors());
  }

  /**
   * Returns an instance that runs on the given number of threads of this JVM and opens local files.
   */
  public static Pointwise local(int threads) {
    return on(ByteStores.LOCAL, Execution.threads(ByteStores.LOCAL, threads));
  }

  /**
   * Returns an instance that runs on the given execution and opens the given stores. {@link #close}
   * closes the execution.
   */
  public static Pointwise on(ByteStores stores, Execution execution) {
    return new Pointwise(stores, execution, Listener.SILENT);
  }

  /**
   * Returns an instance with the same stores and execution, whose jobs call the given listener.
   * Closing either instance closes the execution of both.
   */
  public Pointwise with(Listener other) {
    return new Pointwise(stores, execution, other);
  }

  /** Returns the version of this software: that of its jar, or {@code development}. */
  public static String version() {
    String version = Pointwise.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** Opens a feature array. Reads no pixels. */
  public FeatureSource open(InputSpec input) {
    return input.open(stores);
  }

  private Job.Setting setting() {
    return Job.Setting.of(stores, execution, listener);
  }

  /** Plans a reduction. */
  public ReduceJob plan(ReduceSpec spec) throws IOException {
    return ReduceJob.plan(spec, setting());
  }

  /** Plans a reconstruction. */
  public ReduceJob plan(ReconstructSpec spec) throws IOException {
    return ReduceJob.plan(spec, setting());
  }

  /** Plans a moments pass. */
  public MomentsJob plan(MomentsSpec spec) throws IOException {
    return MomentsJob.plan(spec, setting());
  }

  /** Plans a fit. */
  public FitJob plan(FitSpec spec) throws IOException {
    return FitJob.plan(spec, setting());
  }

  /** Plans an evaluation. */
  public EvaluateJob plan(EvaluateSpec spec) throws IOException {
    return EvaluateJob.plan(spec, setting());
  }

  /** Plans and runs a reduction, or continues an interrupted one. */
  public ReduceReport reduce(ReduceSpec spec) throws IOException {
    return plan(spec).run();
  }

  /** Plans and runs a reconstruction of reduced features, or continues an interrupted one. */
  public ReduceReport reconstruct(ReconstructSpec spec) throws IOException {
    return plan(spec).run();
  }

  /** Plans and runs a moments pass. */
  public MomentsReport moments(MomentsSpec spec) throws IOException {
    return plan(spec).run();
  }

  /** Plans and runs a fit, which learns a layer. */
  public FitReport fit(FitSpec spec) throws IOException {
    return plan(spec).run();
  }

  /** Plans and runs an evaluation, which measures how much of the features a layer keeps. */
  public EvaluateReport evaluate(EvaluateSpec spec) throws IOException {
    return plan(spec).run();
  }

  /**
   * Checks the objects of an output and, if the spec names an input, compares the values with it.
   */
  public VerifyReport verify(VerifySpec spec) throws IOException {
    return new VerifyJob(spec, stores, execution).run(listener);
  }

  /** Closes the execution. A runner that existed before the execution stays open. */
  @Override
  public void close() {
    execution.close();
  }
}
