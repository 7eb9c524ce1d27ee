package org.pointwise;

import java.util.Locale;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.plan.HoldoutBlocks;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.plan.HoldoutSplit.Part;

/**
 * The features and the hold-out blocks of them that are measured. Immutable.
 *
 * @param source the features
 * @param split the blocks to measure: the held-out ones, the others or all
 */
record EvaluatedTiles(FeatureSource source, HoldoutSplit split) {
  ArrayInfo info() {
    return source.info();
  }

  HoldoutBlocks blocks() {
    return split.of(source.info());
  }

  /** Returns the number of measured blocks. */
  long measured() {
    HoldoutBlocks blocks = blocks();
    return switch (split.part()) {
      case TEST -> blocks.heldOut();
      case TRAIN -> blocks.count() - blocks.heldOut();
      case ALL -> blocks.count();
    };
  }

  /** Returns the random seed of all random choices. */
  long seed() {
    return split.seed();
  }

  /** Returns the measured part of the blocks as the value of {@code --split}. */
  String name() {
    return name(split.part());
  }

  static String name(Part part) {
    return part.name().toLowerCase(Locale.ROOT);
  }
}
