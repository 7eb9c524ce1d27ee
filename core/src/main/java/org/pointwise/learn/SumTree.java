package org.pointwise.learn;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BinaryOperator;

/**
 * Adds up sums of numbered leaves as a binary tree over their numbers, so that the total is the
 * same to the bit in whatever order, and in whatever portions, they come. Mutable, confined to one
 * thread.
 *
 * <p>Two neighbours of a level that are both there become one of the next; leaves that come in
 * order leave at most one node a level waiting.
 */
public final class SumTree<T> {
  /** The sum of leaves {@code index·2^level … (index + 1)·2^level − 1}. */
  public record Node<T>(int level, long index, T sum) {
    private long first() {
      return index << level;
    }
  }

  private final BinaryOperator<T> adding;

  /** By level, then index. */
  private final Map<Integer, SortedMap<Long, T>> waiting = new TreeMap<>();

  /**
   * @param adding gives the sum of a left and a right neighbour; it may change and return either
   */
  public SumTree(BinaryOperator<T> adding) {
    this.adding = adding;
  }

  /** Adds a leaf that is not there yet. */
  public void add(long leaf, T sum) {
    add(new Node<>(0, leaf, sum));
  }

  /** Adds what another tree had; the node's sum may change hereafter. */
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
    return waiting.computeIfAbsent(level, any -> new TreeMap<>());
  }

  /** What is waiting, in the order of its first leaves. */
  public List<Node<T>> nodes() {
    List<Node<T>> nodes = new ArrayList<>();
    waiting.forEach(
        (level, byIndex) ->
            byIndex.forEach((index, sum) -> nodes.add(new Node<>(level, index, sum))));
    nodes.sort((a, b) -> Long.compare(a.first(), b.first()));
    return nodes;
  }

  /**
   * The sum of all leaves; the tree is spent.
   *
   * @param nothing what the nodes are added to, from the first leaf on
   */
  public T total(T nothing) {
    T total = nothing;
    for (Node<T> node : nodes()) {
      total = adding.apply(total, node.sum());
    }
    return total;
  }
}
