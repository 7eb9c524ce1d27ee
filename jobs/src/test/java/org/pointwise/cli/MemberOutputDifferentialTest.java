package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.store.JsonText;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Seed;

/** Compares outputs within the Zarr store of their input with what zarr-python and xarray read. */
class MemberOutputDifferentialTest {
  private static final int CASES = 6;

  @TempDir Path folder;

  private final Random random = Seed.random("members");

  @Test
  void zarrPythonAndXarrayReadInputAndOutput() throws Exception {
    try (PythonPeer peer = PythonPeer.start(folder, "members.py")) {
      for (int i = 0; i < CASES; i++) {
        Path here = Files.createDirectory(folder.resolve("case" + i));
        int seed = random.nextInt(1 << 30);
        ObjectNode make = JsonText.object().put("action", "make").put("seed", seed);
        JsonNode store = peer.call(make.put("folder", here.toString()));
        Map<String, String> before = Folders.hashes(here, "");
        boolean two = random.nextBoolean();
        Map<String, String> heads =
            two
                ? Map.of("a", here + "/one.npy", "b", here + "/two.npy")
                : Map.of("features", here + "/one.npy");
        succeeds(store, heads);
        check(peer, store, heads);
        if (random.nextBoolean()) { // as if the run was killed before its last step
          restore(here, store, before);
          succeeds(store, heads);
          check(peer, store, heads);
        }
        if (random.nextBoolean()) {
          peer.call(((ObjectNode) store.deepCopy()).put("action", "grow").put("seed", seed));
          succeeds(store, heads, "--append");
          check(peer, withoutCopies(store), heads); // the copy of the input is out of date
        }
        Map<String, String> other = Map.of("other", here + "/other.npy");
        succeeds(store, other, random.nextBoolean() ? "--overwrite" : "--overwrite=now");
        check(peer, withoutCopies(store), other);
      }
    }
  }

  private static ObjectNode withoutCopies(JsonNode store) {
    ObjectNode without = store.deepCopy();
    return without.put("copies", "{}");
  }

  private static void succeeds(JsonNode store, Map<String, String> heads, String... more) {
    List<String> args = new ArrayList<>(List.of("reduce"));
    String output = store.path("root").asText() + "/" + store.path("output").asText();
    args.add(store.path("root").asText() + "/" + store.path("input").asText());
    args.addAll(List.of(output, "--axes", "n,y,x,c", "--runner", "local", "--quiet"));
    args.addAll(List.of("--format", store.path("format").asText()));
    heads.forEach((name, file) -> args.addAll(List.of("--head", name + "=" + file)));
    args.addAll(List.of(more));
    Cli done = Cli.run(args.toArray(String[]::new));
    assertThat(done.code()).as(args + ": " + done.err()).isZero();
    Cli verified = Cli.run("verify", output, "--runner", "local", "--quiet");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
  }

  private static void check(PythonPeer peer, JsonNode store, Map<String, String> heads)
      throws Exception {
    ObjectNode request = ((ObjectNode) store.deepCopy()).put("action", "check");
    ObjectNode names = request.putObject("heads");
    heads.forEach(names::put);
    peer.call(request);
  }

  /** Removes the output from the consolidated metadata of the root. */
  private static void restore(Path here, JsonNode store, Map<String, String> before)
      throws Exception {
    boolean v2 = store.path("format").asText().equals("zarr2");
    Path document = Path.of(store.path("root").asText(), v2 ? ".zmetadata" : "zarr.json");
    if (!Files.exists(document) || !before.containsKey(here.relativize(document).toString())) {
      return;
    }
    ObjectNode json = JsonText.parse(Files.readAllBytes(document), "root");
    JsonNode entries = v2 ? json.path("metadata") : json.at("/consolidated_metadata/metadata");
    if (entries instanceof ObjectNode copies) {
      byte[] text = store.path("copies").asText().getBytes(StandardCharsets.UTF_8);
      JsonNode old = JsonText.parse(text, "copies").path("");
      List<String> added = new ArrayList<>();
      copies.fieldNames().forEachRemaining(added::add);
      added.removeIf(name -> old.has(name));
      copies.remove(added);
      Files.write(document, JsonText.bytesAsPython(json));
    }
  }

  @Test
  void placesInArraysAndOtherFormatsAreRefused() throws Exception {
    try (PythonPeer peer = PythonPeer.start(folder, "members.py")) {
      ObjectNode make = JsonText.object().put("action", "make").put("seed", 1);
      JsonNode store = peer.call(make.put("folder", folder.toString()));
      Map<String, String> before = Folders.hashes(folder, "");
      String format = store.path("format").asText();
      String root = store.path("root").asText();
      for (String other : List.of("zarr2", "zarr3", "npy")) {
        if (!other.equals(format)) {
          assertThat(refused(store, root + "/new/out", other))
              .contains("it lies in the group " + root + " of the format " + format);
        }
      }
      assertThat(refused(store, root + "/mask/out", format))
          .contains("it lies in the array " + root + "/mask, which cannot contain other nodes");
      assertThat(refused(store, root + "/" + store.path("input").asText() + "/out", format))
          .contains("it lies in the input");
      assertThat(Folders.hashes(folder, "")).isEqualTo(before);
    }
  }

  private String refused(JsonNode store, String output, String format) {
    String input = store.path("root").asText() + "/" + store.path("input").asText();
    List<String> args = new ArrayList<>(List.of("reduce", input, output));
    args.addAll(List.of("--weights", folder + "/one.npy", "--axes", "n,y,x,c"));
    args.addAll(List.of("--format", format, "--runner", "local"));
    Cli done = Cli.run(args.toArray(String[]::new));
    assertThat(done.code()).as(done.err()).isEqualTo(3);
    return done.err();
  }
}
