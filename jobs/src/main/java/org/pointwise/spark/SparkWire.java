package org.pointwise.spark;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import org.pointwise.hadoop.Stores;
import org.pointwise.learn.SumTree;
import org.pointwise.plan.UnitPlan;
import org.pointwise.work.RunTotals;
import org.pointwise.work.Workers;

/**
 * Serialises what driver and executors exchange. Only bytes and arrays of numbers are exchanged,
 * which every serializer of Spark supports, so that a running Spark needs no special settings.
 */
final class SparkWire {
  private static final int PLAN_BYTES = 4096;
  private static final int TOTALS = -1; // marks totals, in the field of a node's level
  private static final int NODE_BYTES = Integer.BYTES + Long.BYTES;

  /**
   * The workers of each plan, by the array of the broadcast on this executor. Closed after the
   * array is garbage-collected.
   */
  private static final Map<byte[], Workers> WORKERS =
      Collections.synchronizedMap(new WeakHashMap<>());

  private static final Cleaner CLEANER = Cleaner.create();

  private SparkWire() {}

  static byte[] encode(UnitPlan plan) {
    Output out = new Output(PLAN_BYTES, -1);
    PlanWire.write(out, plan);
    return out.toBytes();
  }

  /** Returns the workers of a plan in this process, the same for all tasks with the same array. */
  static Workers workers(byte[] plan) {
    synchronized (WORKERS) {
      Workers cached = WORKERS.get(plan);
      if (cached == null) {
        WORKERS.values().forEach(Workers::close); // idle workers would use memory of this plan
        Workers created = new Workers(PlanWire.read(new Input(plan)), Stores.ANY);
        CLEANER.register(plan, () -> release(created));
        WORKERS.put(plan, created);
        cached = created;
      }
      return cached;
    }
  }

  private static void release(Workers workers) {
    workers.close();
    WORKERS.values().remove(workers); // else the map keeps them until its next use
  }

  static byte[] encode(RunTotals totals) {
    long[] fields = totals.toArray();
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + fields.length * Long.BYTES);
    bytes.putInt(TOTALS).asLongBuffer().put(fields);
    return bytes.array();
  }

  static byte[] encode(SumTree.Node<double[]> node) {
    ByteBuffer bytes = ByteBuffer.allocate(NODE_BYTES + node.sum().length * Double.BYTES);
    bytes.putInt(node.level()).putLong(node.index()).asDoubleBuffer().put(node.sum());
    return bytes.array();
  }

  /** Adds an encoded part to the totals or to the tree. */
  static void addPart(byte[] part, RunTotals totals, SumTree<double[]> tree) {
    ByteBuffer bytes = ByteBuffer.wrap(part);
    int level = bytes.getInt();
    if (level == TOTALS) {
      long[] fields = new long[bytes.remaining() / Long.BYTES];
      bytes.asLongBuffer().get(fields);
      totals.add(RunTotals.of(fields));
    } else {
      long index = bytes.getLong();
      double[] sum = new double[bytes.remaining() / Double.BYTES];
      bytes.asDoubleBuffer().get(sum);
      tree.add(new SumTree.Node<>(level, index, sum));
    }
  }

  /** Returns the first leaf of an encoded node; −1 for totals. */
  static long firstLeaf(byte[] part) {
    ByteBuffer bytes = ByteBuffer.wrap(part);
    int level = bytes.getInt();
    return level == TOTALS ? TOTALS : bytes.getLong() << level;
  }
}
