package org.pointwise.spark;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.Map;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.Moments;
import org.pointwise.learn.MomentsTree;

/** Serialises trees of moments. */
public final class MomentsWire {
  private static final int BYTES = 4096;

  private MomentsWire() {}

  /** Returns the nodes of a tree as bytes. */
  public static byte[] encode(MomentsTree tree) {
    Output out = new Output(BYTES, -1);
    out.writeInt(tree.nodes().size());
    for (MomentsTree.Node node : tree.nodes()) {
      out.writeInt(node.level());
      out.writeLong(node.index());
      write(out, node.moments());
    }
    return out.toBytes();
  }

  /**
   * Adds the nodes of an encoded tree to another tree.
   *
   * @param at the position of the encoded tree
   */
  public static void add(byte[] encoded, int at, MomentsTree tree) {
    Input in = new Input(encoded, at, encoded.length - at);
    int nodes = in.readInt();
    for (int i = 0; i < nodes; i++) {
      tree.add(new MomentsTree.Node(in.readInt(), in.readLong(), read(in)));
    }
  }

  private static void write(Output out, FeatureMoments moments) {
    out.writeInt(moments.channels());
    NumbersWire.write(out, moments.min());
    NumbersWire.write(out, moments.max());
    NumbersWire.write(out, moments.zeros());
    NumbersWire.write(out, moments.nonFinite());
    out.writeLong(moments.masked());
    out.writeLong(moments.nonFinitePixels());
    out.writeLong(moments.inFloat64());
    out.writeInt(moments.groups().size());
    for (Map.Entry<Integer, Moments> group : moments.groups().entrySet()) {
      out.writeInt(group.getKey());
      out.writeLong(group.getValue().count());
      NumbersWire.write(out, group.getValue().mean());
      NumbersWire.write(out, group.getValue().coMoments());
    }
  }

  private static FeatureMoments read(Input in) {
    int channels = in.readInt();
    FeatureMoments moments =
        new FeatureMoments(
            channels,
            NumbersWire.readDoubles(in),
            NumbersWire.readDoubles(in),
            NumbersWire.readLongs(in),
            NumbersWire.readLongs(in));
    moments.addLeftOut(in.readLong(), in.readLong());
    moments.addInFloat64(in.readLong());
    int groups = in.readInt();
    for (int g = 0; g < groups; g++) {
      int label = in.readInt();
      long count = in.readLong();
      double[] mean = NumbersWire.readDoubles(in);
      moments.groups().put(label, new Moments(channels, count, mean, NumbersWire.readDoubles(in)));
    }
    return moments;
  }
}
