package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.ReadOptions;
import org.pointwise.format.Storage;
import org.pointwise.store.ByteStores;
import org.pointwise.work.Runner;
import org.pointwise.work.manifest.SourceRecord;

/**
 * The sources of an output whose images come from several inputs, each opened at the place of its
 * images among those of the output. Confined to one thread.
 */
public final class SourceViews {
  private static final int SHOWN = 3;

  private final String output;
  private final ByteStores stores;
  private final AppendTarget target;
  private final List<SourceRecord> sources;
  private final List<SourceRecord> all; // also that of an append that has not ended
  private final List<SourceRecord> missing = new ArrayList<>();
  private final SortedSet<Long> undecodable = new TreeSet<>(); // when they were appended
  private final SortedSet<Long> damaged = new TreeSet<>(); // since then

  private SourceViews(String output, ByteStores stores, AppendTarget target, SourceList list) {
    this.output = output;
    this.stores = stores;
    this.target = target;
    this.sources = list.first(target.images()).sources();
    this.all = list.sources();
  }

  /**
   * Returns the sources of the images that an output has; null if there is one input, without
   * digests of all of its images, and no append of another has begun.
   */
  public static @Nullable SourceViews of(String output, ByteStores stores) throws IOException {
    AppendTarget target = AppendTarget.read(output, stores);
    if (target == null) {
      return null;
    }
    SourceList list = SourceList.read(output, stores);
    boolean mayBeReplaced =
        list.sources().size() > 1
            || list.sources().stream()
                .anyMatch(source -> source.digests().size() == source.end() - source.first());
    return mayBeReplaced ? new SourceViews(output, stores, target, list) : null;
  }

  /** Returns whether there is one input. */
  public boolean isSingle() {
    return all.size() == 1;
  }

  /** Returns the number of images of the output. */
  public long images() {
    return target.images();
  }

  /**
   * Opens recorded sources.
   *
   * @return those that are there. {@link #missing} describes the others
   */
  public List<FeatureSource> recorded() {
    Map<String, SourceRecord> latest = new HashMap<>();
    all.forEach(source -> latest.put(place(source), source));
    List<FeatureSource> views = new ArrayList<>();
    for (SourceRecord source : sources) {
      if (latest.get(place(source)) != source) { // other images were put there
        missing.add(source);
        continue;
      }
      try {
        views.add(open(source));
      } catch (InvalidInputException e) {
        missing.add(source);
      }
    }
    return views;
  }

  /** Counts a source as gone that {@link #recorded} returned. */
  public void addMissing(FeatureSource view) {
    sources.stream().filter(source -> isViewOf(source, view)).findFirst().ifPresent(missing::add);
  }

  private static boolean isViewOf(SourceRecord source, FeatureSource view) {
    return source.first() == view.info().past();
  }

  /**
   * Checks by their digests that images of a source are those that were appended. Reads them.
   *
   * @param images indexes among the images of the output
   * @return those that could not be decoded when they were appended, so that nothing is known of
   *     them, or cannot be decoded any more
   * @throws InvalidInputException if one of them has other pixels
   */
  public SortedSet<Long> requireDigests(FeatureSource view, SortedSet<Long> images, Runner runner) {
    SortedSet<Long> unknown = new TreeSet<>();
    for (SourceRecord source : sources) {
      List<String> digests = source.digests();
      if (isViewOf(source, view) && !digests.isEmpty()) {
        damaged.addAll(requireDigests(source, view.info().added(), images, runner));
        images.subSet(source.first(), source.first() + digests.size()).stream()
            .filter(
                image ->
                    digests.get((int) (image - source.first())).equals(ImageDigests.UNREADABLE))
            .forEach(unknown::add);
      }
    }
    undecodable.addAll(unknown);
    unknown.addAll(damaged);
    return unknown;
  }

  /** Returns those of the images that cannot be decoded any more. */
  private SortedSet<Long> requireDigests(
      SourceRecord source, ArrayInfo input, SortedSet<Long> images, Runner runner) {
    List<String> recorded = source.digests();
    // Tiles may contain images of other sources. An input that has grown since has further images,
    // whose digests are not recorded.
    long recordedEnd = source.first() + recorded.size();
    SortedSet<Long> unreadable = new TreeSet<>();
    SortedSet<Long> remaining = new TreeSet<>(images.subSet(source.first(), recordedEnd));
    while (!remaining.isEmpty()) {
      long begin = remaining.first();
      long end = begin;
      while (remaining.remove(end)) { // consecutive images are read at once
        end++;
      }
      int first = (int) (begin - source.first());
      List<String> actual = ImageDigests.of(input, first, end - source.first(), runner, true);
      for (int i = 0; i < actual.size(); i++) {
        if (ImageDigests.differ(recorded.get(first + i), actual.get(i))) {
          throw new InvalidInputException(
              "Cannot compare %s with %s: its image %d has other pixels than were appended; restore it"
                  .formatted(output, source.uri(), first + i));
        }
        if (actual.get(i).equals(ImageDigests.UNREADABLE)
            && !recorded.get(first + i).equals(ImageDigests.UNREADABLE)) {
          unreadable.add(begin + i);
        }
      }
    }
    return unreadable;
  }

