package org.pointwise.job;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Subset;
import org.pointwise.tensor.IndexList;
import org.pointwise.work.manifest.SourceRecord;

/**
 * The images of an input, compared with those of an output by their names and digests. Immutable.
 *
 * @param input whose images they are, as it was before they were recognised
 * @param names empty if they have no names
 * @param indexes of the images in the whole input
 * @param digests one for each
 * @param duplicates whether equal pixels are accepted
 */
record GivenImages(
    StableInput input,
    List<String> names,
    List<Long> indexes,
    List<String> digests,
    boolean duplicates) {
  private static final int SHOWN = 5;

  /** Returns all images of an input, which may be a part of an array. */
  static GivenImages of(StableInput stable, List<String> digests, boolean duplicates) {
    ArrayInfo input = stable.input();
    Subset subset = input.subset();
    IndexList images = subset == null ? IndexList.range(0, input.shape().n()) : subset.images();
    return new GivenImages(
        stable, input.imageNames(), images.stream().boxed().toList(), digests, duplicates);
  }

  /**
   * Returns whether they are exactly those of a recorded source, in its order. Images that could
   * not be decoded then or cannot be decoded now are taken for the same if others are recognised by
   * their digests or names.
   *
   * @param continued whether the source is at the same place and its images are not all stored
   */
  boolean matches(SourceRecord source, List<String> allNames, boolean continued) {
    List<String> recorded = source.digests();
    if (source.end() - source.first() != digests.size() || recorded.size() != digests.size()) {
      return false;
    }
    boolean recognised = !names.isEmpty() || (continued && recorded.equals(digests));
    for (int i = 0; i < digests.size(); i++) {
      String digest = digests.get(i);
      if (ImageDigests.differ(recorded.get(i), digest) || !isNamed(i, source, allNames)) {
        return false;
      }
      recognised |= ImageDigests.identifies(digest) && digest.equals(recorded.get(i));
    }
    return recognised;
  }

  /** Returns whether one of them has a name or a digest. */
  boolean areRecognisable() {
    return !names.isEmpty() || digests.stream().anyMatch(ImageDigests::identifies);
  }

  /**
   * Returns the names of those images that cannot be decoded any more, but could be when a source
   * was stored, or by a later run that has not ended.
   */
  List<String> damaged(SourceRecord source) {
    List<String> recorded = source.digests();
    Set<Integer> maybeDecoded = source.maybeDecoded();
    List<String> damaged = new ArrayList<>();
    for (int i = 0; i < digests.size(); i++) {
      if (digests.get(i).equals(ImageDigests.UNREADABLE)
          && (!recorded.get(i).equals(ImageDigests.UNREADABLE) || maybeDecoded.contains(i))) {
        damaged.add(name(i));
      }
    }
    return damaged;
  }

  private String uri() {
    return input.input().uri();
  }

  /** Returns some of these images. */
  GivenImages select(List<Long> positions) {
    return new GivenImages(
        input,
        names.isEmpty() ? names : positions.stream().map(i -> names.get(i.intValue())).toList(),
        positions.stream().map(i -> indexes.get(i.intValue())).toList(),
        positions.stream().map(i -> digests.get(i.intValue())).toList(),
        duplicates);
  }

  private boolean isNamed(int image, SourceRecord source, List<String> allNames) {
    long position = source.first() + image;
    return names.isEmpty()
        || (position < allNames.size() && allNames.get((int) position).equals(names.get(image)));
  }

  void requireDistinct() {
    Map<String, Integer> first = new HashMap<>();
    for (int i = 0; i < digests.size() && !duplicates; i++) {
      if (ImageDigests.identifies(digests.get(i))) {
        Integer other = first.putIfAbsent(digests.get(i), i);
        if (other != null) {
          throw new InvalidInputException(
              "Cannot append %s: its images %s and %s have the same pixels; leave one out with --images, or use --allow-duplicates"
                  .formatted(uri(), name(other), name(i)));
        }
      }
    }
  }

  private String name(int image) {
    return names.isEmpty() ? Long.toString(indexes.get(image)) : names.get(image);
  }

  /**
   * Returns whether they are all images of consecutive sources of an output, in its order.
   *
   * @param stored the sources
   */
  boolean areThoseOf(List<SourceRecord> stored) {
    for (int first = 0; first < stored.size(); first++) {
      List<String> several = new ArrayList<>();
      for (int i = first; i < stored.size() && several.size() < digests.size(); i++) {
        several.addAll(stored.get(i).digests());
      }
      if (several.equals(digests)) {
        return true;
      }
    }
    return false;
  }

  /**
   * These images compared with those of an output.
   *
   * @param missing indexes of the images that the output does not have
   * @param changed names of images that the output has with other pixels
   * @param equal descriptions of images that the output has under another name or without a name
   */
  record Compared(
      GivenImages images, List<Long> missing, List<String> changed, List<String> equal) {
    /** Checks that the missing images can be appended. */
    void requireAppendable(String output) {
      if (!changed.isEmpty()) {
        throw new InvalidInputException(
            "Cannot append %s to %s: it has images of these names with other pixels already (%s); rename the files, or leave them out with --images"
                .formatted(images.uri(), output, shown(changed)));
      }
      if (!equal.isEmpty() && (!images.names.isEmpty() || !missing.isEmpty())) {
        throw new InvalidInputException(
            "Cannot append %s to %s: it has images with the same pixels already (%s); leave them out with --images, or use --allow-duplicates"
                .formatted(images.uri(), output, shown(equal)));
      }
    }
  }

  /** Compares these images with those of an output. */
  Compared compare(List<String> storedNames, List<String> storedDigests) {
    Map<String, Integer> byName = index(storedNames);
    Map<String, Integer> byDigest = index(storedDigests);
    Compared compared = new Compared(this, new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < digests.size(); i++) {
      String digest = digests.get(i);
      Integer sameDigest = ImageDigests.identifies(digest) ? byDigest.get(digest) : null;
      Integer sameName = names.isEmpty() ? null : byName.get(names.get(i));
      if (sameName != null) {
        if (ImageDigests.differ(storedDigests.get(sameName), digest)) {
          compared.changed.add(names.get(i));
        }
      } else if (sameDigest != null && !duplicates) {
        compared.equal.add(
            names.isEmpty()
                ? "its image " + indexes.get(i)
                : "%s as %s".formatted(names.get(i), storedNames.get(sameDigest)));
      } else {
        compared.missing.add((long) i);
      }
    }
    return compared;
  }

  private static Map<String, Integer> index(List<String> texts) {
    Map<String, Integer> index = new HashMap<>();
    for (int i = 0; i < texts.size(); i++) {
      index.putIfAbsent(texts.get(i), i);
    }
    return index;
  }

  static String shown(List<String> texts) {
    return String.join(", ", texts.subList(0, Math.min(SHOWN, texts.size())))
        + (texts.size() > SHOWN ? ", … %d in all".formatted(texts.size()) : "");
  }
}
