package org.pointwise.parquet;

import java.util.List;
import org.apache.parquet.format.SchemaElement;

/** Finds elements of a schema as it is stored: depth first, each with its number of children. */
final class SchemaPath {
  private final List<SchemaElement> schema;
  private int next;

  SchemaPath(List<SchemaElement> schema) {
    this.schema = schema;
  }

  /** Returns the element of a path below the root. */
  SchemaElement element(String[] path) {
    next = 0;
    SchemaElement found = schema.get(next++);
    for (String name : path) {
      int children = found.getNum_children();
      found = schema.get(next++);
      for (int i = 1; i < children && !found.getName().equals(name); i++) {
        skip(found);
        found = schema.get(next++);
      }
    }
    return found;
  }

  private void skip(SchemaElement element) {
    for (int i = 0; i < element.getNum_children(); i++) {
      skip(schema.get(next++));
    }
  }
}
