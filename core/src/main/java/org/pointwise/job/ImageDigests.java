package org.pointwise.job;

import java.util.ArrayList;
import java.util.List;
import org.pointwise.format.ArrayInfo;
import org.pointwise.plan.ImageDigestPlan;
import org.pointwise.work.Progress;
import org.pointwise.work.Runner;

/**
 * Digests of images: texts of 32 hexadecimal digits that depend on the image's size and the numbers
 * of its pixels alone, not on where or in which chunks these are stored. Two different images have
 * the same digest with a probability of about 2⁻¹²⁰.
 */
final class ImageDigests {
  /** Replaces the digest of an image with pixels that cannot be decoded. */
  static final String UNREADABLE = "unreadable";

  /** Replaces the digest of an image without data. */
  static final String EMPTY = "empty";

  private ImageDigests() {}

  /** Returns whether a text is a digest by which an image can be recognised. */
  static boolean identifies(String digest) {
    return !digest.equals(UNREADABLE) && !digest.equals(EMPTY);
  }

  /** Returns whether two images differ. Nothing is known of an image that cannot be decoded. */
  static boolean differ(String one, String other) {
    return !one.equals(other) && !one.equals(UNREADABLE) && !other.equals(UNREADABLE);
  }

  /**
   * Reads all images once.
   *
   * @param tolerant whether chunks that cannot be decoded are accepted
   */
  static List<String> of(ArrayInfo input, Runner runner, boolean tolerant) {
    return of(input, 0, input.shape().n(), runner, tolerant);
  }

  /** Reads the images {@code begin … until − 1} once. */
  static List<String> of(ArrayInfo input, long begin, long until, Runner runner, boolean tolerant) {
    List<String> digests = new ArrayList<>();
    for (long first = begin; first < until; first += ImageDigestPlan.MAX_IMAGES) {
      long end = Math.min(until, first + ImageDigestPlan.MAX_IMAGES);
      ImageDigestPlan plan = new ImageDigestPlan(input, first, end, tolerant);
      double[] numbers;
      try (Runner.Session session = runner.open(plan)) {
        numbers = session.sum(new double[0], Progress.SILENT);
      }
      for (int at = 0; at < numbers.length; at += ImageDigestPlan.NUMBERS_PER_IMAGE) {
        digests.add(text(numbers, at));
      }
    }
    return digests;
  }

  private static String text(double[] numbers, int at) {
    if (numbers[at + ImageDigestPlan.UNREADABLE] > 0) {
      return UNREADABLE;
    }
    if (numbers[at + ImageDigestPlan.WITH_DATA] == 0) {
      return EMPTY;
    }
    return "%08x%08x%08x%08x"
        .formatted(
            (long) numbers[at],
            (long) numbers[at + 1],
            (long) numbers[at + 2],
            (long) numbers[at + 3]);
  }
}
