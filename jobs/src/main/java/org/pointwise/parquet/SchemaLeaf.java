package org.pointwise.parquet;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type.Repetition;

/**
 * A column as Parquet stores it. Found in the stored form of a schema, because the library cannot
 * convert a schema with a type that is younger than itself.
 *
 * @param index of the last element in the stored schema
 * @param path the elements from below the root to the column
 */
record SchemaLeaf(int index, List<SchemaElement> path) {
  private static final int MAX_DEPTH = 100;

  /**
   * Returns all columns of a schema, which is stored depth first.
   *
   * @throws IndexOutOfBoundsException if it is damaged
   */
  static List<SchemaLeaf> all(List<SchemaElement> schema) {
    List<SchemaLeaf> leaves = new ArrayList<>();
    for (int next = 1; next < schema.size(); ) {
      next = add(schema, next, List.of(), leaves);
    }
    return leaves;
  }

  /** Adds the columns of an element and returns the index of the element after it. */
  private static int add(
      List<SchemaElement> schema, int index, List<SchemaElement> above, List<SchemaLeaf> leaves) {
    SchemaElement element = schema.get(index);
    if (above.size() == MAX_DEPTH || !element.isSetRepetition_type()) {
      throw new IndexOutOfBoundsException("schema");
    }
    List<SchemaElement> path = new ArrayList<>(above);
    path.add(element);
    int next = index + 1;
    if (element.isSetType()) {
      leaves.add(new SchemaLeaf(index, path));
    }
    for (int child = 0; child < element.getNum_children(); child++) {
      next = add(schema, next, path, leaves);
    }
    return next;
  }

  SchemaElement last() {
    return path.get(path.size() - 1);
  }

  List<String> names() {
    return path.stream().map(SchemaElement::getName).toList();
  }

  /** Returns the position of the first repeated element; −1 if there is none. */
  int repeated() {
    for (int i = 0; i < path.size(); i++) {
      if (path.get(i).getRepetition_type() == FieldRepetitionType.REPEATED) {
        return i;
      }
    }
    return -1;
  }

  /** Returns the largest repetition level. */
  int repetitionLevel() {
    return (int)
        path.stream()
            .filter(element -> element.getRepetition_type() == FieldRepetitionType.REPEATED)
            .count();
  }

  /** Returns the definition level of a value of one of the elements. */
  int definitionLevel(int position) {
    return (int)
        path.subList(0, position + 1).stream()
            .filter(element -> element.getRepetition_type() != FieldRepetitionType.REQUIRED)
            .count();
  }

  /** Returns whether an element is a group annotated as a list. */
  boolean isList(int position) {
    SchemaElement group = path.get(position);
    boolean annotated =
        group.getConverted_type() == ConvertedType.LIST
            || (group.isSetLogicalType() && group.getLogicalType().isSetLIST());
    return annotated && group.getNum_children() == 1;
  }

  /** Returns what the column has, for messages. */
  String kind() {
    SchemaElement last = last();
    String type =
        last.isSetConverted_type()
            ? last.getConverted_type().name()
            : last.isSetLogicalType() && last.getLogicalType().getSetField() != null
                ? last.getLogicalType().getSetField().name()
                : last.getType().name();
    boolean isField = repeated() >= 0 && path.size() - repeated() > 2 && repetitionLevel() == 1;
    return "lists of ".repeat(repetitionLevel())
        + (isField ? "structures of " : "")
        + type.toLowerCase(Locale.ROOT);
  }

  /** Returns name and kind, for messages. */
  String description() {
    return path.get(0).getName() + ": " + kind();
  }

  /** Returns the column for the library. */
  ColumnDescriptor descriptor() {
    SchemaElement last = last();
    PrimitiveType type =
        new PrimitiveType(
            Repetition.valueOf(last.getRepetition_type().name()), typeName(), last.getName());
    return new ColumnDescriptor(
        names().toArray(String[]::new), type, repetitionLevel(), definitionLevel(path.size() - 1));
  }

  /** Returns the type of the numbers. */
  private PrimitiveTypeName typeName() {
    return switch (last().getType()) {
      case FLOAT -> PrimitiveTypeName.FLOAT;
      case DOUBLE -> PrimitiveTypeName.DOUBLE;
      case INT32 -> PrimitiveTypeName.INT32;
      case INT64 -> PrimitiveTypeName.INT64;
      case BOOLEAN -> PrimitiveTypeName.BOOLEAN;
      case INT96, BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY ->
          throw new IllegalStateException("No numbers: " + last());
    };
  }
}
