package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
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
 * Alters metadata so that readers find other pixels in intact objects. verify names the metadata,
 * and the next reduce or append uses the recorded metadata and writes it again.
 */
class MetadataTest {
  private static final Extent CHUNK = new Extent(1, 8, 8);

  @TempDir Path folder;

  private final FeatureShape all = new FeatureShape(5, 16, 16, 8);
  private final Arrays4 array = Arrays4.random(Seed.random("metadata"), all);
  private Path output;

  @BeforeEach
  void makeWeights() throws Exception {
    output = folder.resolve("out.zarr");
    float[] values = new float[8 * 4];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 7 - 3;
    }
    WeightsWriter.write(
        ByteStores.LOCAL,
        folder + "/w.safetensors",
        PointwiseLayer.of(values, new float[4], Activation.NONE),
        Map.of());
  }

  private String input(long images) throws Exception {
    FeatureShape shape = new FeatureShape(images, all.y(), all.x(), all.c());
    float[] values = Arrays.copyOf(array.values(), Math.toIntExact(shape.pixels() * shape.c()));
    Folders.Snapshot before = new Folders.Snapshot(folder.resolve("in.zarr"));
    String input = new Arrays4(shape, values).zarr(folder + "/in.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    before.restoreTimes();
    return input;
  }

  private Cli reduce(String input, Path to, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of("reduce", input, to.toString(), "--weights", folder + "/w.safetensors"));
    args.addAll(List.of("--runner", "local", "--quiet", "--shard-size", "0.0039MiB"));
    args.addAll(Arrays.asList(more));
    return Cli.run(args.toArray(String[]::new));
  }

  private static void require(Cli done, int code, String as) {
    assertThat(done.code()).as(as + ": " + done.out() + done.err()).isEqualTo(code);
  }

  private void verify(int code, String as, String... more) {
    List<String> args = new ArrayList<>(List.of("verify", output.toString(), "--quiet"));
    args.addAll(Arrays.asList(more));
    Cli found = Cli.run(args.toArray(String[]::new));
    require(found, code, as);
    assertThat(found.err().lines().filter(line -> line.startsWith("\tat "))).isEmpty();
  }

  private interface Edit {
    void apply(ObjectNode json);
  }

  private interface Damage {
    void apply() throws IOException;
  }

  private Damage edit(String file, Edit edit) {
    return () -> {
      Path path = output.resolve(file);
      ObjectNode json = JsonText.parse(Files.readAllBytes(path), file);
      edit.apply(json);
      Files.write(path, JsonText.bytes(json));
    };
  }

  private Damage cut(String file) {
    return () -> {
      byte[] bytes = Files.readAllBytes(output.resolve(file));
      Files.write(output.resolve(file), Arrays.copyOf(bytes, bytes.length / 2));
    };
  }

  private Damage gone(String file) {
    return () -> Files.delete(output.resolve(file));
  }

  private static ObjectNode at(JsonNode json, String pointer) {
    return (ObjectNode) json.at(pointer);
  }

  private Map<String, Damage> damages(String format) {
    Map<String, Damage> all = new LinkedHashMap<>();
    if (format.equals("zarr3")) {
      String own = "features/zarr.json";
      String copy = "/consolidated_metadata/metadata/features";
      all.put("longer", edit(own, json -> json.putArray("shape").add(4).add(16).add(16).add(4)));
      all.put("shorter", edit(own, json -> json.putArray("shape").add(2).add(16).add(16).add(4)));
      all.put(
          "other keys",
          edit(own, json -> at(json, "/chunk_key_encoding/configuration").put("separator", ".")));
      all.put(
          "keys of v2",
          edit(
              own,
              json -> {
                at(json, "/chunk_key_encoding").put("name", "v2");
              }));
      all.put("a scale", edit(own, json -> at(json, "/attributes").put("scale_factor", 2)));
      all.put(
          "a scale in the copy",
          edit("zarr.json", json -> at(json, copy + "/attributes").put("scale_factor", 2)));
      all.put("integers", edit(own, json -> json.put("data_type", "int64")));
      all.put("a type that is none", edit(own, json -> json.put("data_type", "float31")));
      all.put("a format that is text", edit(own, json -> json.put("zarr_format", "3")));
      all.put(
          "a copy that lacks it",
          edit(
              "zarr.json", json -> at(json, "/consolidated_metadata/metadata").remove("features")));
      all.put(
          "a copy that is a number",
          edit(
              "zarr.json", json -> at(json, "/consolidated_metadata/metadata").put("features", 5)));
      all.put(
          "a copy of another kind",
          edit("zarr.json", json -> at(json, "/consolidated_metadata").put("kind", "elsewhere")));
      all.put(
          "a copy without shards",
          edit(
              "zarr.json",
              json -> {
                ObjectNode array = at(json, copy);
                array.set("codecs", array.at("/codecs/0/configuration/codecs").deepCopy());
              }));
      all.put("a group that is cut", cut("zarr.json"));
      all.put("a group that is gone", gone("zarr.json"));
      all.put("a group without attributes", edit("zarr.json", json -> json.remove("attributes")));
      all.put("an array that is cut", cut(own));
      all.put("an array that is gone", gone(own));
    } else {
      String own = "features/.zarray";
      all.put("longer", edit(own, json -> json.putArray("shape").add(4).add(16).add(16).add(4)));
      all.put("a type without order", edit(own, json -> json.put("dtype", "|f4")));
      all.put("integers", edit(own, json -> json.put("dtype", "<i8")));
      all.put("no order", edit(own, json -> json.remove("order")));
      all.put("filters that are text", edit(own, json -> json.put("filters", "x")));
      all.put("other keys", edit(own, json -> json.put("dimension_separator", "/")));
      all.put("a scale", edit("features/.zattrs", json -> json.put("add_offset", 2)));
      all.put(
          "a copy that lacks it",
          edit(".zmetadata", json -> at(json, "/metadata").remove("features/.zarray")));
      all.put(
          "a copy without names",
          edit(".zmetadata", json -> at(json, "/metadata").remove("features/.zattrs")));
      all.put("a copy that is cut", cut(".zmetadata"));
      all.put("a group that is cut", cut(".zgroup"));
      all.put("a group that is gone", gone(".zgroup"));
      all.put("attributes that are cut", cut(".zattrs"));
      all.put("attributes that are gone", gone(".zattrs"));
      all.put("an array that is cut", cut(own));
      all.put("an array that is gone", gone(own));
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(strings = {"zarr3", "zarr2"})
  void damageIsDetectedAndRepairedBySameCommand(String format) throws Exception {
    String input = input(3);
    require(reduce(input, output, "--format", format), 0, "reduce");
    Map<String, String> right = Folders.hashes(output, "");
    for (Map.Entry<String, Damage> damage : damages(format).entrySet()) {
      damage.getValue().apply();
      verify(4, damage.getKey(), "--deep");
      verify(4, damage.getKey(), "--input", input, "--weights", folder + "/w.safetensors");
      verify(4, damage.getKey(), "--deep", "--delete-corrupt");
      require(reduce(input, output, "--format", format), 0, damage.getKey());
      assertThat(Folders.hashes(output, "")).as(damage.getKey()).isEqualTo(right);
      verify(0, damage.getKey(), "--deep");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"zarr3", "zarr2"})
  void damageIsRepairedByAppendWithoutChecks(String format) throws Exception {
    Path fresh = folder.resolve("fresh.zarr");
    require(reduce(input(5), fresh, "--format", format), 0, "fresh");
    Map<String, String> right = Folders.hashes(fresh, "features/");
    for (Map.Entry<String, Damage> damage : damages(format).entrySet()) {
      require(reduce(input(3), output, "--format", format, "--overwrite=now"), 0, "reduce");
      damage.getValue().apply();
      String[] append = {"--format", format, "--append", "--check-past", "0"};
      require(reduce(input(5), output, append), 0, damage.getKey());
      assertThat(Folders.hashes(output, "features/")).as(damage.getKey()).isEqualTo(right);
      verify(0, damage.getKey(), "--deep");
    }
  }

  /** With altered keys or sizes, all objects of an unfinished run would appear to be left over. */
  @ParameterizedTest
  @ValueSource(strings = {"zarr3", "zarr2"})
  void damageDoesNotDeleteObjects(String format) throws Exception {
    String input = input(3);
    require(reduce(input, output, "--format", format), 0, "reduce");
    Files.delete(Path.of(output + ".pointwise/_SUCCESS"));
    Map<String, String> objects = Folders.hashes(output, "features/");
    for (Map.Entry<String, Damage> damage : damages(format).entrySet()) {
      damage.getValue().apply();
      verify(4, damage.getKey(), "--deep", "--delete-corrupt");
      Map<String, String> left = Folders.hashes(output, "features/");
      objects.forEach(
          (key, hash) -> {
            if (!key.contains(".z") && !key.endsWith("zarr.json")) {
              assertThat(left).as(damage.getKey()).containsEntry(key, hash);
            }
          });
      require(reduce(input, output, "--format", format), 0, damage.getKey());
      Files.delete(Path.of(output + ".pointwise/_SUCCESS"));
    }
  }

  @Test
  void damagedRecordIsRewritten() throws Exception {
    String input = input(3);
    require(reduce(input, output), 0, "reduce");
    Path record = Path.of(output + ".pointwise/metadata.json");
    String right = Files.readString(record);
    for (String wrong :
        List.of(
            "",
            "{}",
            "[]",
            right.substring(0, right.length() / 2),
            right.replace("\"fingerprint\"", "\"fingerprinx\""),
            right.replace("features/zarr.json", "features\\ud800/zarr.json"),
            right.replace("features/zarr.json", "../zarr.json"),
            "{\"a\":".repeat(1000))) {
      Files.writeString(record, wrong);
      verify(4, wrong, "--deep");
      require(reduce(input, output), 0, wrong);
      assertThat(record).hasContent(right);
      verify(0, wrong, "--deep");
    }
    Files.delete(record);
    Cli unknown = Cli.run("verify", output.toString(), "--deep", "--quiet");
    assertThat(unknown.code()).isEqualTo(4);
    assertThat(unknown.out()).contains("nothing records its metadata");
    require(reduce(input, output), 0, "reduce");
    verify(0, "recorded", "--deep");
  }

  /** Dimension names are printed as text, whatever characters they contain. */
  @Test
  void problemIsPrintedInOneLine() throws Exception {
    require(reduce(input(3), output), 0, "reduce");
    edit(
            "features/zarr.json",
            json -> json.putArray("dimension_names").add("n\nWhole").add("y").add("x").add("c"))
        .apply();
    Cli found = Cli.run("verify", output.toString(), "--quiet");
    assertThat(found.out().lines()).noneMatch(line -> line.startsWith("Whole"));
  }

  @Test
  void coordinateValuesAreVerified() throws Exception {
    String input = input(3);
    Path coordinate = folder.resolve("in.zarr/y");
    Files.createDirectories(coordinate.resolve("c"));
    Files.writeString(
        coordinate.resolve("zarr.json"),
        "{\"zarr_format\":3,\"node_type\":\"array\",\"shape\":[16],\"data_type\":\"float64\","
            + "\"chunk_grid\":{\"name\":\"regular\",\"configuration\":{\"chunk_shape\":[16]}},"
            + "\"chunk_key_encoding\":{\"name\":\"default\",\"configuration\":{\"separator\":\"/\"}},"
            + "\"fill_value\":0,\"codecs\":[{\"name\":\"bytes\",\"configuration\":"
            + "{\"endian\":\"little\"}}],\"dimension_names\":[\"y\"],\"attributes\":{}}");
    Files.write(
        coordinate.resolve("c/0"), "0123456789abcdef".repeat(8).getBytes(StandardCharsets.UTF_8));
    require(reduce(input, output), 0, "reduce");
    verify(0, "whole");
    Path values = output.resolve("y/c/0");
    byte[] right = Files.readAllBytes(values);
    byte[] wrong = right.clone();
    wrong[5] ^= 1;
    for (Damage damage :
        List.<Damage>of(
            () -> Files.write(values, wrong),
            () -> Files.delete(values),
            edit("y/zarr.json", json -> at(json, "/attributes").put("units", "days since 1970")))) {
      damage.apply();
      verify(4, "coordinate");
      require(reduce(input, output), 0, "mended");
      assertThat(values).hasBinaryContent(right);
      verify(0, "mended");
    }
  }
}
