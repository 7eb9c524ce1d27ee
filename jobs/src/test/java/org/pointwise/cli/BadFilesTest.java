package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.store.npy.NpyHeader;
import org.pointwise.tensor.ElementType;
import org.pointwise.testing.SharedData;
import org.pointwise.weights.WeightsWriter;

/** Truncated and hostile .npy files and weights are refused. */
class BadFilesTest extends BadInputFixture {
  @Test
  void truncatedNpyIsRefused() throws Exception {
    input = array.npyFile(folder.toString(), "cut.npy", "n,y,x,c");
    Path file = Path.of(input);
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {0, 5, 11, 60, 128, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, length));
      refuses("Cannot read " + input, "--axes", "n,y,x,c");
      assertThat(Path.of(output)).doesNotExist();
    }
  }

  @Test
  void hostileNpyIsRefused() throws Exception {
    Path file = folder.resolve("evil.npy");
    input = file.toString();
    Files.write(
        file, NpyHeader.encode(ElementType.FLOAT32, new long[] {1L << 40, 1L << 40, 1 << 20, 8}));
    refuses("overflows 64 bits", "--axes", "n,y,x,c");
    Files.write(file, NpyHeader.encode(ElementType.FLOAT32, new long[] {1000, 1000, 1000, 8}));
    refuses("it is truncated", "--axes", "n,y,x,c");
    input = SharedData.string("formats/npy/numpy_upstream/py3-objarr.npy");
    refuses("it holds pickled objects ('|O'), which are never loaded", "--axes", "n,y,x,c");
  }

  @Test
  void truncatedAndHostileWeightsAreRefused() throws Exception {
    PointwiseLayer layer = PointwiseLayer.of(new float[24], new float[3], Activation.RELU);
    for (String ending : List.of("safetensors", "onnx", "npy")) {
      Path file = folder.resolve("cut." + ending);
      weights = file.toString();
      WeightsWriter.write(ByteStores.LOCAL, weights, layer, Map.of());
      byte[] whole = Files.readAllBytes(file);
      for (int length : new int[] {0, 4, 20, whole.length / 2, whole.length - 3}) {
        Files.write(file, Arrays.copyOf(whole, length));
        refuses("Cannot read");
      }
    }
    Path file = folder.resolve("evil.safetensors");
    weights = file.toString();
    ByteBuffer header = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
    Files.write(file, header.putLong(0, Long.MAX_VALUE).array());
    refuses("its header states 9223372036854775807 bytes, the file has 200");
    byte[] json =
        "{\"weight\":{\"dtype\":\"F32\",\"shape\":[3,8],\"data_offsets\":[0,96000000]}}"
            .getBytes(StandardCharsets.UTF_8);
    Files.write(file, header.putLong(0, json.length).put(8, json).array());
    refuses("but the file holds");
  }
}