  private String place(SourceRecord source) {
    return stores.canonical(source.uri()) + " " + source.partText();
  }

  /** Describes the images that are not compared, and why; empty if all are. */
  public String describeMissing() {
    String bad =
        undecodable.isEmpty()
            ? ""
            : "%d of %s, because they could not be decoded when they were appended; where the input was restored, run the same command again"
                .formatted(undecodable.size(), Count.of(images(), "image"));
    String now =
        damaged.isEmpty()
            ? ""
            : "%d of %s, because they cannot be decoded any more; restore their input"
                .formatted(damaged.size(), Count.of(images(), "image"));
    return Stream.of(describeGone(), bad, now)
        .filter(text -> !text.isEmpty())
        .collect(Collectors.joining("; "));
  }

  private String describeGone() {
    long images = missing.stream().mapToLong(source -> source.end() - source.first()).sum();
    List<String> uris = missing.stream().map(SourceRecord::uri).distinct().toList();
    return missing.isEmpty()
        ? ""
        : "%d of %s, because their sources are gone or now have other images: %s%s"
            .formatted(
                images,
                Count.of(images(), "image"),
                String.join(", ", uris.subList(0, Math.min(SHOWN, uris.size()))),
                uris.size() > SHOWN ? ", … %d in all".formatted(uris.size()) : "");
  }

  private FeatureSource open(SourceRecord source) {
    List<String> names = names(source);
    ReadOptions reading = source.reading(source.hasAllImages() ? names : List.of());
    if (reading == null) {
      throw new InvalidInputException(
          "Cannot read %s: it is not recorded how".formatted(source.uri()));
    }
    return view(source, part(source, Formats.open(stores, source.uri(), reading)));
  }

  /** Returns the part of an input, with the mask, that is recorded. */
  private FeatureSource part(SourceRecord source, FeatureSource whole) {
    FeatureSource part = Formats.subset(whole, source.part(whole.info().shape()));
    String mask = source.mask();
    return mask == null ? part : Formats.masked(stores, part, mask);
  }

  /**
   * Returns an input that a user gives for one of the sources.
   *
   * @param whole whether the user names no part of it and no mask: the recorded ones apply
   * @throws InvalidInputException if it is none of them
   */
  public FeatureSource viewOf(FeatureSource input, boolean whole) {
    String uri = stores.canonical(input.info().uri());
    for (int i = sources.size() - 1; i >= 0; i--) {
      if (stores.canonical(sources.get(i).uri()).equals(uri)) {
        return view(sources.get(i), whole ? part(sources.get(i), input) : input);
      }
    }
    throw new InvalidInputException(
        "Cannot compare %s with %s: its images come from %d inputs, and this is none of them; give an input that sources.json in the run folder lists"
            .formatted(output, input.info().uri(), sources.size()));
  }

  private FeatureSource view(SourceRecord source, FeatureSource opened) {
    ArrayInfo info = opened.info();
    List<String> names = names(source);
    if (info.shape().n() != source.end() - source.first()
        || (info.storage() == Storage.IMAGES && !info.imageNames().equals(names))) {
      throw new InvalidInputException(
          "Cannot compare %s with %s: it now has %s but %d were appended, or its images are others; restore it"
              .formatted(
                  output,
                  info.uri(),
                  Count.of(info.shape().n(), "image"),
                  source.end() - source.first()));
    }
    if (source.first() == 0) {
      return opened;
    }
    List<ArrayInfo.ImageFile> recordedImages =
        target.files().first(source.first()).names().stream()
            .map(name -> new ArrayInfo.ImageFile(name, info.shape().y(), info.shape().x()))
            .toList();
    return Formats.appended(opened, true, source.first(), recordedImages, info.identity());
  }

  private List<String> names(SourceRecord source) {
    List<String> all = target.imageNames();
    return all.isEmpty()
        ? List.of()
        : all.subList(
            (int) Math.min(all.size(), source.first()), (int) Math.min(all.size(), source.end()));
  }

  /**
   * Divides a number of tiles among sources by random draws, in proportion to their images.
   *
   * @return the number of tiles of each source
   */
  public static int[] share(List<FeatureSource> views, int tiles, long seed) {
    long all = 0;
    for (FeatureSource view : views) {
      all += view.info().shape().n() - view.info().past();
    }
    int[] shares = new int[views.size()];
    Random random = new Random(seed);
    for (int i = 0; i < tiles; i++) {
      long image = random.nextLong(all);
      int at = 0;
      for (; at < shares.length - 1; at++) {
        ArrayInfo info = views.get(at).info();
        image -= info.shape().n() - info.past();
        if (image < 0) {
          break;
        }
      }
      shares[at]++;
    }
    return shares;
  }
}
