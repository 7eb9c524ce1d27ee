package org.pointwise.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStores;
import org.pointwise.store.LocalByteStore;
import org.pointwise.store.npy.NpyArray;
import org.pointwise.tensor.Half;
import org.pointwise.testing.SharedData;
import org.pointwise.weights.WeightsRef.KernelLayout;

/**
 * Reads kernels of every common shape and element type, from files of other software if available.
 */
class WeightsTest {
  @TempDir Path folder;

  private static NamedLayer read(String text, int inChannels) throws Exception {
    return Weights.read(ByteStores.LOCAL, WeightsRef.parse(text, null, null, null), inChannels);
  }

  @Test
  void parsesFilesAndNames() {
    WeightsRef folder = WeightsRef.parse("/run#1/w.npy");
    assertThat(folder.uri()).isEqualTo("/run#1/w.npy");
    assertThat(folder.name()).isNull();
    WeightsRef named = WeightsRef.parse("/run#1/w.onnx#/conv#2/Conv");
    assertThat(named.uri()).isEqualTo("/run#1/w.onnx");
    assertThat(named.name()).isEqualTo("/conv#2/Conv");
    assertThatThrownBy(() -> WeightsRef.parse("/run/w.txt#a").format())
        .hasMessageContaining("the weights /run/w.txt:");
  }

  @Test
  void readsSqueezeNetKernelsWithInputsLast() throws Exception {
    Path weights = SharedData.path("models/npy/squeezenet1.0_nhwc/weights");
    int layers = 0;
    try (Stream<Path> files = Files.list(weights)) {
      for (Path file :
          files.filter(path -> path.getFileName().toString().contains("kernel")).toList()) {
        NpyArray array = NpyArray.read(new LocalByteStore(weights), file.getFileName().toString());
        long[] shape = array.shape();
        if (shape[1] == 1 && shape[2] == 1) { // O,1,1,I
          PointwiseLayer layer = read(file.toString(), (int) shape[3]).layer();
          assertThat(layer.outChannels()).isEqualTo((int) shape[0]);
          assertThat(layer.weights()).isEqualTo(array.values());
          layers++;
        } else {
          assertThatThrownBy(() -> read(file.toString(), (int) shape[3]))
              .isInstanceOf(InvalidInputException.class)
              .hasMessageContaining("but F′×F, O,I,1,1 or O,1,1,I is needed");
        }
      }
    }
    assertThat(layers).isEqualTo(17);
  }

  @Test
  void readsResNetKernelsWithInputsSecond() throws Exception {
    Path weights = SharedData.path("models/npy/resnet50v2_nchw/weights");
    int layers = 0;
    try (Stream<Path> files = Files.list(weights)) {
      for (Path file : files.filter(path -> path.toString().contains("conv")).toList()) {
        NpyArray array = NpyArray.read(new LocalByteStore(weights), file.getFileName().toString());
        assertThat(array.shape()).hasSize(4);
        PointwiseLayer layer = read(file.toString(), (int) array.shape()[1]).layer();
        assertThat(layer.weights()).isEqualTo(array.values());
        layers++;
      }
    }
    assertThat(layers).isGreaterThanOrEqualTo(13);
  }

  @Test
  void readsSafetensorsOfPythonAndRust() throws Exception {
    String mnist = SharedData.string("formats/safetensors/burn_mnist.safetensors");
    List<NamedLayer> layers = Weights.list(ByteStores.LOCAL, mnist);
    assertThat(layers).isNotEmpty();
    assertThat(layers.get(0).layer().inChannels()).isEqualTo(11616);
    assertThat(layers.get(0).layer().outChannels()).isEqualTo(32);
    assertThat(layers.get(0).layer().bias()[0]).isNotZero();
    assertThatThrownBy(() -> read(mnist + "#conv1.weight", 1))
        .hasMessageContaining("but F′×F, O,I,1,1 or O,1,1,I is needed");
    String voices = SharedData.string("formats/safetensors/candle_voices.safetensors");
    assertThatThrownBy(() -> read(voices, 33)).hasMessageContaining("none can be 1×1 kernels");
  }

