package org.pointwise.parquet;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.SchemaElement;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.errors.Suggestion;
import org.pointwise.tensor.ElementType;

/**
 * A column of vectors, or of numbers.
 *
 * @param names of the structures around the column, then its own
 * @param index of the numbers in the stored schema
 * @param leaf the numbers
 * @param presentLevel the definition level from which a row is not null
 * @param isList whether a row holds a list of numbers, instead of one number
 */
record VectorColumn(
    List<String> names,
    int index,
    ColumnDescriptor leaf,
    int presentLevel,
    ElementType type,
    boolean isList) {
  /** The number of columns in a message. */
  private static final int SHOWN = 10;

  /** Annotations of integers that are no more than that. */
  private static final Set<ConvertedType> INTEGERS =
      Set.of(
          ConvertedType.INT_8,
          ConvertedType.INT_16,
          ConvertedType.INT_32,
          ConvertedType.INT_64,
          ConvertedType.UINT_8,
          ConvertedType.UINT_16);

  /** Returns the names, separated by dots. */
  String name() {
    return String.join(".", names);
  }

  /**
   * Finds a column.
   *
   * @param name null for the only column of vectors
   * @param vectors whether rows must hold vectors, instead of numbers
   * @param uri the file, for messages
   * @throws InvalidInputException that names the columns of this kind if there is none of this name
   *     or there are several, or if no name is given and there are several
   */
  static VectorColumn find(
      List<SchemaLeaf> leaves, @Nullable String name, boolean vectors, String uri) {
    List<VectorColumn> columns = new ArrayList<>();
    for (SchemaLeaf leaf : leaves) {
      VectorColumn column = of(leaf);
      if (column != null && column.isList == vectors) {
        columns.add(column);
      }
    }
    if (name == null && columns.size() == 1) {
      return columns.get(0);
    }
    List<VectorColumn> named =
        columns.stream().filter(column -> column.name().equals(name)).toList();
    if (named.size() == 1) {
      return named.get(0);
    }
    if (named.size() > 1) {
      throw new InvalidInputException(
          "Cannot read the column %s of %s: %d columns have this name, because names contain dots; rename one"
              .formatted(name, uri, named.size()));
    }
    throw new InvalidInputException(refusal(leaves, columns, name, vectors, uri));
  }

  private static String refusal(
      List<SchemaLeaf> leaves,
      List<VectorColumn> columns,
      @Nullable String name,
      boolean vectors,
      String uri) {
    List<String> names = columns.stream().map(VectorColumn::name).toList();
    String option = vectors ? "--column or TABLE#COLUMN" : "TABLE#COLUMN";
    String kind = vectors ? "lists of float or double" : "numbers";
    if (name == null) {
      return names.isEmpty()
          ? "Cannot read %s: no column has %s (it has %s); cast one"
              .formatted(uri, kind, some(leaves.stream().map(SchemaLeaf::description).toList()))
          : "Cannot read %s: it has several columns of %s (%s); name one with %s"
              .formatted(uri, kind, String.join(", ", names), option);
    }
    for (SchemaLeaf leaf : leaves) {
      if ((String.join(".", leaf.names()) + ".").startsWith(name + ".")) {
        return "Cannot read the column %s of %s: it has %s but needs %s; cast it, or name another with %s"
            .formatted(name, uri, leaf.kind(), kind, option);
      }
    }
    return "Cannot read the column %s of %s: there is no such column; %s%s"
        .formatted(
            name,
            uri,
            names.isEmpty() ? "none has " + kind : "name one of " + some(names),
            Suggestion.of(name, names));
  }

  private static String some(List<String> names) {
    int shown = Math.min(SHOWN, names.size());
    return String.join(", ", names.subList(0, shown)) + (shown < names.size() ? ", …" : "");
  }

  /** Returns the column of a leaf; null if it has neither vectors nor numbers. */
  private static @Nullable VectorColumn of(SchemaLeaf leaf) {
    ElementType type = type(leaf.last());
    if (type == null || leaf.repetitionLevel() > 1) {
      return null;
    }
    List<String> names = leaf.names();
    int last = names.size() - 1;
    int repeated = leaf.repeated();
    if (repeated < 0) {
      return new VectorColumn(
          names, leaf.index(), leaf.descriptor(), leaf.definitionLevel(last), type, false);
    }
    boolean inList = repeated > 0 && leaf.isList(repeated - 1);
    boolean isOnlyField =
        repeated == last
            || (repeated == last - 1 && leaf.path().get(repeated).getNum_children() == 1);
    if (!type.floating() || !isOnlyField || (!inList && repeated < last)) {
      return null;
    }
    // A bare repeated number cannot tell an empty list from none.
    int list = inList ? repeated - 1 : last;
    return new VectorColumn(
        names.subList(0, list + 1),
        leaf.index(),
        leaf.descriptor(),
        leaf.definitionLevel(list),
        type,
        true);
  }

  /** Returns the type of numbers; null if they are others or stand for something else. */
  private static @Nullable ElementType type(SchemaElement element) {
    ConvertedType meaning = element.getConverted_type();
    boolean plain = meaning == null ? !element.isSetLogicalType() : INTEGERS.contains(meaning);
    return switch (element.getType()) {
      case FLOAT -> ElementType.FLOAT32;
      case DOUBLE -> ElementType.FLOAT64;
      case INT32 -> plain ? ElementType.INT32 : null;
      case INT64 -> plain ? ElementType.INT64 : null;
      case BOOLEAN -> ElementType.UINT8;
      case INT96, BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY -> null;
    };
  }
}
