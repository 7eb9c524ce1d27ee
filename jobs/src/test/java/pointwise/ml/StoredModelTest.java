package pointwise.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.testing.Seed;

/** Saves and loads models and weights at paths of all kinds. */
class StoredModelTest extends MlFixture {
  private static final List<String> NAMES =
      List.of("a b", "a%20b", "a%b", "a#b", "a:b", "ä@b", "m.npy");

  @TempDir Path folder;

  private static Dataset<Row> data() {
    return table(pixels(Seed.random("stored"), 100, 5), Kind.FLOATS, 2);
  }

  private static PointwiseModel fitted(int k) {
    return new PCA().setK(k).setOutputCol("y").fit(data());
  }

  /** What a URI would end at, or escape, is a part of the name, as in Spark's own methods. */
  @Test
  void pathsAreLiteral() throws Exception {
    PointwiseModel model = fitted(2);
    PointwiseModel other = fitted(3);
    for (String name : NAMES) {
      for (String scheme : new String[] {"", "file:"}) {
        Path parent = Files.createDirectory(folder.resolve("x" + scheme.length() + name));
        String path = scheme + parent + "/" + name;
        other.save(path);
        model.write().overwrite().save(path);
        assertThat(PointwiseModel.load(path).pc()).as(path).isEqualTo(model.pc());
        assertThat(parent.resolve(name)).isDirectoryContaining("glob:**/weights.safetensors");
        for (String ending : new String[] {".safetensors", ".npy", ".onnx"}) {
          String file = path + "w" + ending;
          model.writeWeights(file);
          assertThat(parent.resolve(name + "w" + ending)).isRegularFile();
          assertThat(PointwiseModel.load(file).pc()).as(file).isEqualTo(model.pc());
        }
      }
    }
    try (var found = Files.list(folder)) {
      assertThat(found.filter(path -> !path.getFileName().toString().startsWith("x"))).isEmpty();
    }
  }

  @Test
  void weightsAreNamedAfterTheFile() throws Exception {
    PointwiseModel model = fitted(2);
    Path runs = Files.createDirectory(folder.resolve("run #1"));
    model.writeWeights(runs + "/w[1]{2}?*.safetensors");
    PointwiseModel decoder =
        PointwiseModel.loadWeights(runs + "/w[1]{2}?*.safetensors#decoder.weight");
    assertThat(decoder.inChannels()).isEqualTo(2);
    assertThat(decoder.outChannels()).isEqualTo(5);
  }

  /** Spark reads some characters as a pattern, so that it would not find the model. */
  @Test
  void pathsThatSparkCannotReadAreRefused() throws Exception {
    PointwiseModel model = fitted(2);
    for (String name : new String[] {"a[b", "a{b}", "a*b", "a?b", "a\\b"}) {
      Path existing = Files.createDirectories(folder.resolve(name));
      Files.writeString(existing.resolve("kept"), "x");
      assertThatThrownBy(() -> model.write().overwrite().save(existing.toString()))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("as a pattern")
          .hasMessageContaining("another path");
      assertThat(existing.resolve("kept")).exists();
    }
  }

  @Test
  void anotherClassIsNamed() throws Exception {
    String model = folder + "/model";
    fitted(2).save(model);
    String pca = folder + "/pca";
    new PCA().setK(2).save(pca);
    String theirs = folder + "/theirs";
    new org.apache.spark.ml.feature.PCA().setK(2).save(theirs);
    refused(() -> PCA.load(model), "as PCA: it is a PointwiseModel; use PointwiseModel.load");
    refused(() -> Whiten.load(pca), "as Whiten: it is a PCA; use PCA.load");
    refused(() -> LDA.load(pca), "as LDA: it is a PCA; use PCA.load");
    refused(() -> PointwiseModel.load(pca), "as PointwiseModel: it is a PCA; use PCA.load");
    refused(() -> PCA.load(theirs), "it is a org.apache.spark.ml.feature.PCA");
    refused(() -> PCA.load(folder + "/none"), "it is no folder that PCA.save wrote");
  }

  private static void refused(ThrowingCallable call, String text) {
    assertThatThrownBy(call).isInstanceOf(InvalidInputException.class).hasMessageContaining(text);
  }
}
