package org.pointwise.job;

import java.util.function.Supplier;
import org.pointwise.conv.KernelProvider;
import org.pointwise.plan.EvaluationPlan;
import org.pointwise.plan.ImageDigestPlan;
import org.pointwise.plan.InputDigestPlan;
import org.pointwise.plan.InputVersionPlan;
import org.pointwise.plan.MomentsMergePlan;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.TrainingPlan;
import org.pointwise.plan.UnitPlan;
import org.pointwise.plan.VerificationPlan;
import org.pointwise.store.ByteStores;
import org.pointwise.work.SharedReceiptIndex;
import org.pointwise.work.UnitWorker;
import org.pointwise.work.WorkerFactory;

/** Makes the workers of each plan. */
public final class JobWorkers implements WorkerFactory {
  @Override
  public Supplier<UnitWorker> workers(UnitPlan plan, ByteStores stores) {
    KernelProvider provider = KernelProvider.forThisJvm();
    if (plan instanceof ReducePlan reduce) {
      SharedReceiptIndex receipts = new SharedReceiptIndex(reduce, stores); // read once
      return () -> new ReduceWorker(reduce, stores, provider, receipts);
    }
    if (plan instanceof MomentsPlan moments) {
      return () -> new MomentsWorker(moments, stores, provider);
    }
    if (plan instanceof EvaluationPlan evaluation) {
      return () -> new Evaluator(evaluation, stores, provider);
    }
    if (plan instanceof VerificationPlan verification) {
      return () -> new VerificationWorker(verification, stores);
    }
    if (plan instanceof MomentsMergePlan merge) {
      return () -> new MomentsMergeWorker(merge, stores);
    }
    if (plan instanceof InputDigestPlan statuses) {
      return () -> new InputDigestWorker(statuses, stores);
    }
    if (plan instanceof InputVersionPlan statuses) {
      return () -> new InputVersionWorker(statuses, stores);
    }
    if (plan instanceof ImageDigestPlan images) {
      return () -> new ImageDigestWorker(images, stores);
    }
    if (plan instanceof TrainingPlan training) {
      return () -> new TrainingWorker(training, stores, provider);
    }
    throw new IllegalStateException("No worker for " + plan.getClass());
  }
}