  @Test
  void readsSafetensorsOfEveryFloatingType() throws Exception {
    float[] values = {1, -2, 0.5f, 8, -0.25f, 3};
    for (String type : List.of("F16", "BF16", "F32", "F64")) {
      int size = type.equals("F64") ? 8 : type.equals("F32") ? 4 : 2;
      byte[] json =
          "{\"head.weight\":{\"dtype\":\"%s\",\"shape\":[2,3],\"data_offsets\":[0,%d]}}"
              .formatted(type, 6 * size)
              .getBytes(StandardCharsets.UTF_8);
      ByteBuffer file =
          ByteBuffer.allocate(8 + json.length + 6 * size).order(ByteOrder.LITTLE_ENDIAN);
      file.putLong(json.length).put(json);
      for (float value : values) {
        switch (type) {
          case "F16" -> file.putShort(Half.fromFloat(value));
          case "BF16" -> file.putShort(Half.bfloatFromFloat(value));
          case "F32" -> file.putFloat(value);
          default -> file.putDouble(value);
        }
      }
      Path path = folder.resolve(type + ".safetensors");
      Files.write(path, file.array());
      NamedLayer named = read(path.toString(), 3);
      assertThat(named.name()).isEqualTo("head.weight");
      assertThat(named.layer().weights()).containsExactly(values);
      assertThat(named.layer().activation()).isEqualTo(Activation.NONE);
      assertThat(read(path + "#head.weight", 3).layer().sha256()).isEqualTo(named.layer().sha256());
    }
  }

  @Test
  void everyListedNameIsFound() throws Exception {
    PointwiseLayer layer = PointwiseLayer.of(new float[] {1, 2}, new float[1], Activation.NONE);
    String file = folder + "/nuc32.safetensors";
    WeightsWriter.write(ByteStores.LOCAL, file, layer, Map.of("decoder", layer), Map.of());
    List<NamedLayer> listed = Weights.list(ByteStores.LOCAL, file);
    assertThat(listed).extracting(NamedLayer::name).contains("nuc32");
    for (NamedLayer named : listed) {
      assertThat(read(file + "#" + named.name(), 2).layer().sha256())
          .isEqualTo(named.layer().sha256());
    }
    assertThatThrownBy(() -> read(file + "#nuc33", 2))
        .hasMessageContaining("Cannot find tensor 'nuc33'");
  }

  /** A folder stands for any unreadable file, because the administrator may read every file. */
  @Test
  void unreadableFileIsInvalidInput() throws Exception {
    for (String ending : List.of("safetensors", "onnx", "npy")) {
      Path closed = Files.createFile(folder.resolve("closed." + ending));
      Files.setPosixFilePermissions(closed, Set.of());
      Path directory = Files.createDirectory(folder.resolve("folder." + ending));
      for (Path file : List.of(closed, directory)) {
        if (Files.isReadable(file) && file.equals(closed)) {
          continue;
        }
        assertThatThrownBy(() -> read(file.toString(), 2))
            .isInstanceOf(InvalidInputException.class)
            .hasMessageStartingWith("Cannot read");
        assertThatThrownBy(() -> Weights.list(ByteStores.LOCAL, file.toString()))
            .isInstanceOf(InvalidInputException.class)
            .hasMessageStartingWith("Cannot read");
      }
    }
  }

  @Test
  void biasBesideNpyIsRead() throws Exception {
    float[] bias = {7, 8};
    PointwiseLayer layer = PointwiseLayer.of(new float[] {1, 2, 3, 4, 5, 6}, bias, Activation.NONE);
    String file = folder + "/w.npy";
    WeightsWriter.write(ByteStores.LOCAL, file, layer, Map.of());
    NamedLayer read = read(file, 3);
    assertThat(read.layer().sha256()).isEqualTo(layer.sha256());
    assertThat(read.note()).contains("w.bias.npy");
  }

  @Test
  void npyMatrixLayoutFollowsFromInputChannels() {
    float[] matrix = {1, 2, 3, 4, 5, 6};
    long[] shape = {2, 3};
    assertThat(KernelShapes.matrix(matrix, shape, 3, false, null, "w")).containsExactly(matrix);
    assertThat(KernelShapes.matrix(matrix, shape, 2, false, null, "w"))
        .containsExactly(1, 4, 2, 5, 3, 6);
    assertThat(KernelShapes.matrix(matrix, shape, 2, false, KernelLayout.IO, "w"))
        .containsExactly(1, 4, 2, 5, 3, 6);
    assertThatThrownBy(() -> KernelShapes.matrix(matrix, shape, 7, false, null, "w"))
        .hasMessage(
            "Cannot apply w: its shape [2, 3] reads 3 channels but the input has 7; choose the layer that fits, or check --axes");
    float[] square = {1, 2, 3, 4};
    long[] squareShape = {2, 2};
    assertThatThrownBy(() -> KernelShapes.matrix(square, squareShape, 2, false, null, "w"))
        .hasMessageContaining("choose one with --kernel-layout oi or io");
    assertThat(KernelShapes.matrix(square, squareShape, 2, false, KernelLayout.OI, "w"))
        .containsExactly(square);
    assertThat(KernelShapes.matrix(square, squareShape, 2, false, KernelLayout.IO, "w"))
        .containsExactly(1, 3, 2, 4);
    assertThat(KernelShapes.matrix(square, squareShape, 2, true, null, "w"))
        .containsExactly(square);
  }
}
