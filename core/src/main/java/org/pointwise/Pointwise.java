package org.pointwise;

import java.io.IOException;
import org.pointwise.format.FeatureSource;
import org.pointwise.store.ByteStores;

/**
 * Plans and runs the jobs of Pointwise. {@code plan} refuses what cannot be done, writes nothing,
 * and returns a {@link Job}; {@code reduce}, {@code moments}, {@code fit} and {@code evaluate} plan
 * and run; {@code verify} has no plan. The same spec run again continues what was interrupted.
 *
 * <p>Methods throw {@link org.pointwise.errors.PointwiseException} with a line that says what was
 * found, what was needed and what to do, and {@link IllegalArgumentException} where parts of a spec
 * do not go together. Confined to one thread.
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

  /** On the threads of this JVM, one for each of its processors, and on local files. */
  public static Pointwise local() {
    return local(Runtime.getRuntime().availableProcessors());
  }

  /** On so many threads of this JVM, and on local files. */
  public static Pointwise local(int threads) {
    return on(ByteStores.LOCAL, Execution.threads(ByteStores.LOCAL, threads));
  }

  /** On machines and stores of any kind; {@link #close} closes the machines. */
  public static Pointwise on(ByteStores stores, Execution execution) {
    return new Pointwise(stores, execution, Listener.SILENT);
  }

  /** The same machines with a listener that all jobs call; closing either closes both. */
  public Pointwise with(Listener other) {
    return new Pointwise(stores, execution, other);
  }

  /** This software's version. */
  public static String version() {
    String version = Pointwise.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** Opens a feature array by its metadata alone. */
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

  /** Plans a pass for moments. */
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

  /** Reduces, or continues a reduction. */
  public ReduceReport reduce(ReduceSpec spec) throws IOException {
    return plan(spec).run();
  }

  /** Takes moments. */
  public MomentsReport moments(MomentsSpec spec) throws IOException {
    return plan(spec).run();
  }

  /** Learns a layer. */
  public FitReport fit(FitSpec spec) throws IOException {
    return plan(spec).run();
  }

  /** Measures what a layer keeps. */
  public EvaluateReport evaluate(EvaluateSpec spec) throws IOException {
    return plan(spec).run();
  }

  /** Looks at the objects of an output, and compares its numbers where an input is given. */
  public VerifyReport verify(VerifySpec spec) throws IOException {
    return new VerifyJob(spec, stores, execution).run(listener);
  }

  /** Closes the machines, where they were made for this. */
  @Override
  public void close() {
    execution.close();
  }
}
