package org.pointwise.spark.sql;

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
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Seed;

/** Compiles and runs the programs about tables of docs/spark.md. */
class TableExampleTest extends TableFixture {
  private static final Pattern PROGRAM =
      Pattern.compile("```java\n([^`]*?class (ImageTable).*?)```", Pattern.DOTALL);
  private static final Pattern SQL = Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL);

  @Test
  void runs() throws Exception {
    Path root = Path.of(System.getProperty("pointwise.root"));
    String page = Files.readString(root.resolve("docs/spark.md"));
    Extent chunk = new Extent(1, 8, 8);
    String path =
        Arrays4.random(Seed.random("example"), new FeatureShape(4, 10, 12, 3))
            .zarr(folder + "/store.zarr", 3, "n,y,x,c", chunk, chunk);
    Matcher program = PROGRAM.matcher(page);
    assertThat(program.find()).isTrue();
    Path source = folder.resolve(program.group(2) + ".java");
    Files.writeString(source, program.group(1));
    String classPath = System.getProperty("java.class.path");
    int code =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-cp", classPath, "-d", folder.toString(), source.toString());
    assertThat(code).isZero();
    URL[] classes = {folder.toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(classes, getClass().getClassLoader())) {
      @SuppressWarnings("unchecked")
      Dataset<Row> image =
          (Dataset<Row>)
              loader
                  .loadClass(program.group(2))
                  .getMethod("image", SparkSession.class, String.class, long.class)
                  .invoke(null, spark, path, 2L);
      assertThat(image.count()).isEqualTo(120);
      assertThat(image.columns()).containsExactly("y", "x", "features");
    }
    Matcher sql = SQL.matcher(page);
    assertThat(sql.find()).isTrue();
    Dataset<Row> last = spark.emptyDataFrame();
    for (String statement : sql.group(1).replace("store.zarr/features", path).split(";\\s*")) {
      last = spark.sql(statement);
    }
    assertThat(last.count()).isEqualTo(4);
    spark.sql("DROP TABLE pixels");
  }
}
