package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.store.npy.NpyHeader;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Seed;
import org.pointwise.testing.SharedData;
import org.pointwise.weights.WeightsWriter;

/** Bad input ends with one line, the right exit code, and no output that looks complete. */
class BadInputTest {
  @TempDir Path folder;

  private Arrays4 array;
  private String input;
  private String weights;
  private String output;

  @BeforeEach
  void write() throws Exception {
    Random random = Seed.random("bad");
    array = Arrays4.random(random, new FeatureShape(2, 16, 16, 8));
    Extent chunk = new Extent(1, 8, 8);
    input = array.zarr(folder + "/in.zarr", 3, "n,y,x,c", chunk, new Extent(1, 16, 16));
    weights = folder + "/w.npy";
    output = folder + "/out.zarr";
    float[] values = new float[8 * 3];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    WeightsWriter.write(
        ByteStores.LOCAL,
        weights,
        PointwiseLayer.of(values, new float[3], Activation.NONE),
        Map.of());
  }

  private Cli reduce(String... more) {
    return reduceTo(output, more);
  }

  private Cli reduceTo(String target, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of("reduce", input, target, "--weights", weights, "--runner", "local", "--quiet"));
    args.addAll(Arrays.asList(more));
    return Cli.run(args.toArray(String[]::new));
  }

  private void refuses(String message, String... more) {
    Cli done = reduce(more);
    assertThat(done.errorLine()).contains(message);
    assertThat(done.code()).isEqualTo(3);
    assertThat(Path.of(output + ".pointwise", "_SUCCESS")).doesNotExist();
    Path metadata = Path.of(output, "zarr.json");
    if (Files.exists(metadata)) {
      assertThat(metadata).content().contains("\"incomplete\"");
      assertThat(Cli.run("verify", output).code()).isEqualTo(4);
    }
  }

  private Path shard(int n) {
    return Path.of(input, "c", String.valueOf(n), "0", "0", "0");
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  private static void change(Path file, int at) throws Exception {
    byte[] bytes = Files.readAllBytes(file);
    bytes[Math.floorMod(at, bytes.length)] ^= 0x40;
    Files.write(file, bytes);
  }

  private static void truncate(Path file, int by) throws Exception {
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - by));
  }

  private static byte[] zeros(long... shape) {
    byte[] header = NpyHeader.encode(ElementType.UINT8, shape);
    return Arrays.copyOf(
        header, header.length + (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b));
  }

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
  void missingFilesAreRefused() {
    String existing = input;
    input = folder + "/nowhere.zarr/data";
    refuses("there is no such array; check the path");
    input = folder + "/nowhere.npy";
    refuses("there is no such file; check the path", "--axes", "y,x,c");
    input = existing;
    for (String ending : List.of("npy", "safetensors", "onnx")) {
      weights = folder + "/nowhere." + ending;
      refuses("there is no such file; check the path");
    }
    weights = folder + "/w.pt";
    refuses("its name ends in none of .safetensors, .npy and .onnx");
  }

  @Test
  void groupsAndOtherFilesAreRefused() throws Exception {
    Path text = Files.writeString(folder.resolve("notes.txt"), "hello");
    input = text.toString();
    refuses(
        "it is a file of no format that is read; give a Zarr array (store.zarr/array), or an .npy file or a folder of them");
    input = SharedData.string("features/portrait.zarr");
    refuses(
        "is a group of concat512, projection256, relu256, relu256_f16, score2; name one, for example");
    input = SharedData.string("formats/npy/numpy_2.4.6_generated/stored.npz");
    refuses("it holds features, labels; name one, for example " + input + "#features");
  }

  @Test
  void wrongChannelsAreRefused() throws Exception {
    WeightsWriter.write(
        ByteStores.LOCAL,
        weights,
        PointwiseLayer.of(new float[30], new float[3], Activation.NONE),
        Map.of());
    refuses("reads 10 channels but the input has 8; choose the layer that fits, or check --axes");
  }

  @Test
  void ambiguousAxesAndKernelsAreRefused() throws Exception {
    input = array.npyFile(folder.toString(), "bare.npy", "n,y,x,c");
    refuses("its shape is [2, 16, 16, 8] and .npy names no dimensions; name them, for example");
    refuses("it has 4 dimensions [2, 16, 16, 8] but the axes y,x,c name 3", "--axes", "y,x,c");
    WeightsWriter.write(
        ByteStores.LOCAL,
        weights,
        PointwiseLayer.of(new float[64], new float[8], Activation.NONE),
        Map.of());
    refuses("8×8 can be read as F′×F and as F×F′", "--axes", "n,y,x,c");
    Path json =
        Path.of(
            array.zarr(
                folder + "/odd.zarr", 3, "n,y,x,c", new Extent(1, 8, 8), new Extent(1, 8, 8)),
            "zarr.json");
    Files.writeString(json, Files.readString(json).replace("\"y\"", "\"depth\""));
    input = folder + "/odd.zarr/data";
    refuses("'depth' is none of the known names");
    refuses("name them, for example --axes n,depth=y,x,c");
  }

  @Test
  void ambiguousLayerOfModelIsRefused() {
    weights = SharedData.string("models/onnx/deeplab_dm05_513_folded.onnx");
    refuses("it has 37 1×1 convolutions; name one as");
    weights += "#Conv__999";
    refuses("no node or output has that name");
    weights = weights.replace("#Conv__999", "#MobilenetV2/Conv/Conv2D");
    refuses("its kernel is [16, 3, 3, 3]");
  }

  @Test
  void truncatedAndAlteredShardsAreRefused() throws Exception {
    truncate(shard(1), 7);
    refuses("the shard is truncated or damaged, restore it or write it again");
    Files.write(shard(1), new byte[20]);
    refuses("it has 20 bytes but its index alone needs 68");
    change(shard(0), 30);
    refuses("its CRC-32C is");
  }

  @Test
  void hostileShardIndexIsRefused() throws Exception {
    byte[] bytes = Files.readAllBytes(shard(0));
    ByteBuffer index = ByteBuffer.wrap(bytes, bytes.length - 68, 68).order(ByteOrder.LITTLE_ENDIAN);
    index.putLong(Long.MAX_VALUE - 5).putLong(1L << 40);
    java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
    crc.update(bytes, bytes.length - 68, 64);
    index.putInt(bytes.length - 4, (int) crc.getValue());
    Files.write(shard(0), bytes);
    refuses("its index places chunk 0 at 9223372036854775802, 1099511627776 bytes long");
  }

  @Test
  void damagedChunksOfEveryCodecAreRefused() throws Exception {
    for (String codec : List.of("zstd", "blosc", "gzip", "none")) {
      String made = folder + "/made-" + codec + ".zarr";
      Cli first = reduceTo(made, "--format", "zarr2", "--compressor", codec);
      assertThat(first.code()).as(first.err()).isZero();
      Path chunk = Path.of(made, "features", "0.0.0.0");
      truncate(chunk, 9);
      Cli read =
          Cli.run(
              "reduce",
              made + "/features",
              folder + "/again-" + codec,
              "--weights",
              identity(),
              "--runner",
              "local",
              "--quiet");
      assertThat(read.code()).as(codec).isEqualTo(3);
      assertThat(read.errorLine()).contains("Cannot decode chunk");
      assertThat(Cli.run("verify", made).code()).isEqualTo(4);
    }
  }

  @Test
  void oneAlteredByteOfAnyOutputIsDetected() throws Exception {
    for (String format : List.of("zarr3", "zarr2", "npy")) {
      for (String codec : List.of("zstd", "none")) {
        String made = folder + "/" + format + codec;
        Cli first = reduceTo(made, "--format", format, "--compressor", codec);
        assertThat(first.code()).as(first.err()).isZero();
        assertThat(Cli.run("verify", made, "--deep", "--quiet").code()).isZero();
        Path object =
            Path.of(
                made,
                switch (format) {
                  case "zarr3" -> "features/c/0/0/0/0";
                  case "zarr2" -> "features/0.0.0.0";
                  default -> "000000.npy";
                });
        long length = Files.size(object);
        for (int i = 0; i < 12; i++) {
          int at = (int) (length * i / 12);
          change(object, at);
          Cli verified = Cli.run("verify", made, "--deep", "--quiet");
          assertThat(verified.code()).as("%s %s byte %d", format, codec, at).isEqualTo(4);
          assertThat(verified.out()).contains("1 corrupt");
          change(object, at);
        }
        assertThat(Cli.run("verify", made, "--deep", "--quiet").code()).isZero();
      }
    }
  }

  private String identity() throws Exception {
    String file = folder + "/identity.safetensors";
    WeightsWriter.write(
        ByteStores.LOCAL,
        file,
        PointwiseLayer.of(new float[] {1, 0, 0}, new float[1], Activation.NONE),
        Map.of());
    return file;
  }

  @Test
  void decompressionBombsAreRefused() throws Exception {
    byte[] bomb = new byte[200 << 20];
    String v2 =
        array.zarr(folder + "/v2.zarr", 2, "n,y,x,c", new Extent(1, 8, 8), new Extent(1, 8, 8));
    Files.write(Path.of(v2, "0.0.0.0"), com.github.luben.zstd.Zstd.compress(bomb, 3));
    input = v2;
    refuses("Cannot decode chunk [0, 0, 0, 0]");
  }

  @Test
  void hostileMetadataIsRefused() throws Exception {
    Path json = Path.of(input, "zarr.json");
    String good = Files.readString(json);
    Map<String, String> changes =
        Map.of(
            "\"shape\" : [ 2, 16, 16, 8 ]",
            "\"shape\" : [ 4611686018427387904, 16, 16, 8 ]",
            "\"chunk_shape\" : [ 1, 16, 16, 8 ]",
            "\"chunk_shape\" : [ 2147483647, 2147483632, 16, 8 ]",
            "\"float32\"",
            "\"complex64\"",
            "\"chunk_shape\" : [ 1, 8, 8, 8 ]",
            "\"chunk_shape\" : [ 1, 7, 8, 8 ]",
            "\"regular\"",
            "\"rectilinear\"",
            "\"zstd\"",
            "\"lzma\"",
            "\"node_type\" : \"array\"",
            "\"node_type\" : \"array\", \"quantum\" : {}");
    for (Map.Entry<String, String> change : changes.entrySet()) {
      assertThat(good).contains(change.getKey());
      Files.writeString(json, good.replace(change.getKey(), change.getValue()));
      refuses("Cannot read " + input);
      assertThat(Path.of(output)).as(change.getValue()).doesNotExist();
    }
    Files.writeString(json, good.substring(0, 100));
    refuses("it is not valid JSON");
    Files.writeString(json, "[".repeat(100_000));
    refuses("it is not valid JSON");
  }

  @Test
  void chunksLargerThanTaskMemoryAreRefused() throws Exception {
    Path json = Path.of(input, "zarr.json");
    String good = Files.readString(json);
    Files.writeString(
        json,
        good.replace("[ 2, 16, 16, 8 ]", "[ 2, 30000, 30000, 8 ]")
            .replace("[ 1, 16, 16, 8 ]", "[ 1, 8000, 8000, 8 ]")
            .replace("[ 1, 8, 8, 8 ]", "[ 1, 8000, 8000, 8 ]"));
    refuses("Cannot run: a task needs");
    assertThat(Path.of(output)).doesNotExist();
  }

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

  @Test
  void nonFiniteWeightsAreRefused() throws Exception {
    byte[] bytes = Files.readAllBytes(Path.of(weights));
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(bytes.length - 4, Float.NaN);
    Files.write(Path.of(weights), bytes);
    refuses("weights[23] is NaN but must be finite; repair the weights file");
  }

  @Test
  void pathsOutsideStoreAreRefused() {
    refuses("use letters, digits, - and _", "--head", "../../etc=" + weights);
  }

  @Test
  void outputInsideInputOrForeignOutputIsRefused() throws Exception {
    output = input + "/inner";
    refuses("it lies in the input");
    output = Files.createDirectory(folder.resolve("precious")).toString();
    Files.writeString(Path.of(output, "thesis.txt"), "mine");
    refuses("it exists and is not ours; choose another output, or remove it");
    refuses("it exists and is not ours", "--overwrite");
    assertThat(Path.of(output, "thesis.txt")).hasContent("mine");
    output = Files.writeString(folder.resolve("file"), "x").toString();
    refuses("it is a file; choose another output");
  }

  @Test
  void outputOfOtherPlanIsReplacedOnlyOnRequest() {
    assertThat(reduce().code()).isZero();
    Cli refused = reduce("--dtype", "float16");
    assertThat(refused.code()).isEqualTo(3);
    assertThat(refused.errorLine()).contains("holds the output of another plan");
    assertThat(Cli.run("verify", output).code()).isZero();
    Cli replaced = reduce("--dtype", "float16", "--overwrite");
    assertThat(replaced.code()).as(replaced.err()).isZero();
    assertThat(Cli.run("verify", output).code()).isZero();
    Cli rewritten = reduce("--dtype", "float16", "--overwrite");
    assertThat(rewritten.out()).contains("1 written, 0 already stored");
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
    refuses("1 finite values of n 0..1", "--axes", "y,x,c", "--format", "npy");
    refuses("the first is -1.0E300 at n=0 y=0 x=2 c=5", "--axes", "y,x,c", "--format", "npy");
    Cli done = reduce("--axes", "y,x,c", "--format", "npy", "--overflow", "saturate");
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.out()).contains("1 values overflowed");
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
    assertThat(filled.out()).contains("0 masked, 64 not finite").contains("1 input chunks missing");
    Cli masked = reduce("--missing-chunks", "nodata", "--overwrite");
    assertThat(masked.out()).contains("64 masked, 0 not finite");
  }

  @Test
  void unreadableInputIsRefused() throws Exception {
    Path json = Path.of(input, "zarr.json");
    Assumptions.assumeFalse(
        "root".equals(System.getProperty("user.name")), "Skipped: root reads everything");
    json.toFile().setReadable(false);
    refuses("permission denied");
  }
}
