package pointwise.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStores;
import org.pointwise.testing.Seed;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsWriter;

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

  /** Other software may name another layer head. */
  @Test
  void headIsThatOfAFit() throws Exception {
    PointwiseLayer layer = PointwiseLayer.of(new float[10], new float[2], Activation.NONE);
    PointwiseLayer head = PointwiseLayer.of(new float[6], new float[3], Activation.NONE);
    for (String method : new String[] {"bottleneck", ""}) {
      String file = folder + "/of" + method + ".safetensors";
      Map<String, String> metadata = method.isEmpty() ? Map.of() : Map.of("method", method);
      WeightsWriter.write(ByteStores.LOCAL, file, layer, Map.of(Weights.HEAD, head), metadata);
      PointwiseModel model = PointwiseModel.load(file);
      model.save(folder + "/model" + method);
      String again = folder + "/again" + method;
      PointwiseModel.load(folder + "/model" + method).writeWeights(again + ".onnx");
      assertThat(Files.exists(Path.of(again + ".head.onnx"))).isEqualTo(!method.isEmpty());
    }
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

  @Test
  void existingWeightsAreKept() throws Exception {
    PointwiseModel model = fitted(2);
    for (String ending : new String[] {"safetensors", "npy", "onnx"}) {
      String file = folder + "/w." + ending;
      model.writeWeights(file);
      byte[] before = Files.readAllBytes(Path.of(file));
      refused(() -> fitted(3).writeWeights(file), "w.%s: it exists".formatted(ending));
      assertThat(Files.readAllBytes(Path.of(file))).isEqualTo(before);
      fitted(3).replaceWeights(file);
      assertThat(PointwiseModel.load(file).outChannels()).isEqualTo(3);
    }
    Files.delete(folder.resolve("w.npy"));
    refused(() -> model.writeWeights(folder + "/w.npy"), "w.bias.npy exists");
  }

  /** The file system is known to the settings that were made after Spark had started. */
  @Test
  void settingsOfTheRunningSparkAreUsed() throws Exception {
    spark
        .sparkContext()
        .hadoopConfiguration()
        .set("fs.viewfs.mounttable.later.link./m", folder.toUri().toString());
    PointwiseModel model = fitted(2);
    model.writeWeights("viewfs://later/m/w.npy");
    model.save("viewfs://later/m/model");
    assertThat(PointwiseModel.load("viewfs://later/m/model").pc()).isEqualTo(model.pc());
    assertThat(PointwiseModel.load("viewfs://later/m/w.npy").pc()).isEqualTo(model.pc());
  }

  /**
   * A server of Spark Connect moves models to its disk, whatever the file system of the cluster.
   */
  @Test
  void modelsAreMovedToTheDisk() throws Exception {
    var hadoop = spark.sparkContext().hadoopConfiguration();
    String before = hadoop.get("fs.defaultFS");
    hadoop.set("fs.viewfs.mounttable.shared.link./m", folder.resolve("shared").toUri().toString());
    hadoop.set("fs.defaultFS", "viewfs://shared/");
    try {
      PointwiseModel model = fitted(2);
      String path = folder + "/local";
      model.write().saveToLocal(path);
      assertThat(Path.of(path)).isDirectoryContaining("glob:**/weights.safetensors");
      assertThat(PointwiseModel.read().loadFromLocal(path).pc()).isEqualTo(model.pc());
    } finally {
      hadoop.set("fs.defaultFS", before);
    }
  }

  @Test
  void squareMatricesNeedALayout() throws Exception {
    Path file = folder.resolve("square.npy");
    NpyFiles.write(file, new float[][] {{1, 2}, {3, 4}}, "float32");
    refused(() -> PointwiseModel.load(file.toString()), "load it with kernel layout oi or io");
    refused(() -> PointwiseModel.loadWeights(file.toString(), "xy"), "must be oi");
    assertThat(PointwiseModel.loadWeights(file.toString(), "oi").pc().toArray())
        .containsExactly(1, 2, 3, 4);
    assertThat(PointwiseModel.loadWeights(file.toString(), "io").pc().toArray())
        .containsExactly(1, 3, 2, 4);
    Path wide = folder.resolve("wide.npy");
    NpyFiles.write(wide, new float[5][3], "float32");
    PointwiseModel turned = PointwiseModel.load(wide.toString()).setOutputCol("y");
    assertThatThrownBy(() -> turned.transform(data()).collectAsList())
        .rootCause()
        .hasMessageContaining("5 channels but the layer reads 3")
        .hasMessageContaining("or load a matrix F×F′ with kernel layout io");
    PointwiseModel read = PointwiseModel.loadWeights(wide.toString(), "io").setOutputCol("y");
    assertThat(read.transform(data()).collectAsList()).hasSize(100);
    assertThat(read.outChannels()).isEqualTo(3);
  }

  @Test
  void npyHoldsNoActivation() throws Exception {
    PointwiseLayer layer = PointwiseLayer.of(new float[6], new float[2], Activation.RELU);
    String file = folder + "/relu.safetensors";
    WeightsWriter.write(ByteStores.LOCAL, file, layer, Map.of());
    PointwiseModel model = PointwiseModel.load(file);
    refused(() -> model.writeWeights(folder + "/relu.npy"), "but the layer has relu");
    assertThat(folder.resolve("relu.npy")).doesNotExist();
    model.writeWeights(folder + "/relu.onnx");
  }

  private static void refused(ThrowingCallable call, String text) {
    assertThatThrownBy(call).isInstanceOf(InvalidInputException.class).hasMessageContaining(text);
  }
}
