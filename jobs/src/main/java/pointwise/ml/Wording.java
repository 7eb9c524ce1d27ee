package pointwise.ml;

import org.pointwise.errors.InvalidInputException;

/** Names columns and parameters in messages of the core, which names options. */
final class Wording {
  private Wording() {}

  static InvalidInputException ofSparkMl(InvalidInputException e) {
    String message = String.valueOf(e.getMessage());
    return new InvalidInputException(
        message
            .replace("choose --channels in", "set k in")
            .replace("choose --channels", "set k to")
            .replace("check --labels, --nodata and --sample", "set a larger trainPixels")
            .replace("check --labels", "check labelCol")
            .replace("give --labels", "set labelCol")
            .replace("the input, --nodata and --sample", "the table")
            .replace(", or use a larger --sample", "")
            .replace("numbers too large, and --nodata", "numbers too large")
            .replace("JAVA_OPTS=-Xmx…, or spark.driver.memory", "spark.driver.memory")
            .replace("fewer --channels", "a smaller k")
            .replace("scale the input by --scale", "divide the column by a number")
            .replace("choose one with --kernel-layout", "load it with kernel layout")
            .replace("give --activation", "correct the file"),
        e);
  }
}
