package org.pointwise;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.MomentsTree.Node;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.TrainingTiles;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.PixelSample;
import org.pointwise.weights.MomentsFile;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsRef;

/**
 * The metadata by which files of moments and of learned layers describe the pixels from which they
 * were made.
 */
final class MomentsProvenance {
  /** Number of images that the moments contain. */
  static final String IMAGES = "images";

  /** Digest of the moments. */
  static final String DATA = "data";

  /** Scaling of stored values; absent in files of version 0.1.0. */
  static final String SCALING = "scaling";

  /** Part of the input; absent if the whole input was read. */
  static final String SUBSET = "subset";

  /** Name of the mask; absent if there was none. */
  static final String MASK = "mask";

  static final String SAMPLE = "sample";
  static final String HELD_OUT = "heldOut";
  static final String HELD_OUT_BLOCK = "heldOutBlock";
  static final String SEED = "seed";

  /** Rows and columns of a hold-out block that is a tile; absent for blocks of a chosen size. */
  static final String HELD_OUT_TILE = "heldOutTile";

  /** Digest of a sample of the pixels; absent in files of earlier versions. */
  static final String SOURCE = "source";

  /** Rule by which held-out blocks were chosen; absent if none were held out. */
  static final String HELD_OUT_RULE = "heldOutRule";

  /** Value of {@link #HELD_OUT_RULE} for the rule of {@link HoldoutSplit}. */
  static final String STRATA = "strata";

  private MomentsProvenance() {}

  /**
   * Returns the provenance of the pixels of a pass. It does not depend on where the pixels are
   * stored.
   */
  static Map<String, String> of(MomentsPlan plan) {
    PixelSample sample = plan.spec().sample();
    HoldoutSplit split = plan.spec().holdout();
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(IMAGES, String.valueOf(plan.input().shape().n()));
    metadata.put(SAMPLE, String.valueOf(sample.fraction()));
    metadata.put(HELD_OUT, String.valueOf(split.fraction()));
    metadata.put(HELD_OUT_BLOCK, String.valueOf(split.block()));
    metadata.put(SCALING, plan.input().quantisation().describeScaling());
    if (plan.input().subset() != null) {
      metadata.put(SUBSET, plan.input().describeSubset());
    }
    if (plan.input().mask() != null) {
      metadata.put(MASK, ByteStores.name(plan.input().mask().uri()));
    }
    if (split.fraction() > 0) {
      metadata.put(HELD_OUT_RULE, STRATA);
      if (split.block() == 0) {
        metadata.put(HELD_OUT_TILE, tile(plan.input()));
      }
    }
    if (split.fraction() > 0 || !sample.all()) {
      metadata.put(SEED, String.valueOf(sample.all() ? split.seed() : sample.seed()));
    }
    return metadata;
  }

  /** Returns the tiles of a pass that are not held out. */
  static TrainingTiles tiles(MomentsPlan plan) {
    return new TrainingTiles(plan.input(), plan.spec().holdout());
  }

  /** Returns the value of {@link #HELD_OUT_TILE}. */
  static String tile(ArrayInfo input) {
    return "%d×%d".formatted(input.tile().y(), input.tile().x());
  }

  /**
   * Returns a warning if the layer was fitted on values with another scaling than the input has;
   * null if the scalings are equal or the layer's file records none.
   */
  static @Nullable String otherScaling(WeightsRef ref, FeatureSource source, ByteStores stores)
      throws IOException {
    return otherScaling(ref.toString(), Weights.metadata(stores, ref), source);
  }

  /**
   * Does the same for a layer whose metadata has been read.
   *
   * @param layer name of the layer, for the warning
   */
  static @Nullable String otherScaling(
      String layer, Map<String, String> recorded, FeatureSource source) {
    String fitted = recorded.get(SCALING);
    String read = source.info().quantisation().describeScaling();
    return fitted == null || fitted.equals(read)
        ? null
        : "%s was fitted on numbers with %s but the input's have %s; give --scale and --offset where they are the same numbers"
            .formatted(layer, fitted, read);
  }

  /** Encodes a moments file. Its bytes depend only on the pixels and on how they were chosen. */
  static byte[] file(FeatureMoments moments, Map<String, String> provenance) {
    Map<String, String> metadata = new LinkedHashMap<>(provenance);
    metadata.put(DATA, MomentsFile.sha256(moments));
    return MomentsFile.encode(List.of(new Node(0, 0, moments)), metadata);
  }
}
