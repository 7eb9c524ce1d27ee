package org.pointwise.learn;

import java.util.List;

/** A {@link SumTree} of the moments of numbered leaves. Mutable, confined to one thread. */
public final class MomentsTree {
  /** The moments of leaves {@code index·2^level … (index + 1)·2^level − 1}. */
  public record Node(int level, long index, FeatureMoments moments) {}

  private final SumTree<FeatureMoments> tree =
      new SumTree<>(
          (left, right) -> {
            left.add(right);
            return left;
          });

  /** Adds a leaf whose number was not added before. */
  public void add(long leaf, FeatureMoments moments) {
    tree.add(leaf, moments);
  }

  /** Adds a node of another tree. The node's moments may change afterwards. */
  public void add(Node node) {
    tree.add(new SumTree.Node<>(node.level(), node.index(), node.moments()));
  }

  /** Returns the unmerged nodes, in the order of their first leaves. */
  public List<Node> nodes() {
    return tree.nodes().stream()
        .map(node -> new Node(node.level(), node.index(), node.sum()))
        .toList();
  }

  /** Returns the sum of all leaves. The tree must not be used afterwards. */
  public FeatureMoments total(int channels) {
    return tree.total(new FeatureMoments(channels));
  }
}
