package org.pointwise.run;

import java.util.ArrayList;
import java.util.List;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.Storage;
import org.pointwise.format.npy.NpySink;
import org.pointwise.format.zarr.ZarrLayout;
import org.pointwise.format.zarr.ZarrSink;
import org.pointwise.plan.Head;
import org.pointwise.plan.OutputFormat;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;

/** Where the arrays of a plan go. */
final class Output {
  private Output() {}

  /** One sink a head. */
  static List<FeatureSink> sinks(ReducePlan plan, ByteStore store) {
    List<FeatureSink> sinks = new ArrayList<>();
    for (Head head : plan.spec().heads()) {
      sinks.add(
          plan.spec().format() == OutputFormat.NPY
              ? npy(plan, head, store)
              : new ZarrSink(store, layout(plan, head)));
    }
    return sinks;
  }

  static ZarrLayout layout(ReducePlan plan, Head head) {
    return new ZarrLayout(
        plan.spec().format() == OutputFormat.ZARR3 ? 3 : 2,
        head.name(),
        plan.output().axes(),
        plan.dimensionNames(head),
        plan.input().shape().withChannels(head.layer().outChannels()),
        plan.output().type(),
        plan.output().chunk(),
        plan.output().shard(),
        plan.output().sharded(),
        plan.spec().compression());
  }

  private static FeatureSink npy(ReducePlan plan, Head head, ByteStore store) {
    Storage storage = plan.input().storage();
    List<String> names =
        storage == Storage.FILE
            ? List.of(ByteStores.name(plan.input().uri()))
            : plan.input().imageNames();
    boolean oneImageAFile = storage != Storage.FILE;
    Axes axes = plan.output().axes();
    Axes fileAxes =
        oneImageAFile && axes.rank() > 1
            ? new Axes(axes.order().stream().filter(axis -> axis != Axis.N).toList())
            : axes;
    return new NpySink(
        store,
        plan.spec().heads().size() == 1 ? "" : head.name(),
        names,
        fileAxes,
        head.layer().outChannels(),
        plan.output().type());
  }
}
