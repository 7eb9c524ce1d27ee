package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;

/**
 * Tests the state that verify reports for every kind of damage, and that reduce repairs deleted
 * objects.
 */
class VerifyTest {
  @TempDir Path folder;

  private Path input;
  private Path output;

  @BeforeEach
  void make() throws Exception {
    Arrays4 array = Arrays4.random(Seed.random("verify"), new FeatureShape(3, 32, 32, 8));
    Extent chunk = new Extent(1, 8, 8);
    input = Path.of(array.zarr(folder + "/in.zarr", 3, "n,y,x,c", chunk, new Extent(1, 16, 16)));
    weights("w", 1);
    weights("other", 2);
    output = folder.resolve("out.zarr");
  }

  private void weights(String name, int scale) throws Exception {
    float[] values = new float[8 * 4];
    for (int i = 0; i < values.length; i++) {
      values[i] = scale * (i % 7 - 3);
    }
    WeightsWriter.write(
        ByteStores.LOCAL,
        folder + "/" + name + ".safetensors",
        PointwiseLayer.of(values, new float[4], Activation.NONE),
        Map.of());
  }

  private String weightsFile(String name) {
    return folder + "/" + name + ".safetensors";
  }

  private Cli reduce(Path to, String weights, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "reduce",
                input.toString(),
                to.toString(),
                "--weights",
                folder + "/" + weights + ".safetensors",
                "--runner",
                "local",
                "--quiet"));
    if (!Arrays.asList(more).contains("--shard-size")) {
      args.addAll(List.of("--shard-size", "0.004MiB"));
    }
    args.addAll(Arrays.asList(more));
    return Cli.run(args.toArray(String[]::new));
  }

  private JsonNode verify(int code, String... more) {
    List<String> args = new ArrayList<>(List.of("verify", output.toString(), "--json", "--quiet"));
    args.addAll(Arrays.asList(more));
    Cli found = Cli.run(args.toArray(String[]::new));
    assertThat(found.code()).as(found.out() + found.err()).isEqualTo(code);
    return JsonText.parse(found.out().getBytes(StandardCharsets.UTF_8), "verify");
  }

  private static int count(JsonNode found, String state) {
    return found.path(state).asInt(-1);
  }

  /** Returns the reported detail of an object. */
  private static String problemOf(JsonNode found, String key) {
    for (JsonNode problem : found.path("problems")) {
      if (problem.path("key").asText().endsWith(key)) {
        return problem.path("state").asText() + ": " + problem.path("detail").asText();
      }
    }
    return "nothing";
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "spark"})
  void reportsEveryState(String runner) throws Exception {
    for (String gone : new String[] {"0/0/0/0", "1/1/1/0"}) {
      Files.delete(input.resolve("c/" + gone)); // these chunks then read as their fill value NaN
    }
    assertThat(reduce(output, "w", "--nodata", "nan").code()).isZero();
    assertThat(reduce(folder.resolve("other.zarr"), "other", "--nodata", "nan").code()).isZero();
    Map<String, String> whole = Folders.hashes(output, "features/c/");
    JsonNode good = verify(0, "--runner", runner, "--deep");
    assertThat(count(good, "whole")).isEqualTo(10);
    assertThat(count(good, "empty")).isEqualTo(2);
    Path shards = output.resolve("features/c");
    Files.delete(shards.resolve("0/0/1/0"));
    byte[] truncated = Files.readAllBytes(shards.resolve("0/1/0/0"));
    Files.write(shards.resolve("0/1/0/0"), Arrays.copyOf(truncated, truncated.length * 2 / 3));
    byte[] corrupt = Files.readAllBytes(shards.resolve("0/1/1/0"));
    corrupt[corrupt.length / 3] ^= 4;
    Files.write(shards.resolve("0/1/1/0"), corrupt);
    long length = Files.size(shards.resolve("1/0/0/0"));
    Files.copy(
        folder.resolve("other.zarr/features/c/1/0/0/0"),
        shards.resolve("1/0/0/0"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    Files.createDirectories(shards.resolve("7/0/0"));
    Files.copy(shards.resolve("2/0/0/0"), shards.resolve("7/0/0/0"));
    Files.writeString(shards.resolve("2/0/.pointwise-1.tmp"), "half");

    JsonNode indexes = verify(4, "--runner", runner);
    int shown = Files.size(shards.resolve("1/0/0/0")) == length ? 0 : 1;
    assertThat(count(indexes, "whole")).isEqualTo(8 - shown);
    assertThat(count(indexes, "foreign")).isEqualTo(shown);
    assertThat(count(indexes, "torn")).isEqualTo(1);
    assertThat(count(indexes, "corrupt")).as("the index alone does not show it").isZero();
    JsonNode deep = verify(4, "--runner", runner, "--deep");
    assertThat(count(deep, "whole")).isEqualTo(6);
    assertThat(count(deep, "empty")).isEqualTo(2);
    assertThat(count(deep, "neverWritten")).isEqualTo(1);
    assertThat(count(deep, "torn")).isEqualTo(1);
    assertThat(count(deep, "corrupt")).isEqualTo(1);
    assertThat(count(deep, "foreign")).isEqualTo(1);
    assertThat(count(deep, "leftOver")).isEqualTo(2);
    assertThat(deep.path("problems")).hasSize(6);
    assertThat(problemOf(deep, "c/0/0/1/0")).startsWith("never written");
    assertThat(problemOf(deep, "c/0/1/0/0")).startsWith("torn");
    assertThat(problemOf(deep, "c/0/1/1/0")).startsWith("corrupt").contains("CRC-32C");
    assertThat(problemOf(deep, "c/1/0/0/0")).startsWith("foreign").contains("stored");
    assertThat(problemOf(deep, "c/7")).startsWith("left over");
    assertThat(problemOf(deep, ".pointwise-1.tmp")).startsWith("left over");
    assertThat(Files.exists(Path.of(output + ".pointwise/_SUCCESS"))).as("only looked at").isTrue();

    JsonNode deleted = verify(4, "--runner", runner, "--deep", "--delete-corrupt");
    assertThat(count(deleted, "deleted")).isEqualTo(5);
    assertThat(Path.of(output + ".pointwise/_SUCCESS")).doesNotExist();
    JsonNode afterDeletion = verify(4, "--deep");
    assertThat(count(afterDeletion, "neverWritten")).isEqualTo(4);
    assertThat(count(afterDeletion, "otherProblems")).as("marked incomplete").isEqualTo(1);
    Cli again = reduce(output, "w", "--nodata", "nan");
    assertThat(again.out()).contains("4 written").contains("2 empty");
    verify(0, "--deep");
    assertThat(Folders.hashes(output, "features/c/")).isEqualTo(whole);
  }

  @ParameterizedTest
  @ValueSource(strings = {"zarr2", "npy", "envi"})
  void reportsStatesWithoutIndexesByReceipts(String format) throws Exception {
    assertThat(reduce(output, "w", "--format", format).code()).isZero();
    Map<String, String> whole = Folders.hashes(output, "");
    verify(0, "--deep");
    List<String> objects =
        whole.keySet().stream()
            .filter(name -> !name.contains("/.z") && !name.startsWith(".z"))
            .sorted()
            .toList();
    Files.delete(output.resolve(objects.get(0)));
    Path torn = output.resolve(objects.get(1));
    byte[] bytes = Files.readAllBytes(torn);
    Files.write(torn, Arrays.copyOf(bytes, bytes.length - 1));
    JsonNode indexes = verify(4);
    assertThat(count(indexes, "neverWritten")).isEqualTo(1);
    assertThat(count(indexes, "torn")).isEqualTo(1);
    Path corrupt = output.resolve(objects.get(2));
    byte[] flipped = Files.readAllBytes(corrupt);
    flipped[flipped.length - 3] ^= 1;
    Files.write(corrupt, flipped);
    assertThat(count(verify(4), "corrupt")).isZero();
    assertThat(count(verify(4, "--deep"), "corrupt")).isEqualTo(1);
    Map<String, String> extra = Map.of("npy", "extra.npy", "envi", "extra.img");
    Files.writeString(torn.resolveSibling(extra.getOrDefault(format, "9.9.9.9")), "?");
    if (extra.containsKey(format)) {
      Files.writeString(torn.resolveSibling("NOTES.md"), "?"); // no part of any output
    }
    assertThat(count(verify(4, "--deep"), "leftOver")).isEqualTo(1);
    boolean files = extra.containsKey(format); // a file that no run recorded is kept
    JsonNode deleted = verify(4, "--deep", "--delete-corrupt");
    assertThat(count(deleted, "deleted")).isEqualTo(files ? 2 : 3);
    if (files) {
      String name = extra.get(format);
      assertThat(problemOf(deleted, name)).contains("move it out of the output");
      Path deeper = Files.createDirectories(torn.resolveSibling("more/year=1"));
      Files.move(torn.resolveSibling(name), deeper.resolve(name));
      assertThat(count(verify(4), "leftOver")).isEqualTo(1);
      Folders.delete(torn.resolveSibling("more"));
    }
    assertThat(reduce(output, "w", "--format", format).code()).isZero();
    verify(0, "--deep");
    Files.deleteIfExists(torn.resolveSibling("NOTES.md"));
    assertThat(Folders.hashes(output, "")).isEqualTo(whole);
  }

  @Test
  void metadataThatChangesDecodingIsDamage() throws Exception {
    assertThat(reduce(output, "w").code()).isZero();
    Path metadata = output.resolve("features/zarr.json");
    String text = Files.readString(metadata);
    Files.writeString(metadata, text.replace("\"float32\"", "\"int32\"").replace("\"NaN\"", "0"));
    JsonNode found = verify(4, "--deep");
    assertThat(found.path("problems").get(0).path("detail").asText())
        .contains("the metadata of features")
        .contains("type int32, not float32");
  }

  @ParameterizedTest
  @ValueSource(strings = {"zarr2", "zarr3"})
  void metadataThatChangesFoundPixelsIsDamage(String format) throws Exception {
    assertThat(reduce(output, "w", "--format", format).code()).isZero();
    Path metadata =
        output.resolve(format.equals("zarr3") ? "features/zarr.json" : "features/.zarray");
    String right = Files.readString(metadata);
    List<String[]> edits =
        new ArrayList<>(
            List.of(new String[] {"\"NaN\"", "0.0"}, new String[] {"[ 3, 32", "[ 2, 32"}));
    if (format.equals("zarr3")) {
      edits.add(new String[] {"\"y\"", "\"x\""});
      edits.add(new String[] {"\"node_type\" : \"array\"", "\"node_type\" : \"qrray\""});
      edits.add(new String[] {"\"end\"", "\"start\""});
    } else {
      edits.add(new String[] {"\"C\"", "\"F\""});
    }
    for (String[] edit : edits) {
      String wrong = right.replace(edit[0], edit[1]);
      assertThat(wrong).as(edit[0]).isNotEqualTo(right);
      Files.writeString(metadata, wrong);
      for (String[] more :
          List.of(
              new String[] {"--deep"},
              new String[] {"--input", input.toString(), "--weights", weightsFile("w")})) {
        assertThat(verify(4, more).path("problems").get(0).path("detail").asText())
            .contains("the metadata of features");
      }
      assertThat(reduce(output, "w", "--format", format).code()).isZero();
      assertThat(Files.readString(metadata)).isEqualTo(right);
      verify(0, "--deep");
    }
    Path copies = output.resolve(format.equals("zarr3") ? "zarr.json" : ".zmetadata");
    String copy = Files.readString(copies);
    Files.writeString(copies, copy.replace("\"NaN\"", "0.0"));
    assertThat(verify(4).path("problems").get(0).path("detail").asText()).contains("consolidated");
    Files.writeString(copies, copy);
    verify(0);
    Files.delete(output.resolve(format.equals("zarr3") ? "zarr.json" : ".zgroup"));
    assertThat(verify(4).path("problems").get(0).path("detail").asText())
        .contains("own metadata is gone");
    assertThat(reduce(output, "w", "--format", format).code()).isZero();
    verify(0, "--deep");
  }

  /** Users may change attributes that do not affect decoding. */
  @Test
  void attributesMayBeAdded() throws Exception {
    assertThat(reduce(output, "w").code()).isZero();
    Path metadata = output.resolve("features/zarr.json");
    Files.writeString(
        metadata,
        Files.readString(metadata).replace("\"attributes\" : {", "\"attributes\" : {\"mine\": 1,"));
    verify(0, "--deep");
  }

  @Test
  void objectOfOtherLengthIsNamed() throws Exception {
    assertThat(reduce(output, "w", "--format", "zarr2").code()).isZero();
    Path chunk = output.resolve("features/0.0.0.0");
    Files.write(chunk, new byte[1 << 20], java.nio.file.StandardOpenOption.APPEND);
    JsonNode found = verify(4, "--deep");
    assertThat(count(found, "foreign")).isEqualTo(1);
    assertThat(problemOf(found, "0.0.0.0")).contains("bytes but this plan stored");
  }

  @Test
  void emptySampleIsRefused() throws Exception {
    assertThat(reduce(output, "w").code()).isZero();
    for (String option : List.of("--tiles=-1", "--sample-pixels=0")) {
      Cli none = Cli.run("verify", output.toString(), option);
      assertThat(none.code()).isEqualTo(2);
      assertThat(none.err()).contains("--tiles must be at least 0 and --sample-pixels at least 1");
    }
  }

  @Test
  void receiptsOfOtherPlanAreIgnored() throws Exception {
    assertThat(reduce(output, "w").code()).isZero();
    Path other = folder.resolve("other.zarr");
    assertThat(reduce(other, "other").code()).isZero();
    Folders.replace(Path.of(other + ".pointwise"), Path.of(output + ".pointwise"));
    JsonNode found = verify(4, "--deep");
    assertThat(count(found, "otherProblems")).isEqualTo(1);
    assertThat(found.path("problems").get(0).path("detail").asText()).contains("of another plan");
    assertThat(count(found, "whole")).isZero();
    assertThat(count(found, "unproven")).isEqualTo(12);
  }

  @Test
  void namesHundredProblemsAndCountsAll() throws Exception {
    Arrays4 large = Arrays4.random(Seed.random("many"), new FeatureShape(3, 64, 64, 8));
    Extent chunk = new Extent(1, 8, 8);
    input = Path.of(large.zarr(folder + "/many.zarr", 3, "n,y,x,c", chunk, chunk));
    assertThat(reduce(output, "w", "--shard-size", "0.001MiB").code()).isZero();
    int deleted = 0;
    for (String name : Folders.hashes(output, "features/c/").keySet()) {
      if (deleted < 130) {
        Files.delete(output.resolve(name));
        deleted++;
      }
    }
    assertThat(deleted).isEqualTo(130);
    JsonNode found = verify(4);
    assertThat(count(found, "neverWritten")).isEqualTo(130);
    assertThat(found.path("problems")).hasSize(100);
    Cli text = Cli.run("verify", output.toString(), "--quiet");
    assertThat(text.out()).contains("130 never written");
    assertThat(text.out().lines().filter(line -> line.contains("features/c/"))).hasSize(100);
  }

  @Test
  void objectThatComparisonCannotDecodeIsNotCountedAsWhole() throws Exception {
    assertThat(reduce(output, "w").code()).isZero();
    Path damaged = output.resolve("features/c/1/0/1/0");
    byte[] bytes = Files.readAllBytes(damaged);
    bytes[bytes.length / 3] ^= 4;
    Files.write(damaged, bytes);
    assertThat(count(verify(4, "--deep", "--tiles", "0"), "corrupt")).isEqualTo(1);
    JsonNode found = verify(4, "--tiles", "1000");
    assertThat(count(found, "whole")).isEqualTo(11);
    assertThat(count(found, "corrupt")).isEqualTo(1);
    assertThat(found.path("problems")).hasSize(1);
    assertThat(found.at("/problems/0/key").asText()).isEqualTo("features/c/1/0/1/0");
    assertThat(problemOf(found, "features/c/1/0/1/0")).startsWith("corrupt: Cannot decode chunk");
    JsonNode again = verify(4, "--deep", "--tiles", "1000", "--input", input.toString());
    assertThat(count(again, "whole")).isEqualTo(11);
    assertThat(count(again, "corrupt")).isEqualTo(1);
  }
}
