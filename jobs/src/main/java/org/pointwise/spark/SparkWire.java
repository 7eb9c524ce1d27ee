package org.pointwise.spark;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.Map;
import java.util.Queue;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.pointwise.conv.KernelChoice;
import org.pointwise.hadoop.Stores;
import org.pointwise.learn.SumTree;
import org.pointwise.plan.MapPlan;
import org.pointwise.plan.UnitPlan;
import org.pointwise.run.EarlierRuns;
import org.pointwise.run.UnitWorker;

/**
 * What crosses the wire between driver and executors: bytes, and arrays of numbers, which every
 * serializer of Spark carries. So nothing is asked of the settings of a Spark that runs already.
 */
final class SparkWire {
  private static final int PLAN_BYTES = 4096;
  private static final int NODE_BYTES = Integer.BYTES + Long.BYTES;

  /** By the array that a broadcast keeps on this executor, and with it. */
  private static final Map<byte[], Work> WORK = Collections.synchronizedMap(new WeakHashMap<>());

  private static final Map<byte[], MapPlan> MAPS = Collections.synchronizedMap(new WeakHashMap<>());

  private SparkWire() {}

  /** A plan on an executor, with the workers that its threads hand to one another. */
  static final class Work {
    final UnitPlan plan;
    private final EarlierRuns earlier;
    private final Queue<UnitWorker> idle = new ConcurrentLinkedQueue<>();

    private Work(UnitPlan plan) {
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

  static byte[] encode(UnitPlan plan) {
    Output out = new Output(PLAN_BYTES, -1);
    PlanWire.write(out, plan);
    return out.toBytes();
  }

  static byte[] encode(MapPlan plan) {
    Output out = new Output(PLAN_BYTES, -1);
    PlanWire.write(out, plan);
    return out.toBytes();
  }

  /** The work of a plan in this process, the same for all tasks that have the array. */
  static Work work(byte[] plan) {
    return WORK.computeIfAbsent(plan, sent -> new Work(PlanWire.read(new Input(sent))));
  }

  /** Likewise. */
  static MapPlan mapPlan(byte[] plan) {
    return MAPS.computeIfAbsent(plan, sent -> PlanWire.readMap(new Input(sent)));
  }

  static byte[] encode(SumTree.Node<double[]> node) {
    ByteBuffer bytes = ByteBuffer.allocate(NODE_BYTES + node.sum().length * Double.BYTES);
    bytes.putInt(node.level()).putLong(node.index()).asDoubleBuffer().put(node.sum());
    return bytes.array();
  }

  static SumTree.Node<double[]> node(byte[] node) {
    ByteBuffer bytes = ByteBuffer.wrap(node);
    int level = bytes.getInt();
    long index = bytes.getLong();
    double[] sum = new double[bytes.remaining() / Double.BYTES];
    bytes.asDoubleBuffer().get(sum);
    return new SumTree.Node<>(level, index, sum);
  }

  /** The first leaf of a node. */
  static long first(byte[] node) {
    ByteBuffer bytes = ByteBuffer.wrap(node);
    int level = bytes.getInt();
    return bytes.getLong() << level;
  }
}
