package pointwise.ml;

import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.MLReader;
import org.pointwise.errors.InvalidInputException;

/** Loads the parameters that Spark ML saved of one class, and names another class. */
final class StageReader<T> extends MLReader<T> {
  private final Class<T> type;
  private final String expected;

  StageReader(Class<T> type) {
    this(type, "no folder that %s.save wrote".formatted(type.getSimpleName()));
  }

  /**
   * @param expected completes "it is …" in messages about a path that cannot be loaded
   */
  StageReader(Class<T> type, String expected) {
    this.type = type;
    this.expected = expected;
  }

  @Override
  public T load(String path) {
    Object found;
    try {
      found = new DefaultParamsReader<>().load(path);
    } catch (Exception e) { // Scala throws undeclared checked exceptions
      throw new InvalidInputException(
          "Cannot load %s as %s: it is %s; check the path (%s)"
              .formatted(
                  path,
                  type.getSimpleName(),
                  expected,
                  String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
    if (!type.isInstance(found)) {
      Class<?> other = found.getClass();
      boolean ours = other.getPackage().equals(type.getPackage());
      String name = ours ? other.getSimpleName() : other.getName();
      throw new InvalidInputException(
          "Cannot load %s as %s: it is a %s; use %s.load"
              .formatted(path, type.getSimpleName(), name, name));
    }
    return type.cast(found);
  }
}
