package org.pointwise;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Storage;
import org.pointwise.job.InputChanges;
import org.pointwise.job.MomentsInputRecord;
import org.pointwise.job.SourceFileList;
import org.pointwise.job.TrainingDigest;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.store.ByteStores;
import org.pointwise.weights.MomentsFile;

/**
 * A moments file to which appended images are added, and the recorded description of the images
 * that it contains.
 *
 * @param contents null if the file does not exist
 * @param inputRecord null if no record of the input exists
 * @param files the files of the input's folder that the moments contain, in their order
 */
record ExtendedMoments(
    String uri,
    MomentsFile.@Nullable Contents contents,
    @Nullable MomentsInputRecord inputRecord,
    SourceFileList files) {
  /** Returns moments for a new file. */
  static ExtendedMoments none(String uri) {
    return new ExtendedMoments(uri, null, null, SourceFileList.NONE);
  }

  /** Reads the file and its records, if the file exists. */
  static ExtendedMoments of(String uri, ByteStores stores) throws IOException {
    if (stores.open(ByteStores.parent(uri)).size(ByteStores.name(uri)) < 0) {
      return none(uri);
    }
    MomentsFile.Contents contents = MomentsFile.read(stores, uri);
    long images = images(uri, contents);
    MomentsInputRecord seen = MomentsInputRecord.read(uri, data(contents), stores);
    SourceFileList files =
        seen != null ? seen.files() : SourceFileList.read(uri, stores).first(images);
    return new ExtendedMoments(uri, contents, seen, files);
  }

  /** Returns the digest of the moments that the file records. */
  private static String data(MomentsFile.Contents file) {
    return String.valueOf(file.recorded(MomentsProvenance.DATA));
  }

  private static long images(String uri, MomentsFile.Contents contents) {
    String recorded = contents.recorded(MomentsProvenance.IMAGES);
    if (recorded == null || !recorded.matches("[0-9]{1,18}")) {
      throw new InvalidInputException(
          "Cannot append to %s: it does not record how many images it contains; use --overwrite to start again"
              .formatted(uri));
    }
    return Long.parseLong(recorded);
  }

  /**
   * Refuses an input that has fewer images than the moments contain.
   *
   * @return the number of images that the moments contain
   */
  long requireGrown(ArrayInfo input) {
    long images = contents == null ? 0 : images(uri, contents);
    if (input.shape().n() < images) {
      throw new InvalidInputException(
          "Cannot append to %s: it contains %s but its input %s now has %d; a source may only grow, use --overwrite to start again"
              .formatted(uri, Count.of(images, "image"), input.uri(), input.shape().n()));
    }
    return images;
  }

  /** Refuses a plan that selects pixels in another way, and an input whose files changed. */
  void requireCompatible(MomentsPlan plan, boolean times, ByteStores stores) throws IOException {
    if (contents == null) {
      return;
    }
    if (plan.input().storage() == Storage.IMAGES && files.names().isEmpty()) {
      throw new InvalidInputException(
          "Cannot append to %s: nothing records which files of %s it contains; use --overwrite to start again"
              .formatted(uri, plan.input().uri()));
    }
    requireCompatible(contents, plan);
    files.requireUnchanged(
        plan.input(),
        uri,
        stores,
        times,
        times
            ? "--overwrite to start again, or --ignore-modification-times where only times changed"
            : "--overwrite to start again");
  }

  private void requireCompatible(MomentsFile.Contents extended, MomentsPlan plan) {
    Map<String, String> now = new LinkedHashMap<>(MomentsProvenance.of(plan));
    now.remove(MomentsProvenance.IMAGES);
    now.remove(MomentsProvenance.HELD_OUT_TILE); // files of earlier versions lack it
    FeatureMoments moments = extended.moments();
    now.put("channels", String.valueOf(plan.input().shape().c()));
    String chosen = InputChanges.chosen(plan);
    if (inputRecord != null && !inputRecord.chosen().equals(chosen)) {
      throw new InvalidInputException(
          "Cannot append to %s: it was made with %s, this is %s; give the same options, or use --overwrite"
              .formatted(uri, inputRecord.chosen(), chosen));
    }
    int classes =
        moments.labelled() ? moments.classes() : 0; // classes that occur; --classes may allow more
    if (classes > plan.spec().classes()) {
      throw new InvalidInputException(
          "Cannot append to %s: it has %s but %s; give the same --labels and at least so many --classes, or use --overwrite"
              .formatted(
                  uri,
                  Count.of(classes, "class", "classes"),
                  plan.spec().labels() == null
                      ? "there are no --labels"
                      : "--classes is " + plan.spec().classes()));
    }
    for (String key : List.of(MomentsProvenance.SUBSET, MomentsProvenance.MASK)) {
      if (extended.recorded(key) != null) {
        now.putIfAbsent(key, "without");
      }
    }
    for (Map.Entry<String, String> entry : now.entrySet()) {
      if (entry.getKey().equals(MomentsProvenance.SCALING)
          && extended.recorded(entry.getKey()) == null) {
        continue; // version 0.1.0 did not record it
      }
      String recorded =
          switch (entry.getKey()) {
            case "channels" -> String.valueOf(moments.channels());
            default -> String.valueOf(extended.recorded(entry.getKey()));
          };
      if (!recorded.equals(entry.getValue())) {
        throw new InvalidInputException(
            "Cannot append to %s: it was made with %s %s, this is %s; give the same options, or use --overwrite"
                .formatted(uri, entry.getKey(), recorded, entry.getValue()));
      }
    }
  }

  /**
   * Returns the digest of a sample of all pixels that the file contains after the append; null if
   * the file records none or a pixel cannot be decoded.
   */
  @Nullable TrainingDigest digest(MomentsPlan plan, ByteStores stores) {
    TrainingDigest more =
        TrainingDigest.of(MomentsProvenance.tiles(plan), plan.spec().firstImage(), stores);
    if (contents == null || more == null) {
      return more;
    }
    String before = contents.recorded(MomentsProvenance.SOURCE);
    return before == null ? null : TrainingDigest.parse(before).plus(more);
  }

  /** Returns whether another run has changed the file since it was read. */
  boolean changed(ByteStores stores) throws IOException {
    return contents != null && !data(contents).equals(data(MomentsFile.read(stores, uri)));
  }
}
