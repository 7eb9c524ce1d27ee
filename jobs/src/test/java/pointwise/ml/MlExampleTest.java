package pointwise.ml;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.testing.Seed;

/** Compiles and runs the program of docs/spark.md. */
class MlExampleTest extends MlFixture {
  private static final Pattern PROGRAM =
      Pattern.compile("```java\n(.*?class (\\w+).*?)```", Pattern.DOTALL);

  @TempDir Path folder;

  @Test
  void runs() throws Exception {
    Path page = Path.of(System.getProperty("pointwise.root")).resolve("docs/spark.md");
    Matcher program = PROGRAM.matcher(Files.readString(page));
    assertThat(program.find()).isTrue();
    Path source = folder.resolve(program.group(2) + ".java");
    Files.writeString(source, program.group(1));
    String path = System.getProperty("java.class.path");
    int code =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-cp", path, "-d", folder.toString(), source.toString());
    assertThat(code).isZero();
    Dataset<Row> data = table(pixels(Seed.random("example"), 300, 20), Kind.FLOATS, 2);
    URL[] classes = {folder.toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(classes, getClass().getClassLoader())) {
      @SuppressWarnings("unchecked")
      Dataset<Row> reduced =
          (Dataset<Row>)
              loader
                  .loadClass(program.group(2))
                  .getMethod("reduce", Dataset.class, String.class)
                  .invoke(null, data, folder + "/w.safetensors");
      assertThat(reduced.selectExpr("size(reduced)").distinct().first().getInt(0)).isEqualTo(8);
    }
    assertThat(folder.resolve("w.safetensors")).exists();
  }
}
