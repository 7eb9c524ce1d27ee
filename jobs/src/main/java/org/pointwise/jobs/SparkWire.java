package org.pointwise.jobs;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.spark.serializer.KryoRegistrator;
import org.pointwise.conv.KernelChoice;
import org.pointwise.learn.SumTree;
import org.pointwise.plan.MapPlan;
import org.pointwise.plan.UnitPlan;
import org.pointwise.run.EarlierRuns;
import org.pointwise.run.RunTotals;
import org.pointwise.run.UnitWorker;

/** What crosses the wire between driver and executors, and how. */
final class SparkWire {
  private SparkWire() {}

  /** A node of a {@link SumTree} on the wire. */
  static final class Sum {
    private final SumTree.Node<double[]> node;

    Sum(SumTree.Node<double[]> node) {
      this.node = node;
    }

    SumTree.Node<double[]> node() {
      return node;
    }

    long first() {
      return node.index() << node.level();
    }
  }

  /** A plan on an executor, with the workers that its threads hand to one another. */
  static final class Work {
    final UnitPlan plan;
    private final EarlierRuns earlier;
    private final Queue<UnitWorker> idle = new ConcurrentLinkedQueue<>();

    Work(UnitPlan plan) {
      this.plan = plan;
      this.earlier = new EarlierRuns(plan, Stores.ANY);
    }

    UnitWorker borrow() {
      UnitWorker worker = idle.poll();
      return worker != null
          ? worker
          : UnitWorker.of(plan, Stores.ANY, KernelChoice.forThisJvm(), earlier);
    }

    void giveBack(UnitWorker worker) {
      idle.add(worker);
    }
  }

  /** A plan on an executor. */
  record MapWork(MapPlan plan) {}

  /** Registers everything that we send. Spark registers its own. */
  public static final class Registrator implements KryoRegistrator {
    @Override
    public void registerClasses(Kryo kryo) {
      kryo.register(Work.class, new WorkSerializer());
      kryo.register(MapWork.class, new MapWorkSerializer());
      kryo.register(double[].class);
      kryo.register(double[][].class);
      kryo.register(Sum.class, new SumSerializer());
      kryo.register(Sum[].class);
      kryo.register(RunTotals.class, new TotalsSerializer());
      kryo.register(RunTotals[].class);
      kryo.register(Object[].class);
    }
  }

  private static final class WorkSerializer extends Serializer<Work> {
    @Override
    public void write(Kryo kryo, Output out, Work work) {
      PlanWire.write(out, work.plan);
    }

    @Override
    public Work read(Kryo kryo, Input in, Class<Work> type) {
      return new Work(PlanWire.read(in));
    }
  }

  private static final class MapWorkSerializer extends Serializer<MapWork> {
    @Override
    public void write(Kryo kryo, Output out, MapWork work) {
      PlanWire.write(out, work.plan);
    }

    @Override
    public MapWork read(Kryo kryo, Input in, Class<MapWork> type) {
      return new MapWork(PlanWire.readMap(in));
    }
  }

  private static final class SumSerializer extends Serializer<Sum> {
    @Override
    public void write(Kryo kryo, Output out, Sum sum) {
      out.writeInt(sum.node().level());
      out.writeLong(sum.node().index());
      out.writeInt(sum.node().sum().length);
      out.writeDoubles(sum.node().sum());
    }

    @Override
    public Sum read(Kryo kryo, Input in, Class<Sum> type) {
      return new Sum(new SumTree.Node<>(in.readInt(), in.readLong(), in.readDoubles(in.readInt())));
    }
  }

  private static final class TotalsSerializer extends Serializer<RunTotals> {
    @Override
    public void write(Kryo kryo, Output out, RunTotals totals) {
      long[] fields = totals.toArray();
      out.writeInt(fields.length);
      out.writeLongs(fields);
    }

    @Override
    public RunTotals read(Kryo kryo, Input in, Class<RunTotals> type) {
      return RunTotals.of(in.readLongs(in.readInt()));
    }
  }
}
