package org.pointwise;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.Subset;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.IndexList;

/**
 * Describes the part of an array to read. Indexes count from 0. Immutable.
 *
 * @param images ranges, whose end is not included, and indexes, such as {@code 0:100,205}, or a
 *     file with one index or one file name of a folder per line; null for all images
 * @param bbox rows and columns as two ranges, such as {@code 0:512,256:768}; null for all
 * @param channels ranges and indexes of channels; null for all
 */
public record SubsetSpec(
    @Nullable String images, @Nullable String bbox, @Nullable String channels) {
  /** Indexes and ranges, also negative ones, which no array has. */
  private static final Pattern NUMBERS = Pattern.compile("-?\\d*(:-?\\d*)?(,-?\\d*(:-?\\d*)?)*");

  /** The whole array. */
  public static final SubsetSpec ALL = new SubsetSpec(null, null, null);

  /** Returns the file of images; null if there is none. */
  @Nullable String file() {
    return images == null || NUMBERS.matcher(images).matches() ? null : images;
  }

  /** Returns this part of an array. */
  FeatureSource of(FeatureSource source, ByteStores stores) {
    return equals(ALL) ? source : Formats.subset(source, resolve(source.info(), stores));
  }

  private Subset resolve(ArrayInfo whole, ByteStores stores) {
    long rows = whole.shape().y();
    long columns = whole.shape().x();
    String[] window = bbox == null ? new String[] {":", ":"} : bbox.split(",", -1);
    if (window.length != 2 || !window[0].contains(":") || !window[1].contains(":")) {
      throw new InvalidInputException(
          "Cannot use --bbox %s: give a range of rows and a range of columns, such as 0:512,256:768"
              .formatted(bbox));
    }
    return new Subset(
        images(whole, stores),
        IndexList.parse(
            window[0], rows, "the rows (first range) of --bbox", "rows of " + whole.uri()),
        IndexList.parse(
            window[1],
            columns,
            "the columns (second range) of --bbox",
            "columns of " + whole.uri()),
        IndexList.parse(
            channels == null ? ":" : channels,
            whole.shape().c(),
            "--input-channels",
            "channels of " + whole.uri()),
        bbox != null);
  }

  private IndexList images(ArrayInfo whole, ByteStores stores) {
    long count = whole.shape().n();
    String file = file();
    if (file == null) {
      return IndexList.parse(
          images == null ? ":" : images, count, "--images", "images of " + whole.uri());
    }
    Map<String, Long> names = new HashMap<>();
    for (String name : whole.imageNames()) {
      names.put(name, (long) names.size());
    }
    List<Long> indexes = new ArrayList<>();
    for (String line : lines(ByteStores.absolute(file), stores)) {
      String name = line.strip();
      if (!name.isEmpty() && !name.startsWith("#")) {
        indexes.add(index(name, names, count, whole.uri()));
      }
    }
    if (indexes.isEmpty()) {
      throw new InvalidInputException(
          "Cannot use --images %s: it names no image; write one index or file name per line"
              .formatted(file));
    }
    return IndexList.of(indexes, "--images " + file);
  }

  private long index(String name, Map<String, Long> names, long count, String uri) {
    Long index = names.get(name);
    if (index == null && name.matches("\\d{1,18}") && Long.parseLong(name) < count) {
      index = Long.parseLong(name);
    }
    if (index == null) {
      throw new InvalidInputException(
          "Cannot use --images %s: '%s' is %s; write one index%s per line"
              .formatted(
                  images,
                  name,
                  names.isEmpty()
                      ? "no index of the %s of %s".formatted(Count.of(count, "image"), uri)
                      : "neither a file of %s nor an index below %d".formatted(uri, count),
                  names.isEmpty() ? "" : " or file name"));
    }
    return index;
  }

  private static List<String> lines(String file, ByteStores stores) {
    try {
      byte[] text = stores.open(ByteStores.parent(file)).get(ByteStores.name(file));
      if (text == null) {
        throw new InvalidInputException(
            "Cannot use --images %s: there is no such file; give ranges such as 0:100, or a file of names or indexes"
                .formatted(file));
      }
      return new String(text, StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw Formats.unreadable(file, e);
    }
  }
}
