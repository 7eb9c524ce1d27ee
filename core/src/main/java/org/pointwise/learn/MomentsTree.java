package org.pointwise.learn;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Adds up the moments of numbered leaves as a binary tree over their numbers, so that the sum is
 * the same to the bit in whatever order, and in whatever portions, they come. Mutable, confined to
 * one thread.
 *
 * <p>Two neighbours of a level that are both there become one of the next; leaves that come in
 * order leave at most one node a level waiting.
 */
public final class MomentsTree {
  /** The moments of leaves {@code index·2^level … (index + 1)·2^level − 1}. */
  public record Node(int level, long index, FeatureMoments moments) {
    private long first() {
      return index << level;
    }
  }

  /** By level, then index. */
  private final Map<Integer, SortedMap<Long, FeatureMoments>> waiting = new TreeMap<>();

  /** Adds a leaf that is not there yet. */
  public void add(long leaf, FeatureMoments moments) {
    add(new Node(0, leaf, moments));
  }

  /** Adds what another tree had; the node's moments change hereafter. */
  public void add(Node node) {
    int level = node.level();
    long index = node.index();
    FeatureMoments moments = node.moments();
    while (true) {
      FeatureMoments neighbour = level(level).remove(index ^ 1);
      if (neighbour == null) {
        level(level).put(index, moments);
        return;
      }
      if ((index & 1) == 0) {
        moments.add(neighbour);
      } else {
        neighbour.add(moments);
        moments = neighbour;
      }
      level++;
      index >>= 1;
    }
  }

  private SortedMap<Long, FeatureMoments> level(int level) {
    return waiting.computeIfAbsent(level, any -> new TreeMap<>());
  }

  /** What is waiting, in the order of its first leaves. */
  public List<Node> nodes() {
    List<Node> nodes = new ArrayList<>();
    waiting.forEach(
        (level, byIndex) ->
            byIndex.forEach((index, moments) -> nodes.add(new Node(level, index, moments))));
    nodes.sort((a, b) -> Long.compare(a.first(), b.first()));
    return nodes;
  }

  /** The sum of all leaves; the tree is spent. */
  public FeatureMoments total(int channels) {
    FeatureMoments total = new FeatureMoments(channels);
    nodes().forEach(node -> total.add(node.moments()));
    return total;
  }
}
