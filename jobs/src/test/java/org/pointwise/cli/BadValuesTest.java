package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.store.npy.NpyHeader;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;

/** Numbers that cannot be used or stored are refused, or are counted and reported. */
class BadValuesTest extends BadInputFixture {
  @Test
  void invalidScaleOptionsAreRefused() throws Exception {
    Cli two = reduce("--scale", "two");
    assertThat(two.code()).isEqualTo(2);
    assertThat(two.err()).contains("'two' is neither a number nor an .npy file");
    for (String none : List.of("NaN", "1e39", "1e-50")) {
      refuses(", which is no float32 number; give finite numbers", "--offset", none);
    }
    String file = folder + "/scale.npy";
    refuses("there is no such file", "--scale", file);
    Files.write(Path.of(file), zeros(5));
    refuses("--scale has 5 numbers but the array 8 channels", "--scale", file);
    Files.write(Path.of(file), zeros(2, 4));
    refuses("its shape is [2, 4]; give one number for each channel", "--offset", file);
  }

  @Test
  void invalidScaleAttributesAreRefused() throws Exception {
    Path metadata = Path.of(input, "zarr.json");
    String plain = Files.readString(metadata);
    Map<String, String> refused =
        Map.of(
            "\"scale_factor\": [1, 2, 3], \"add_offset\": [1, 2]",
            "its scale has 3 numbers but the array 8 channels",
            "\"scale_factor\": [3, 3, 3]",
            "its scale has 3 numbers but the array 8 channels",
            "\"scale_factor\": []",
            "its scale has 0 numbers",
            "\"scale_factor\": \"0.5\"",
            "its attribute scale_factor is \"0.5\", not a number or a list of numbers",
            "\"add_offset\": [1, \"x\", 2]",
            "its attribute add_offset is \"x\", not a number",
            "\"scale_factor\": 1e300",
            "its scale holds 1.0E300, which is no float32 number");
    for (Map.Entry<String, String> one : refused.entrySet()) {
      ObjectNode json = JsonText.parse(plain.getBytes(StandardCharsets.UTF_8), "zarr.json");
      String attributes = "{" + one.getKey() + "}";
      json.set(
          "attributes", JsonText.parse(attributes.getBytes(StandardCharsets.UTF_8), "attributes"));
      Files.write(metadata, JsonText.bytes(json));
      refuses(one.getValue());
    }
    assertThat(reduce("--scale", "1", "--offset", "0").code()).isZero();
  }

  @Test
  void nonFiniteWeightsAreRefused() throws Exception {
    byte[] bytes = Files.readAllBytes(Path.of(weights));
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(bytes.length - 4, Float.NaN);
    Files.write(Path.of(weights), bytes);
    refuses("weights[23] is NaN but must be finite; repair the weights file");
  }

  @Test
  void nonFiniteFeaturesAreCountedAndReported() throws Exception {
    array.values()[3 * 8 + 2] = Float.NaN;
    array.values()[300 * 8] = Float.NEGATIVE_INFINITY;
    Extent chunk = new Extent(1, 8, 8);
    input = array.zarr(folder + "/nan.zarr", 3, "n,y,x,c", chunk, chunk);
    Cli done = reduce();
    assertThat(done.code()).isZero();
    assertThat(done.out()).contains("2 not finite").contains("Warning");
    Cli verified = Cli.run("verify", output, "--input", input, "--weights", weights);
    assertThat(verified.code()).as(verified.out()).isZero();
  }

  @Test
  void float16OverflowIsRefusedOrSaturated() throws Exception {
    array.values()[77] = 1e9f;
    Extent chunk = new Extent(1, 8, 8);
    input = array.zarr(folder + "/big.zarr", 3, "n,y,x,c", chunk, chunk);
    refuses("finite values are too large for it; use --dtype float32", "--dtype", "float16");
    Cli done = reduce("--dtype", "float16", "--overflow", "saturate", "--overwrite");
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.out()).contains("3 values overflowed");
  }

  @Test
  void float64OverflowIsLocatedAndRefusedOrSaturated() throws Exception {
    Path file = folder.resolve("big.npy");
    double[] values = new double[3 * 8];
    values[2 * 8 + 5] = -1e300;
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asDoubleBuffer().put(values);
    byte[] header = NpyHeader.encode(ElementType.FLOAT64, new long[] {1, 3, 8});
    Files.write(file, joined(header, bytes.array()));
    input = file.toString();
    refuses(
        "1 finite value is beyond float32, in which sums are formed, in n 0..1",
        "--axes",
        "y,x,c",
        "--format",
        "npy");
    refuses("the first is -1.0E300 at n=0 y=0 x=2 c=5", "--axes", "y,x,c", "--format", "npy");
    Cli done = reduce("--axes", "y,x,c", "--format", "npy", "--overflow", "saturate");
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.out()).contains("1 value overflowed");
    assertThat(NpyHeader.read(ByteStores.LOCAL.open(output), "big.npy").type())
        .isEqualTo(ElementType.FLOAT32);
    String[] masked = {"--axes", "y,x,c", "--format", "npy", "--nodata", "-1e300", "--overwrite"};
    assertThat(reduce(masked).out()).contains("1 masked").contains("0 values overflowed");
  }

  @Test
  void nodataOutsideElementTypeIsRefused() throws Exception {
    refuses("Cannot use nodata 1.0E300", "--nodata", "1e300");
    refuses("its type float32 does not have this number", "--nodata", "many");
    Path labels = folder.resolve("u2.npy");
    byte[] header = NpyHeader.encode(ElementType.UINT16, new long[] {1, 1, 8});
    Files.write(labels, joined(header, new byte[16]));
    input = labels.toString();
    refuses("its type uint16 does not have this number", "--axes", "y,x,c", "--nodata", "-9999");
    refuses("its type uint16 does not have this number", "--axes", "y,x,c", "--nodata", "0.5");
    assertThat(reduce("--axes", "y,x,c", "--nodata", "65535").code()).isZero();
  }

  @Test
  void missingChunksAreCountedAndRefusedOnRequest() throws Exception {
    Extent chunk = new Extent(1, 8, 8);
    input = array.zarr(folder + "/gaps.zarr", 3, "n,y,x,c", chunk, chunk);
    Files.delete(Path.of(input, "c/1/0/1/0"));
    refuses("Cannot read chunk [1, 0, 1, 0] of", "--missing-chunks", "fail");
    Cli plan = Cli.run("reduce", input, output, "--weights", weights, "--dry-run", "--overwrite");
    assertThat(plan.out()).contains("1 of 8 input chunks are not stored; they stand for the fill");
    Cli filled = reduce("--overwrite");
    assertThat(filled.out()).contains("0 masked, 64 not finite").contains("1 input chunk missing");
    Cli masked = reduce("--missing-chunks", "nodata", "--overwrite");
    assertThat(masked.out()).contains("64 masked, 0 not finite");
  }
}
