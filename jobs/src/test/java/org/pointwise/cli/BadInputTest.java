package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Extent;
import org.pointwise.testing.SharedData;
import org.pointwise.weights.WeightsWriter;

/** Bad files end with one line, the right exit code, and no output that looks complete. */
class BadInputTest extends BadInputFixture {
  private Path shard(int n) {
    return Path.of(input, "c", String.valueOf(n), "0", "0", "0");
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

  @Test
  void missingFilesAreRefused() {
    String existing = input;
    input = folder + "/nowhere.zarr/data";
    refuses("there is no such array; check the path");
    input = Path.of(existing).getParent() + "/dta";
    refuses("there is no such array; check the path; did you mean data?");
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
    input += "#feature";
    refuses("it holds no array 'feature' but features, labels; did you mean features?");
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
  void pathsOutsideStoreAreRefused() {
    refuses("use letters, digits, - and _", "--head", "../../etc=" + weights);
  }

  @Test
  void outputInsideInputOrForeignOutputIsRefused() throws Exception {
    output = input + "/inner";
    refuses("it lies in the input");
    output = Files.createDirectory(folder.resolve("precious")).toString();
    Files.writeString(Path.of(output, "thesis.txt"), "mine");
    refuses("it exists and Pointwise did not write it; choose another output, or remove it");
    refuses("it exists and Pointwise did not write it", "--overwrite");
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
  void unreadableInputIsRefused() throws Exception {
    Path json = Path.of(input, "zarr.json");
    Assumptions.assumeFalse(
        "root".equals(System.getProperty("user.name")), "Skipped: root reads everything");
    json.toFile().setReadable(false);
    refuses("permission denied");
  }

  /** Of the input's shards of four chunks each, the last chunk alone can be decoded. */
  @Test
  void estimateOfTolerantRunMeasuresWhatCanBeDecoded() throws Exception {
    for (int n = 0; n < 2; n++) {
      byte[] bytes = Files.readAllBytes(shard(n));
      ByteBuffer index = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      for (int chunk = 0; chunk < 3; chunk++) {
        bytes[(int) index.getLong(bytes.length - 68 + 16 * chunk) + 9] ^= 1;
      }
      Files.write(shard(n), bytes);
    }
    Cli strict = reduce("--dry-run", "--json");
    assertThat(strict.code()).as(strict.err()).isZero();
    assertThat(strict.out()).contains("Cannot decode chunk").doesNotContain("\"seconds\"");
    Cli tolerant = reduce("--dry-run", "--json", "--on-bad-input", "nodata");
    assertThat(tolerant.code()).as(tolerant.err()).isZero();
    assertThat(tolerant.out()).contains("\"seconds\"").doesNotContain("Cannot decode chunk");
  }
}
