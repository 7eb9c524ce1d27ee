package org.pointwise;

import java.util.List;
import org.pointwise.format.ArrayInfo;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.plan.HoldoutBlocks;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.plan.HoldoutSplit.Part;
import org.pointwise.plan.TrainingTiles;

/**
 * The tiles from which an evaluation learns what it compares a layer with: decoders, baselines and
 * probes. Immutable.
 *
 * @param measured whether these are the measured tiles, because no others are known
 */
record LearningTiles(ArrayInfo info, HoldoutSplit split, boolean measured) {
  /**
   * Returns the tiles that are not held out; if all tiles are measured, those that the layer was
   * fitted on, or else another layer of the table.
   */
  static LearningTiles of(EvaluatedLayer row, List<EvaluatedLayer> rows, EvaluatedTiles tiles) {
    if (tiles.split().part() != Part.ALL) {
      return new LearningTiles(tiles.info(), tiles.split().withPart(Part.TRAIN), false);
    }
    LearningTiles own = of(row, tiles);
    for (EvaluatedLayer other : rows) {
      own = own.measured ? of(other, tiles) : own;
    }
    return own;
  }

  private static LearningTiles of(EvaluatedLayer row, EvaluatedTiles tiles) {
    TrainingTiles fitted = row.training().tiles();
    return fitted == null
            || row.training().masked()
            || !channels(fitted.fitted()).equals(channels(tiles.info()))
        ? new LearningTiles(tiles.info(), tiles.split(), true)
        : new LearningTiles(fitted.fitted(), fitted.split(), false);
  }

  private static String channels(ArrayInfo info) {
    return info.describeSubset().replaceFirst("^(?!channels)(?:(?! channels ).)*", "").strip();
  }

  /**
   * Returns the approximate number of pixels in the tiles, usable or not.
   *
   * @param moments moments of the measured pixels
   */
  long pixels(EvaluatedTiles tiles, FeatureMoments moments) {
    long seen = moments.count() + moments.masked() + moments.nonFinitePixels();
    HoldoutBlocks blocks = split.of(info);
    return measured
        ? seen
        : tiles.split().part() == Part.TEST
            ? info.pixels() - seen
            : (long) (info.pixels() * (1 - (double) blocks.heldOut() / blocks.count()));
  }

  /** Returns a text that is equal for the same pixels of the same array. */
  String key() {
    return info.identity() + " " + (split.part() == Part.ALL ? HoldoutSplit.ALL : split);
  }
}
