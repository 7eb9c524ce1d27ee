package org.pointwise.learn;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BinaryOperator;

/**
 * Adds sums of numbered leaves as a binary tree over their numbers, so that the total is
 * bit-identical for every order and every grouping of the leaves. Mutable, confined to one thread.
 *
 * <p>Two complete neighbours of a level are merged into one node of the next level. If leaves are
 * added in order, at most one node per level remains unmerged.
 */
public final class SumTree<T> {
  /** The sum of leaves {@code index·2^level … (index + 1)·2^level − 1}. */
  public record Node<T>(int level, long index, T sum) {
    private long first() {
      return index << level;
    }
  }

  private final BinaryOperator<T> adding;

  /** Unmerged nodes by level, then index. */
  private final Map<Integer, SortedMap<Long, T>> pending = new TreeMap<>();

  /**
   * @param adding returns the sum of a left and a right neighbour; it may change and return either
   */
  public SumTree(BinaryOperator<T> adding) {
    this.adding = adding;
  }

  /** Adds a leaf whose number was not added before. */
  public void add(long leaf, T sum) {
    add(new Node<>(0, leaf, sum));
  }

  /** Adds a node of another tree. The node's sum may change afterwards. */
  public void add(Node<T> node) {
    int level = node.level();
    long index = node.index();
    T sum = node.sum();
    while (true) {
      T neighbour = level(level).remove(index ^ 1);
      if (neighbour == null) {
        level(level).put(index, sum);
        return;
      }
      sum = (index & 1) == 0 ? adding.apply(sum, neighbour) : adding.apply(neighbour, sum);
      level++;
      index >>= 1;
    }
  }

  private SortedMap<Long, T> level(int level) {
    return pending.computeIfAbsent(level, any -> new TreeMap<>());
  }

  /** Returns the unmerged nodes, in the order of their first leaves. */
  public List<Node<T>> nodes() {
    List<Node<T>> nodes = new ArrayList<>();
    pending.forEach(
        (level, byIndex) ->
            byIndex.forEach((index, sum) -> nodes.add(new Node<>(level, index, sum))));
    nodes.sort((a, b) -> Long.compare(a.first(), b.first()));
    return nodes;
  }

  /**
   * Returns the sum of all leaves. The tree must not be used afterwards.
   *
   * @param nothing the sum to which the nodes are added, in the order of their first leaves
   */
  public T total(T nothing) {
    T total = nothing;
    for (Node<T> node : nodes()) {
      total = adding.apply(total, node.sum());
    }
    return total;
  }
}
