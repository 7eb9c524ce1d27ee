package org.pointwise;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.Storage;
import org.pointwise.format.Subset;
import org.pointwise.job.TrainingDigest;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.plan.TrainingTiles;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.IndexList;

/**
 * The tiles of an array that a layer was fitted on, if the layer's file records them and the array
 * is the one that the layer was fitted on. Immutable.
 *
 * @param tiles the tiles; null if they are not known
 * @param masked whether the fit had a mask that {@link #tiles} does not apply
 * @param sampled whether the array was recognised by some of the training pixels, not by all
 * @param otherArray whether the layer was fitted on an array with other pixels
 * @param unknownReason why the tiles are not known; empty if they are
 */
record TrainingRecord(
    @Nullable TrainingTiles tiles,
    boolean masked,
    boolean sampled,
    boolean otherArray,
    String unknownReason) {
  /** The text of a number of pixels that cannot be counted. */
  static final String UNKNOWN_COUNT = "not known";

  /**
   * Compares the metadata of a layer with an array. Reads a sample of the pixels.
   *
   * @param sha256 digest of the layer that was read from the file
   * @param input the array with its options, or a part of it
   * @param mask the mask of the input, as given; null for none
   */
  static TrainingRecord of(
      Map<String, String> recorded,
      String sha256,
      ArrayInfo input,
      @Nullable String mask,
      ByteStores stores)
      throws IOException {
    String digest = recorded.get(MomentsProvenance.SOURCE);
    long images = number(recorded.get(MomentsProvenance.IMAGES));
    if (digest == null || images < 1) {
      return unknown("its file does not record the pixels that it was fitted on");
    }
    if (!sha256.equals(recorded.get("sha256"))) {
      return unknown("its file records another layer");
    }
    FeatureSource whole = Formats.reopen(stores, input.whole());
    FeatureSource part;
    HoldoutSplit split;
    try {
      part = part(recorded.getOrDefault(MomentsProvenance.SUBSET, ""), images, whole);
      split = split(recorded);
    } catch (InvalidInputException | IllegalArgumentException e) {
      return other("it was fitted on other pixels than those of " + input.uri());
    }
    String tile = recorded.get(MomentsProvenance.HELD_OUT_TILE);
    if (tile != null && !tile.equals(MomentsProvenance.tile(part.info()))) {
      return unknown(
          "it held out blocks of %s pixels, but those of %s have %s"
              .formatted(tile, input.uri(), MomentsProvenance.tile(part.info())));
    }
    TrainingTiles tiles = new TrainingTiles(part.info(), split);
    TrainingDigest sampleDigest = TrainingDigest.of(tiles, 0, stores);
    if (sampleDigest == null) {
      return unknown(
          "pixels of %s cannot be decoded, or none identifies it".formatted(input.uri()));
    }
    if (part.info().shape().n() != images || !digest.equals(sampleDigest.toString())) {
      return other(
          "it was fitted on other numbers than those of %s, or its images have another order now"
              .formatted(input.uri()));
    }
    boolean sampled = !TrainingDigest.coversAll(part.info());
    boolean all = !recorded.getOrDefault(MomentsProvenance.SUBSET, "").contains("images");
    long present = whole.info().shape().n();
    if (sampled && all && whole.info().storage() == Storage.IMAGES && present != images) {
      return unknown(
          "it was fitted on %d files, but %s has %d: others may come before them"
              .formatted(images, input.uri(), present));
    }
    String hidden = recorded.get(MomentsProvenance.MASK);
    if (hidden == null || mask == null || !hidden.equals(ByteStores.name(mask))) {
      return new TrainingRecord(tiles, hidden != null, sampled, false, "");
    }
    ArrayInfo fitted = Formats.masked(stores, part, mask).info();
    return new TrainingRecord(new TrainingTiles(fitted, split), false, sampled, false, "");
  }

  private static TrainingRecord unknown(String reason) {
    return new TrainingRecord(null, false, false, false, reason);
  }

  private static TrainingRecord other(String reason) {
    return new TrainingRecord(null, false, false, true, reason);
  }

  private static long number(@Nullable String text) {
    return text == null || !text.matches("[0-9]{1,18}") ? 0 : Long.parseLong(text);
  }

  private static HoldoutSplit split(Map<String, String> recorded) {
    double part = Double.parseDouble(recorded.getOrDefault(MomentsProvenance.HELD_OUT, ""));
    if (part == 0) {
      return HoldoutSplit.ALL;
    }
    if (!MomentsProvenance.STRATA.equals(recorded.get(MomentsProvenance.HELD_OUT_RULE))) {
      throw new IllegalArgumentException("Blocks were held out by another rule");
    }
    return new HoldoutSplit(
        part,
        Long.parseLong(recorded.getOrDefault(MomentsProvenance.SEED, "")),
        Integer.parseInt(recorded.getOrDefault(MomentsProvenance.HELD_OUT_BLOCK, "")),
        HoldoutSplit.Part.TRAIN);
  }

  /**
   * Returns the part of an array by the text of {@link ArrayInfo#describeSubset}.
   *
   * @param count number of images if the text names none: the array may have gained others
   */
  private static FeatureSource part(String text, long count, FeatureSource whole) {
    ArrayInfo info = whole.info();
    String[] words = text.isEmpty() ? new String[0] : text.split(" ");
    IndexList images = list("0:" + count, info.shape().n());
    IndexList rows = IndexList.range(0, info.shape().y());
    IndexList columns = IndexList.range(0, info.shape().x());
    IndexList channels = IndexList.range(0, info.shape().c());
    boolean window = false;
    for (int i = 0; i + 1 < words.length; i += 2) {
      switch (words[i]) {
        case "images" -> images = list(words[i + 1], info.shape().n());
        case "rows" -> rows = list(words[i + 1], info.shape().y());
        case "columns" -> columns = list(words[i + 1], info.shape().x());
        case "channels" -> channels = list(words[i + 1], info.shape().c());
        default -> throw new IllegalArgumentException("'%s' is no axis".formatted(words[i]));
      }
      window |= words[i].equals("rows");
    }
    return Formats.subset(whole, new Subset(images, rows, columns, channels, window));
  }

  private static IndexList list(String text, long length) {
    return IndexList.parse(text, length, "the recorded part", "indexes");
  }
}
