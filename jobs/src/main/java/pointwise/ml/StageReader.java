package pointwise.ml;

import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.Params;
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
    if (type.isInstance(found)) {
      return type.cast(found);
    }
    Class<?> other = found.getClass();
    if (!other.getName().equals(type.getName())) {
      boolean ours = other.getPackageName().equals(type.getPackageName());
      String name = ours ? other.getSimpleName() : other.getName();
      throw new InvalidInputException(
          "Cannot load %s as %s: it is a %s; use %s.load"
              .formatted(path, type.getSimpleName(), name, name));
    }
    return copied((Params) found);
  }

  /**
   * Returns a copy of what has the same name but another class loader: Spark Connect keeps the
   * classes of the session that uploaded the jar first.
   */
  private T copied(Params found) {
    try {
      T copy = type.getConstructor(String.class).newInstance(found.uid());
      found.copyValues((Params) copy, ParamMap.empty());
      return copy;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Each stage has a constructor with its name", e);
    }
  }
}
