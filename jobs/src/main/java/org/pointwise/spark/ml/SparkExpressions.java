package org.pointwise.spark.ml;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.objects.Invoke;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.ObjectType;
import scala.collection.JavaConverters;

/**
 * Makes columns that call a Java method on Spark's internal values, so that no value is boxed or
 * copied. Spark has no public method for this. What differs between Spark 3.5 with Scala 2.12 and
 * Spark 4 is called by reflection.
 */
@SuppressWarnings("deprecation") // the only conversion that Scala 2.12 and 2.13 have in common
final class SparkExpressions {
  private static final String EXPRESSIONS = "org.apache.spark.sql.classic.ExpressionUtils$";

  private SparkExpressions() {}

  /**
   * Returns a column of {@code target.method(value)}, null where the value of the input is null.
   *
   * @param input the quoted name of a column
   * @param method takes and returns an object of Spark's internal types
   */
  static Column call(Object target, String method, DataType result, String input) {
    Literal function = new Literal(target, new ObjectType(target.getClass()));
    List<Expression> arguments = List.of(UnresolvedAttribute.quotedString(input));
    try {
      Constructor<?> constructor = Invoke.class.getConstructors()[0];
      Object invoke =
          constructor.newInstance(
              function,
              method,
              result,
              JavaConverters.asScalaBuffer(arguments).toList(),
              JavaConverters.asScalaBuffer(List.of()).toList(),
              true, // null for null
              true, // may return null
              true); // deterministic
      return column((Expression) invoke);
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      throw unsupported(e);
    }
  }

  private static Column column(Expression expression) throws ReflectiveOperationException {
    Class<?> utilities;
    try {
      utilities = Class.forName(EXPRESSIONS);
    } catch (ClassNotFoundException e) { // Spark 3.5
      return Column.class.getConstructor(Expression.class).newInstance(expression);
    }
    Object module = utilities.getField("MODULE$").get(null);
    return (Column) utilities.getMethod("column", Expression.class).invoke(module, expression);
  }

  /** Returns the execution of a query, which yields rows of internal values. */
  static QueryExecution execution(Dataset<?> data) {
    try {
      return (QueryExecution) data.getClass().getMethod("queryExecution").invoke(data);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw unsupported(e);
    } catch (ReflectiveOperationException e) {
      throw unsupported(e);
    }
  }

  private static IllegalStateException unsupported(Exception cause) {
    return new IllegalStateException(
        "Cannot use the expressions of this Spark; Spark 3.5 to 4.3 are supported", cause);
  }
}
