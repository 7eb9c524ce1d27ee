package org.pointwise.parquet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.errors.Suggestion;
import org.pointwise.tensor.ElementType;

/**
 * A column of vectors, or of numbers.
 *
 * @param names of the structures around the column, then its own
 * @param leaf the numbers
 * @param presentLevel the definition level from which a row is not null
 * @param isList whether a row holds a list of numbers, instead of one number
 */
record VectorColumn(
    List<String> names, ColumnDescriptor leaf, int presentLevel, ElementType type, boolean isList) {

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
   * @throws InvalidInputException that names the columns of this kind if there is none of this
   *     name, or if no name is given and there are several
   */
  static VectorColumn find(MessageType schema, @Nullable String name, boolean vectors, String uri) {
    List<VectorColumn> columns = new ArrayList<>();
    for (ColumnDescriptor leaf : schema.getColumns()) {
      VectorColumn column = of(schema, leaf);
      if (column != null && column.isList == vectors) {
        columns.add(column);
      }
    }
    if (name == null && columns.size() == 1) {
      return columns.get(0);
    }
    for (VectorColumn column : columns) {
      if (column.name().equals(name)) {
        return column;
      }
    }
    List<String> names = columns.stream().map(VectorColumn::name).toList();
    String kind = vectors ? "lists of float or double" : "numbers";
    if (name == null) {
      throw new InvalidInputException(
          names.isEmpty()
              ? "Cannot read %s: it has no column of %s".formatted(uri, kind)
              : "Cannot read %s: it has several columns of %s (%s); name one with --column or TABLE#COLUMN"
                  .formatted(uri, kind, String.join(", ", names)));
    }
    throw new InvalidInputException(
        "Cannot read the column %s of %s: it has no such column of %s, only %s%s"
            .formatted(
                name,
                uri,
                kind,
                names.isEmpty() ? "others" : String.join(", ", names),
                Suggestion.of(name, names)));
  }

  /** Returns the column of a leaf; null if it has neither vectors nor numbers. */
  private static @Nullable VectorColumn of(MessageType schema, ColumnDescriptor leaf) {
    ElementType type = type(leaf.getPrimitiveType().getPrimitiveTypeName());
    if (type == null || leaf.getMaxRepetitionLevel() > 1) {
      return null;
    }
    String[] path = leaf.getPath();
    if (leaf.getMaxRepetitionLevel() == 0) {
      return new VectorColumn(Arrays.asList(path), leaf, leaf.getMaxDefinitionLevel(), type, false);
    }
    int repeated = 0;
    Type node = schema.getType(path[0]);
    while (!node.isRepetition(Repetition.REPEATED)) {
      node = node.asGroupType().getType(path[++repeated]);
    }
    boolean isBare = node.isPrimitive() && (repeated == 0 || !isList(schema, path, repeated - 1));
    boolean isOnlyField =
        node.isPrimitive()
            || (repeated == path.length - 2 && node.asGroupType().getFieldCount() == 1);
    if (!type.floating() || !isOnlyField || (!isBare && repeated == 0)) {
      return null;
    }
    if (isBare) { // cannot tell an empty list from none
      return new VectorColumn(
          Arrays.asList(path).subList(0, repeated + 1),
          leaf,
          leaf.getMaxDefinitionLevel(),
          type,
          true);
    }
    String[] list = Arrays.copyOf(path, repeated);
    return new VectorColumn(
        Arrays.asList(path).subList(0, repeated),
        leaf,
        schema.getMaxDefinitionLevel(list),
        type,
        true);
  }

  private static boolean isList(MessageType schema, String[] path, int index) {
    GroupType group = schema.getType(Arrays.copyOf(path, index + 1)).asGroupType();
    return group.getFieldCount() == 1 && group.getLogicalTypeAnnotation() != null;
  }

  private static @Nullable ElementType type(PrimitiveTypeName name) {
    return switch (name) {
      case FLOAT -> ElementType.FLOAT32;
      case DOUBLE -> ElementType.FLOAT64;
      case INT32 -> ElementType.INT32;
      case INT64 -> ElementType.INT64;
      case BOOLEAN -> ElementType.UINT8;
      case BINARY, FIXED_LEN_BYTE_ARRAY, INT96 -> null;
    };
  }
}
