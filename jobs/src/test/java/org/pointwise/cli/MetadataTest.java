package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
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
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.differential.FailingStores;
import org.pointwise.errors.PointwiseException;
import org.pointwise.format.WrittenMetadata;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Reductions;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;
import org.pointwise.work.manifest.MetadataRecord;

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

  private static void require(Cli done, int code, String label) {
    assertThat(done.code()).as(label + ": " + done.out() + done.err()).isEqualTo(code);
  }

  private void verify(int code, String label, String... more) {
    List<String> args = new ArrayList<>(List.of("verify", output.toString(), "--quiet"));
    args.addAll(Arrays.asList(more));
    Cli found = Cli.run(args.toArray(String[]::new));
    require(found, code, label);
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

  private Damage truncate(String file) {
    return () -> {
      byte[] bytes = Files.readAllBytes(output.resolve(file));
      Files.write(output.resolve(file), Arrays.copyOf(bytes, bytes.length / 2));
    };
  }

  private Damage delete(String file) {
    return () -> Files.delete(output.resolve(file));
  }

  private Damage add(String file, String text) {
    return () -> Files.writeString(output.resolve(file), text);
  }

  private static ObjectNode at(JsonNode json, String pointer) {
    return (ObjectNode) json.at(pointer);
  }

  private Map<String, Damage> damages(String format) {
    Map<String, Damage> all = new LinkedHashMap<>();
    damageRecord(format, all);
    if (format.equals("zarr3")) {
      String own = "features/zarr.json";
      String copy = "/consolidated_metadata/metadata/features";
      all.put("a group of v2", add(".zgroup", "{\"zarr_format\":2}"));
      all.put("an array of v2", add("features/.zarray", "{}"));
      all.put("attributes of v2", add("features/.zattrs", "{}"));
      all.put("consolidated metadata of v2", add(".zmetadata", "{}"));
      for (String attribute : List.of("units", "calendar", "dtype")) {
        all.put(attribute, edit(own, json -> at(json, "/attributes").put(attribute, "bool")));
      }
      all.put(
          "times in the copy",
          edit(
              "zarr.json", json -> at(json, copy + "/attributes").put("units", "days since 1970")));
      all.put("attributes that are null", edit(own, json -> json.putNull("attributes")));
      all.put(
          "attributes that are a number in the copy",
          edit("zarr.json", json -> at(json, copy).put("attributes", 0)));
      all.put(
          "keys without configuration",
          edit(own, json -> at(json, "/chunk_key_encoding").putNull("configuration")));
      all.put(
          "keys without separator in the copy",
          edit(
              "zarr.json",
              json -> at(json, copy + "/chunk_key_encoding/configuration").putNull("separator")));
      String inner = "/codecs/0/configuration/codecs/";
      all.put(
          "bytes without order",
          edit(own, json -> at(json, inner + "0/configuration").remove("endian")));
      all.put(
          "a codec without size",
          edit(own, json -> at(json, inner + "1/configuration").removeAll()));
      all.put(
          "an index without bytes",
          edit(
              own,
              json -> ((ArrayNode) json.at("/codecs/0/configuration/index_codecs")).remove(0)));
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
      all.put("a group that is cut", truncate("zarr.json"));
      all.put("a group that is gone", delete("zarr.json"));
      all.put("a group without attributes", edit("zarr.json", json -> json.remove("attributes")));
      all.put("an array that is cut", truncate(own));
      all.put("an array that is gone", delete(own));
    } else {
      String own = "features/.zarray";
      all.put("a group of v3", add("zarr.json", "{\"zarr_format\":3,\"node_type\":\"group\"}"));
      all.put("a group of v3 that is cut", add("zarr.json", "{\"zarr_format\":3,"));
      all.put("an array of v3", add("features/zarr.json", "{}"));
      all.put("an array at the root", add(".zarray", "{}"));
      for (String attribute : List.of("units", "calendar", "dtype")) {
        all.put(attribute, edit("features/.zattrs", json -> json.put(attribute, "bool")));
      }
      all.put("no filters", edit(own, json -> json.remove("filters")));
      all.put("a codec without level", edit(own, json -> at(json, "/compressor").remove("clevel")));
      all.put(
          "a copy without group",
          edit(".zmetadata", json -> at(json, "/metadata").remove(".zgroup")));
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
      all.put("a copy that is cut", truncate(".zmetadata"));
      all.put("a group that is cut", truncate(".zgroup"));
      all.put("a group that is gone", delete(".zgroup"));
      all.put("attributes that are cut", truncate(".zattrs"));
      all.put("attributes that are gone", delete(".zattrs"));
      all.put("an array that is cut", truncate(own));
      all.put("an array that is gone", delete(own));
    }
    return all;
  }

  /** Adds changes of the record of the output in the group's attributes. */
  private void damageRecord(String format, Map<String, Damage> all) {
    boolean v3 = format.equals("zarr3");
    Map<String, Edit> edits = new LinkedHashMap<>();
    edits.put("no heads", ours -> ours.putArray("heads"));
    edits.put("heads that are text", ours -> ours.put("heads", "features"));
    edits.put("another head", ours -> at(ours, "/heads/0").put("name", "other"));
    edits.put("other axes", ours -> ours.put("axes", "n,x,y,c"));
    edits.put("axes that are none", ours -> ours.put("axes", "n,y"));
    edits.put("another lineage", ours -> ours.put("lineage", "00"));
    edits.put("another fingerprint", ours -> ours.put("fingerprint", "00"));
    edits.put("no fingerprint", ours -> ours.remove("fingerprint"));
    edits.put(
        "an append beyond 64 bits",
        ours -> {
          ObjectNode appending = ours.putObject("appending");
          appending.put("images", 1L << 60).putArray("lengths").add(1L << 60);
        });
    edits.forEach(
        (name, edit) ->
            all.put(
                name,
                edit(
                    v3 ? "zarr.json" : ".zattrs",
                    json -> edit.apply(at(json, (v3 ? "/attributes" : "") + "/pointwise")))));
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
            right.replace("[3,16,16,4]", "[4,16,16,4]"),
            right.replace("[1,16,8,4]", "[1,8,8,4]"),
            right.replace("float32", "float31"),
            right.replaceAll("\"sha256\" : \"[0-9a-f]*\"", "\"sha256\" : \"\""),
            "{\"a\":".repeat(1000))) {
      assertThat(wrong).isNotEqualTo(right);
      Files.writeString(record, wrong);
      verify(4, wrong, "--deep", "--delete-corrupt");
      Cli found = Cli.run("verify", output.toString(), "--quiet");
      assertThat(found.out().lines().filter(line -> line.startsWith("Problem")))
          .singleElement()
          .asString()
          .contains(record.toString());
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

  /** A record with a valid checksum is damaged if its documents are not what a run writes. */
  @Test
  void recordWithForeignDocumentsIsRewritten() throws Exception {
    String input = input(3);
    require(reduce(input, output), 0, "reduce");
    Path record = Path.of(output + ".pointwise/metadata.json");
    byte[] right = Files.readAllBytes(record);
    Map<String, Map<String, String>> wrong =
        Map.of(
            "unknown type", Map.of("features/zarr.json", "{\"data_type\":\"float31\"}"),
            "no record", Map.of("zarr.json", "{\"zarr_format\":3,\"node_type\":\"group\"}"),
            "parent", Map.of("features/../../evil/zarr.json", "{}"),
            "root", Map.of("/evil/zarr.json", "{}"),
            "lines", Map.of("x\nWhole \u001b[2J/zarr.json", "{}"));
    for (Map.Entry<String, Map<String, String>> one : wrong.entrySet()) {
      MetadataRecord read = MetadataRecord.parse(right, "record");
      Map<String, ObjectNode> documents = new LinkedHashMap<>(read.written().documents());
      one.getValue()
          .forEach(
              (key, text) ->
                  documents.put(key, JsonText.parse(text.getBytes(StandardCharsets.UTF_8), key)));
      MetadataRecord changed =
          new MetadataRecord(
              read.fingerprint(),
              read.lineage(),
              read.format(),
              new WrittenMetadata(documents, read.written().objects()));
      Files.write(record, changed.bytes());
      Cli found = Cli.run("verify", output.toString(), "--quiet", "--delete-corrupt");
      require(found, 4, one.getKey());
      assertThat(found.out() + found.err()).doesNotContain("\u001b").contains("metadata.json");
      assertThat(found.out().lines()).noneMatch(line -> line.startsWith("Whole"));
      require(reduce(input, output), 0, one.getKey());
      assertThat(record).hasBinaryContent(right);
      verify(0, one.getKey(), "--deep");
    }
    assertThat(folder.resolve("evil")).doesNotExist();
  }

  /** Without the run folder, only the group's own metadata describes the output. */
  @ParameterizedTest
  @ValueSource(strings = {"zarr3", "zarr2"})
  void ownRecordAloneIsNotTrusted(String format) throws Exception {
    require(reduce(input(3), output, "--format", format), 0, "reduce");
    Folders.replace(output, folder.resolve("right.zarr"));
    for (String record : List.of("no heads", "heads that are text", "an append beyond 64 bits")) {
      Folders.replace(folder.resolve("right.zarr"), output);
      Files.deleteIfExists(Path.of(output + ".pointwise/metadata.json"));
      Files.deleteIfExists(Path.of(output + ".pointwise/plan.json"));
      damages(format).get(record).apply();
      verify(4, record, "--deep", "--delete-corrupt");
    }
  }

  /** Another output of the same layout in the place of a deleted one is not repaired. */
  @ParameterizedTest
  @ValueSource(strings = {"zarr3", "zarr2"})
  void otherGroupInPlaceOfOutputIsKept(String format) throws Exception {
    String input = input(3);
    require(reduce(input, output, "--format", format), 0, "reduce");
    Path right = folder.resolve("right.zarr");
    Folders.replace(output, right);
    Map<String, Damage> groups = new LinkedHashMap<>();
    groups.put(
        "group of v3",
        add("zarr.json", "{\"zarr_format\":3,\"node_type\":\"group\",\"attributes\":{\"my\":1}}"));
    groups.put("array of v3", add("zarr.json", "{\"zarr_format\":3,\"node_type\":\"array\"}"));
    groups.put("group of v2", add(".zgroup", "{\"zarr_format\":2}"));
    groups.put(
        "group of an array of the same name",
        () -> {
          add(".zgroup", "{\"zarr_format\":2}").apply();
          Files.createDirectories(output.resolve("features"));
          add("features/.zarray", "{\"zarr_format\":2}").apply();
          add("features/.zattrs", "{\"my\":1}").apply();
        });
    for (Map.Entry<String, Damage> group : groups.entrySet()) {
      Folders.replace(Files.createDirectories(folder.resolve("none")), output);
      group.getValue().apply();
      Map<String, String> before = Folders.hashes(output, "");
      for (String[] more : new String[][] {{}, {"--append"}, {"--dry-run"}}) {
        List<String> args = new ArrayList<>(List.of("--format", format));
        args.addAll(Arrays.asList(more));
        Cli refused = reduce(input, output, args.toArray(String[]::new));
        require(refused, 3, group.getKey());
        assertThat(refused.err().lines()).singleElement().asString().contains("no run made");
      }
      verify(4, group.getKey(), "--deep", "--delete-corrupt");
      assertThat(Folders.hashes(output, "")).isEqualTo(before);
      require(reduce(input, output, "--format", format, "--overwrite"), 0, group.getKey());
      assertThat(Folders.hashes(output, "features/")).isEqualTo(Folders.hashes(right, "features/"));
      verify(0, group.getKey(), "--deep");
    }
  }

  /** Stops a run before each put of an object. The same command continues it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "zarr3 --append",
        "zarr2 --append",
        "zarr3 --overwrite=now",
        "zarr2 --overwrite=now",
        "zarr3 --overwrite",
        "zarr3 first",
        "zarr2 first"
      })
  void stopAtAnyPutIsContinued(String run) throws Exception {
    String format = run.substring(0, 5);
    String mode = run.substring(6);
    List<String> more = new ArrayList<>(List.of("--format", format));
    Path old = folder.resolve("old.zarr");
    String[] before = more.toArray(String[]::new);
    if (mode.equals("--append")) {
      require(reduce(input(3), old, before), 0, "old");
    } else if (!mode.equals("first")) {
      require(reduce(input(4), old, before), 0, "old");
    } else {
      Files.createDirectories(old);
      Files.createDirectories(Path.of(old + ".pointwise"));
    }
    String input = input(5);
    Path fresh = folder.resolve("fresh.zarr");
    require(reduce(input, fresh, before), 0, "fresh");
    Map<String, String> right = Folders.hashes(fresh, "features/");
    if (!mode.equals("first")) {
      more.add(mode);
    }
    List<String> args = new ArrayList<>(List.of("reduce", input, output.toString()));
    args.addAll(List.of("--weights", folder + "/w.safetensors", "--shard-size", "0.0039MiB"));
    args.addAll(more);
    boolean stopped = true;
    for (int at = 1; stopped; at++) {
      Folders.replace(old, output);
      Folders.replace(Path.of(old + ".pointwise"), Path.of(output + ".pointwise"));
      try {
        StoppedReduction.run(
            new FailingStores(FailingStores.Failure.ENDS_BEFORE, at), args.toArray(String[]::new));
        stopped = false;
      } catch (PointwiseException e) {
        Cli found = Cli.run("verify", output.toString(), "--quiet");
        boolean kept = !mode.equals("first") && found.code() == 0; // it was not changed yet
        assertThat(kept || found.code() != 0).as("stop at %d: %s", at, found.out()).isTrue();
        assertThat(found.err()).doesNotContain("\tat ");
      }
      require(reduce(input, output, more.toArray(String[]::new)), 0, "stop at " + at);
      assertThat(Folders.hashes(output, "features/")).as("stop at " + at).isEqualTo(right);
      verify(0, "stop at " + at, "--deep");
    }
  }

  /**
   * Before a run writes the last document, another run of the same plan begins and is stopped at
   * any put. It must not write the documents of the previous length again.
   */
  @ParameterizedTest
  @ValueSource(strings = {"zarr3", "zarr2"})
  void otherRunOfSamePlanDoesNotUndoDocuments(String format) throws Exception {
    Path old = folder.resolve("old.zarr");
    require(reduce(input(3), old, "--format", format), 0, "old");
    List<String> args = new ArrayList<>(List.of("reduce", input(5), output.toString()));
    args.addAll(List.of("--weights", folder + "/w.safetensors", "--shard-size", "0.0039MiB"));
    args.addAll(List.of("--append", "--format", format));
    String[] append = args.toArray(String[]::new);
    String last = format.equals("zarr3") ? "zarr.json" : ".zattrs";
    for (int at = 1; at <= 8; at++) {
      Folders.replace(old, output);
      Folders.replace(Path.of(old + ".pointwise"), Path.of(output + ".pointwise"));
      AtomicInteger groups = new AtomicInteger();
      FailingStores other = new FailingStores(FailingStores.Failure.ENDS_BEFORE, at);
      StoppedReduction.run(
          new FailingStores(FailingStores.Failure.REFUSED, Integer.MAX_VALUE) {
            @Override
            protected void before(String key) throws IOException {
              if (key.equals(last)
                  && groups.incrementAndGet() == 2) { // the first begins the append
                try {
                  StoppedReduction.run(other, append);
                } catch (PointwiseException e) {
                  // stopped
                }
              }
            }
          },
          append);
      assertThat(groups.get()).as("puts of the group").isGreaterThanOrEqualTo(2);
      verify(0, "other run stopped at " + at, "--deep");
      assertThat(Reductions.read(Reductions.open(output + "/features")).length)
          .isEqualTo(5 * 16 * 16 * 4);
    }
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

  @Test
  void arrayOfOtherLayerIsDetectedWithoutItsInput() throws Exception {
    float[] values = new float[8 * 4];
    values[3] = 2;
    WeightsWriter.write(
        ByteStores.LOCAL,
        folder + "/other.safetensors",
        PointwiseLayer.of(values, new float[4], Activation.NONE),
        Map.of());
    String input = input(3);
    Path other = folder.resolve("other.zarr");
    require(reduce(input, output), 0, "first");
    Cli made =
        Cli.run(
            "reduce",
            input,
            other.toString(),
            "--weights",
            folder + "/other.safetensors",
            "--runner=local",
            "--quiet",
            "--shard-size=0.0039MiB");
    require(made, 0, "other");
    Folders.replace(other.resolve("features"), output.resolve("features"));
    Cli found = Cli.run("verify", output.toString(), "--tiles=0", "--runner=local");
    require(found, 4, "metadata of another layer");
    assertThat(found.out()).contains("layer SHA-256");
  }

  @Test
  void lostPlanAndLayersAreWrittenAgain() throws Exception {
    String input = input(3);
    require(reduce(input, output), 0, "first");
    Path run = Path.of(output + ".pointwise");
    Files.delete(run.resolve("plan.json"));
    Files.delete(run.resolve("layers/features.safetensors"));
    Cli lost = Cli.run("verify", output.toString(), "--runner=local");
    require(lost, 4, "no plan");
    assertThat(lost.out()).startsWith("Unproven").contains("lacks plan.json");
    require(reduce(input, output), 0, "again");
    Cli whole = Cli.run("verify", output.toString(), "--runner=local");
    require(whole, 0, "restored");
    assertThat(whole.out()).startsWith("Whole").contains("Compared");
  }
}
