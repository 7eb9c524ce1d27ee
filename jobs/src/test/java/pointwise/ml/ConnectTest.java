package pointwise.ml;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.ServiceLoader;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.Transformer;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.pointwise.testing.Seed;

/**
 * Tests what a server of Spark Connect needs: it finds classes by name, and its clients transform.
 */
class ConnectTest extends MlFixture {

  /** Every class must be listed, and Spark loads no ML class at all if one cannot be made. */
  @Test
  void everyClassIsListed() throws Exception {
    List<Class<?>> estimators = new ArrayList<>();
    List<Class<?>> transformers = new ArrayList<>();
    Path classes =
        Path.of(PCA.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .resolve("pointwise/ml");
    try (var files = Files.list(classes)) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString();
        if (!name.endsWith(".class") || name.equals("package-info.class")) {
          continue;
        }
        Class<?> type = Class.forName("pointwise.ml." + name.replace(".class", ""));
        if (!Modifier.isAbstract(type.getModifiers()) && Estimator.class.isAssignableFrom(type)) {
          estimators.add(type);
        }
        if (!Modifier.isAbstract(type.getModifiers()) && Transformer.class.isAssignableFrom(type)) {
          transformers.add(type);
        }
      }
    }
    assertThat(listed(Estimator.class)).containsExactlyInAnyOrderElementsOf(estimators);
    assertThat(listed(Transformer.class)).containsExactlyInAnyOrderElementsOf(transformers);
    assertThat(estimators).contains(PCA.class, Whiten.class, LDA.class);
    assertThat(transformers).contains(PointwiseModel.class);
  }

  /** Returns the classes of this package that Spark finds, each of which can be made. */
  private static List<Class<?>> listed(Class<?> service) {
    List<Class<?>> found = new ArrayList<>();
    for (ServiceLoader.Provider<?> each : ServiceLoader.load(service).stream().toList()) {
      if (each.type().getPackage().equals(PCA.class.getPackage())) {
        found.add(each.get().getClass());
      }
    }
    return found;
  }

  @Test
  void describedLayerIsATable() {
    Random random = Seed.random("described");
    var data = table(pixels(random, 50 + random.nextInt(50), 6), Kind.FLOATS, 2);
    PointwiseModel model = new PCA().setK(1 + random.nextInt(6)).setOutputCol("y").fit(data);
    List<Row> rows =
        model.copy(model.extractParamMap()).setDescribe(true).transform(data).collectAsList();
    assertThat(rows).hasSize(model.outChannels());
    for (int o = 0; o < rows.size(); o++) {
      Row row = rows.get(o);
      assertThat(row.getInt(0)).isEqualTo(o);
      List<Float> weights = row.getList(1);
      for (int c = 0; c < model.inChannels(); c++) {
        assertThat((double) weights.get(c)).isEqualTo(model.pc().apply(c, o));
      }
      assertThat((double) row.getFloat(2)).isEqualTo(model.bias().apply(o));
      assertThat(row.getDouble(3)).isEqualTo(model.explainedVariance().apply(o));
      if (o == 0) {
        assertThat(row.<String, String>getJavaMap(4)).isEqualTo(model.fitSummary());
      } else {
        assertThat(row.isNullAt(4)).isTrue();
      }
    }
    assertThat(model.transform(data).columns()).containsExactly("id", "features", "y");
    PointwiseModel discriminants =
        new LDA().setLabelCol("label").fit(data.selectExpr("*", "int(rand(1) * 2) AS label"));
    assertThat(discriminants.setDescribe(true).transform(data).first().isNullAt(3)).isTrue();
  }
}
