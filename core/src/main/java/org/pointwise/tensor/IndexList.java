package org.pointwise.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.pointwise.errors.InvalidInputException;

/**
 * Different indexes along an axis, in any order. Consecutive indexes are kept as one range. The
 * text form is {@code 0:100,205,300:310}: ranges, whose end is not included, and single indexes.
 * Immutable.
 */
public final class IndexList {
  private static final Pattern RANGE = Pattern.compile("(\\d{0,18}):(\\d{0,18})|(\\d{1,18})");

  private final long[] firsts; // of each range
  private final long[] starts; // position in the list of each range, and the count

  private IndexList(List<long[]> ranges) {
    this.firsts = new long[ranges.size()];
    this.starts = new long[ranges.size() + 1];
    for (int i = 0; i < firsts.length; i++) {
      firsts[i] = ranges.get(i)[0];
      starts[i + 1] = starts[i] + ranges.get(i)[1] - ranges.get(i)[0];
    }
  }

  /** Returns the indexes {@code first … end − 1}, of which there is at least one. */
  public static IndexList range(long first, long end) {
    if (first < 0 || end <= first) {
      throw new IllegalArgumentException("Cannot use the range %d:%d".formatted(first, end));
    }
    return new IndexList(List.of(new long[] {first, end}));
  }

  /** Returns whether a text has the text form. Ends of ranges may be left out. */
  public static boolean matches(String text) {
    return Arrays.stream(text.split(",", -1)).allMatch(part -> RANGE.matcher(part).matches());
  }

  /**
   * Parses the text form. A range without first index begins at 0, and one without end ends at the
   * end of the axis.
   *
   * @param length the length of the axis
   * @param name describes the text, such as {@code --images}, for messages
   * @param owner describes the axis, such as {@code images of a.npy}, for messages
   * @throws InvalidInputException if the text has another form, an index is given twice, a range is
   *     empty, or an index is not less than {@code length}
   */
  public static IndexList parse(String text, long length, String name, String owner) {
    List<long[]> ranges = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      Matcher matcher = RANGE.matcher(part);
      if (!matcher.matches()) {
        throw new InvalidInputException(
            "Cannot use %s %s: '%s' is neither an index from 0 nor a range FIRST:END, whose END is not included; write them such as 0:100,205"
                .formatted(name, text, part));
      }
      ranges.add(range(matcher, length, name, owner));
    }
    return checked(ranges, name);
  }

  private static long[] range(Matcher matcher, long length, String what, String of) {
    long first;
    long end;
    if (matcher.group(3) != null) {
      first = Long.parseLong(matcher.group(3));
      end = first + 1;
    } else {
      first = matcher.group(1).isEmpty() ? 0 : Long.parseLong(matcher.group(1));
      end = matcher.group(2).isEmpty() ? length : Long.parseLong(matcher.group(2));
    }
    if (first >= end && matcher.group(2) != null && !matcher.group(2).isEmpty()) {
      throw new InvalidInputException(
          "Cannot use %s %s: the range is empty, because it begins at %d and ends before %d; give FIRST:END with a larger END, within 0:%d"
              .formatted(what, matcher.group(), first, end, length));
    }
    if (first >= end || end > length) {
      throw new InvalidInputException(
          "Cannot use %s %s: there are %d %s, with the indexes 0:%d; give indexes and ranges within these"
              .formatted(what, matcher.group(), length, of, length));
    }
    return new long[] {first, end};
  }

  /**
   * Returns a list of given indexes, in their order.
   *
   * @param what describes the list, for messages
   * @throws InvalidInputException if an index is given twice
   */
  public static IndexList of(List<Long> indexes, String what) {
    return checked(indexes.stream().map(index -> new long[] {index, index + 1}).toList(), what);
  }

  private static IndexList checked(List<long[]> ranges, String what) {
    List<long[]> sorted = ranges.stream().sorted((a, b) -> Long.compare(a[0], b[0])).toList();
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i)[0] < sorted.get(i - 1)[1]) {
        throw new InvalidInputException(
            "Cannot use %s: index %d is given twice; give each index once"
                .formatted(what, sorted.get(i)[0]));
      }
    }
    List<long[]> joined = new ArrayList<>();
    for (long[] range : ranges) {
      long[] last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
      if (last != null && last[1] == range[0]) {
        last[1] = range[1];
      } else {
        joined.add(range.clone());
      }
    }
    return new IndexList(joined);
  }

  /** Returns the number of indexes. */
  public long count() {
    return starts[firsts.length];
  }

  /** Returns the index at a position of this list. */
  public long get(long position) {
    int index = Arrays.binarySearch(starts, position);
    int range = index >= 0 ? index : -index - 2;
    return firsts[range] + position - starts[range];
  }

  /** Returns the position of an index in this list; −1 if the list does not contain it. */
  public long position(long index) {
    for (int range = 0; range < firsts.length; range++) {
      long within = index - firsts[range];
      if (within >= 0 && within < starts[range + 1] - starts[range]) {
        return starts[range] + within;
      }
    }
    return -1;
  }

  /** Returns the first index. */
  public long first() {
    return firsts[0];
  }

  /** Returns whether the indexes are one range. */
  public boolean isRange() {
    return firsts.length == 1;
  }

  /** Returns whether the indexes are {@code 0 … length − 1} in this order. */
  public boolean isAll(long length) {
    return isRange() && first() == 0 && count() == length;
  }

  /** Returns all indexes. */
  public LongStream stream() {
    return LongStream.range(0, firsts.length)
        .flatMap(
            i ->
                LongStream.range(
                    firsts[(int) i], firsts[(int) i] + starts[(int) i + 1] - starts[(int) i]));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof IndexList list
        && Arrays.equals(firsts, list.firsts)
        && Arrays.equals(starts, list.starts);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(firsts) + Arrays.hashCode(starts);
  }

  /** Returns the text form. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < firsts.length; i++) {
      long count = starts[i + 1] - starts[i];
      text.append(i == 0 ? "" : ",").append(firsts[i]);
      if (count > 1) {
        text.append(':').append(firsts[i] + count);
      }
    }
    return text.toString();
  }
}
