package org.pointwise;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.job.StoredOutput;
import org.pointwise.plan.HoldoutBlocks;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.plan.HoldoutSplit.Part;

/**
 * The features and the hold-out blocks of them that are measured. Immutable.
 *
 * @param source the features
 * @param split the blocks to measure: the held-out ones, the others or all
 * @param testSizeFrom where the fraction of the test set comes from, see {@link
 *     EvaluationSplit#testSizeFrom}
 * @param stored the images of the evaluated output that come from the features; null if all do, or
 *     no output is evaluated
 */
record EvaluatedTiles(
    FeatureSource source,
    HoldoutSplit split,
    String testSizeFrom,
    StoredOutput.@Nullable Images stored) {
  private static final String OTHER_IMAGES =
      "are measured with their own INPUT, which sources.json in the run folder of the output lists";

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

  /** Writes which images of the output and which blocks are measured. */
  void describe(ObjectNode to) {
    if (stored != null) {
      to.put("outputImages", stored.first() + ":" + stored.end())
          .put("outputImagesInAll", stored.all())
          .put("otherImages", OTHER_IMAGES);
    }
    to.put("split", name());
    if (split.part() != Part.ALL || testSizeFrom.equals(EvaluationSplit.OTHER_ARRAY)) {
      to.put("heldOutFrom", testSizeFrom);
    }
    to.put("heldOut", split.fraction())
        .put("heldOutBlock", split.block())
        .put("holdoutBlocks", blocks().count())
        .put("measuredBlocks", measured())
        .put("seed", seed());
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
