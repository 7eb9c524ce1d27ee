package org.pointwise.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.IndexList;

/**
 * Values beside a feature array that share dimensions with it: a coordinate, or an array to which
 * attributes refer, such as a grid mapping.
 *
 * @param dimensions the names of its dimensions, slowest first; empty for a single value
 * @param lengths the lengths of its dimensions
 * @param values the values, little-endian and row-major
 * @param texts the texts of {@link ValueType#TEXT}, by their positions; empty for other types
 * @param attributes the attributes; {@code _FillValue} is a number or one of the words for NaN and
 *     the infinities; of texts it is text, the base64 of the bytes of {@link ValueType.Kind#BYTES}
 */
public record Coordinate(
    String name,
    List<String> dimensions,
    List<Long> lengths,
    ValueType type,
    byte[] values,
    List<String> texts,
    ObjectNode attributes) {

  /** Returns texts along one dimension. */
  static Coordinate ofTexts(
      String name, String dimension, List<String> texts, ObjectNode attributes) {
    byte[] positions = new byte[texts.size() * ValueType.TEXT.bytes()];
    for (int i = 0; i < texts.size(); i++) {
      ElementAccess.putInt(positions, i * ValueType.TEXT.bytes(), i);
    }
    List<Long> lengths = List.of((long) texts.size());
    return new Coordinate(
        name, List.of(dimension), lengths, ValueType.TEXT, positions, texts, attributes);
  }

  /** Returns numbers along one dimension. */
  static Coordinate ofNumbers(
      String name, String dimension, double[] numbers, ObjectNode attributes) {
    ElementType type = ElementType.FLOAT64;
    byte[] values = new byte[numbers.length * type.bytes()];
    for (int i = 0; i < numbers.length; i++) {
      ElementAccess.putLong(values, i * type.bytes(), Double.doubleToRawLongBits(numbers[i]));
    }
    List<Long> lengths = List.of((long) numbers.length);
    return new Coordinate(
        name, List.of(dimension), lengths, ValueType.of(type), values, List.of(), attributes);
  }

  /** Returns the same values with other attributes. */
  Coordinate withAttributes(ObjectNode otherAttributes) {
    return new Coordinate(name, dimensions, lengths, type, values, texts, otherAttributes);
  }

  /** Returns other values with the same attributes. */
  Coordinate withValues(byte[] otherValues) {
    return withValues(type, otherValues);
  }

  /** Returns other values of another type with the same attributes. */
  Coordinate withValues(ValueType otherType, byte[] otherValues) {
    return new Coordinate(name, dimensions, lengths, otherType, otherValues, texts, attributes);
  }

  /** Returns the same texts of fixed length in a longer type. */
  Coordinate widened(ValueType longer) {
    if (longer.equals(type)) {
      return this;
    }
    int from = type.bytes();
    int to = longer.bytes();
    byte[] wide = new byte[Math.multiplyExact(count(), to)];
    for (int i = 0; i < count(); i++) {
      System.arraycopy(values, i * from, wide, i * to, from);
    }
    return new Coordinate(name, dimensions, lengths, longer, wide, texts, attributes);
  }

  /** Returns the first values along a dimension that this has. */
  public Coordinate first(long count, String dimension) {
    return part(dimension, IndexList.range(0, count));
  }

  /** Returns these values, followed along a dimension by those of a coordinate of the same kind. */
  Coordinate followedBy(Coordinate following, String dimension) {
    Coordinate next = following.withTextOffset(texts.size());
    int axis = dimensions.indexOf(dimension);
    long outer = lengths.subList(0, axis).stream().reduce(1L, Math::multiplyExact);
    int bytesHere = Math.toIntExact(values.length / outer);
    int bytesNext = Math.toIntExact(next.values.length / outer);
    byte[] all = new byte[Math.addExact(values.length, next.values.length)];
    for (int o = 0; o < outer; o++) {
      System.arraycopy(values, o * bytesHere, all, o * (bytesHere + bytesNext), bytesHere);
      System.arraycopy(
          next.values, o * bytesNext, all, o * (bytesHere + bytesNext) + bytesHere, bytesNext);
    }
    List<Long> sums = new ArrayList<>(lengths);
    sums.set(axis, lengths.get(axis) + next.lengths.get(axis));
    List<String> allTexts = new ArrayList<>(texts);
    allTexts.addAll(next.texts);
    return new Coordinate(name, dimensions, List.copyOf(sums), type, all, allTexts, attributes);
  }

  /** Returns the same values for a list of texts in which others come first. */
  private Coordinate withTextOffset(int count) {
    if (type.kind() != ValueType.Kind.TEXT) {
      return this;
    }
    byte[] moved = new byte[values.length];
    for (int offset = 0; offset < moved.length; offset += Integer.BYTES) {
      int position = ElementAccess.intAt(values, offset, ByteOrder.LITTLE_ENDIAN);
      ElementAccess.putInt(moved, offset, position + count);
    }
    return withValues(moved);
  }

  /**
   * Returns the positions from {@code begin} on whose values are among those before it.
   *
   * @param begin of the positions along the only dimension
   */
  public List<Integer> repeatedFrom(int begin) {
    Set<Object> before = new HashSet<>();
    List<Integer> repeated = new ArrayList<>();
    for (int i = 0; i < count(); i++) {
      Object value =
          type.kind() == ValueType.Kind.TEXT
              ? text(i)
              : ByteBuffer.wrap(values, i * type.bytes(), type.bytes());
      if (i < begin) {
        before.add(value);
      } else if (before.contains(value)) {
        repeated.add(i);
      }
    }
    return repeated;
  }

  /** Returns whether a coordinate of the same type has the same values in the same order. */
  boolean sameValues(Coordinate other) {
    return type.kind() == ValueType.Kind.TEXT
        ? count() == other.count()
            && IntStream.range(0, count()).allMatch(i -> text(i).equals(other.text(i)))
        : Arrays.equals(values, other.values);
  }

  /** Returns the values at some positions along a dimension; this if it lacks the dimension. */
  Coordinate part(String along, @Nullable IndexList positions) {
    int dimension = dimensions.indexOf(along);
    return dimension < 0 || positions == null || positions.isAll(lengths.get(dimension))
        ? this
        : gathered(dimension, Math.toIntExact(positions.count()), positions::get);
  }

  /** Returns the values at some positions along its only dimension, under other names. */
  public Coordinate chosen(List<Integer> positions, String otherName, String otherDimension) {
    Coordinate part = gathered(0, positions.size(), i -> positions.get((int) i));
    return new Coordinate(
        otherName, List.of(otherDimension), part.lengths, type, part.values, texts, attributes);
  }

  private Coordinate gathered(int dimension, int count, LongUnaryOperator positions) {
    int inner = type.bytes();
    for (long length : lengths.subList(dimension + 1, lengths.size())) {
      inner = Math.toIntExact(inner * length);
    }
    int line = Math.toIntExact(inner * lengths.get(dimension));
    int outer = values.length / line;
    byte[] part = new byte[Math.multiplyExact(outer, Math.multiplyExact(inner, count))];
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < count; i++) {
        int from = o * line + Math.toIntExact(positions.applyAsLong(i)) * inner;
        System.arraycopy(values, from, part, (o * count + i) * inner, inner);
      }
    }
    List<Long> partLengths = new ArrayList<>(lengths);
    partLengths.set(dimension, (long) count);
    return new Coordinate(
        name, dimensions, List.copyOf(partLengths), type, part, texts, attributes);
  }

  /** Returns the number of values. */
  public int count() {
    return values.length / type.bytes();
  }

  /**
   * Returns a value of a text type.
   *
   * @param index its row-major position
   */
  public String text(int index) {
    int offset = index * type.bytes();
    return switch (type.kind()) {
      case CHARACTERS -> Texts.ofCharacters(values, offset, type.bytes(), ByteOrder.LITTLE_ENDIAN);
      case BYTES -> Texts.ofBytes(values, offset, type.bytes());
      case TEXT -> texts.get((int) number(index));
      case NUMBER, DATE, DURATION -> throw new IllegalStateException(name + " has no texts");
    };
  }

  /** Returns a value of a type of one number, as stored. */
  public double number(int index) {
    return ElementAccess.doubleAt(
        values, index * type.bytes(), type.number(), ByteOrder.LITTLE_ENDIAN);
  }
}
