package org.pointwise.differential;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/** Changes metadata of a Zarr output that determines how arrays are decoded. */
final class MetadataDamage {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Fields that readers do not need. */
  private static final Set<String> UNCHECKED_FIELDS =
      Set.of("attributes", "level", "clevel", "checksum", "blocksize", "typesize", "shuffle");

  /** Valid replacements with another meaning. */
  private static final Map<String, String> REPLACEMENTS =
      Map.of(
          "C",
          "F",
          "NaN",
          "Infinity",
          "little",
          "big",
          "/",
          ".",
          "end",
          "start",
          "float32",
          "int64",
          "<f4",
          "|f4",
          "<f2",
          "<i8",
          "lz4",
          "zstd");

  /** A number, text or truth value, and its position. */
  private record Leaf(JsonNode parent, Object at, JsonNode value) {
    void set(JsonNode other) {
      if (parent instanceof ObjectNode object) {
        object.set((String) at, other);
      } else {
        ((ArrayNode) parent).set((Integer) at, other);
      }
    }
  }

  private MetadataDamage() {}

  /**
   * Changes the metadata of an array, a consolidated copy, the record in the group or the record in
   * the run folder, or adds a document.
   *
   * @return a description of the change for people
   */
  static String apply(Path output, Random random) throws IOException {
    return switch (random.nextInt(8)) {
      case 0 -> changeRecord(output, random);
      case 1 -> addDocument(output, random);
      case 2 -> changeCopyInRunFolder(output, random);
      default -> change(output, random);
    };
  }

  /** Changes what the group's attributes record of the output, except its state. */
  private static String changeRecord(Path output, Random random) throws IOException {
    boolean v3 = !Files.exists(output.resolve(".zattrs"));
    Path group = output.resolve(v3 ? "zarr.json" : ".zattrs");
    JsonNode document = JSON.readTree(group.toFile());
    ObjectNode record =
        (ObjectNode) (v3 ? document.path("attributes") : document).path("pointwise");
    List<String> names = new ArrayList<>();
    record.fieldNames().forEachRemaining(names::add);
    names.removeAll(List.of("status", "appending", "lengths"));
    String name = names.get(random.nextInt(names.size()));
    JsonNode value = record.path(name);
    if (random.nextInt(3) == 0) {
      record.remove(name);
    } else if (value.isValueNode()) {
      record.set(name, replacement(value, random));
    } else if (value instanceof ArrayNode list && random.nextBoolean()) {
      list.remove(random.nextInt(list.size()));
    } else {
      List<Leaf> leaves = new ArrayList<>();
      collect(value, leaves);
      Leaf leaf = leaves.get(random.nextInt(leaves.size()));
      leaf.set(replacement(leaf.value(), random));
    }
    Files.write(group, JSON.writeValueAsBytes(document));
    return "%s of the record in %s".formatted(name, output.relativize(group));
  }

  /** Adds a document of the other Zarr version. */
  private static String addDocument(Path output, Random random) throws IOException {
    boolean v3 = !Files.exists(output.resolve(".zgroup"));
    List<Path> folders = new ArrayList<>(List.of(output));
    try (Stream<Path> arrays = Files.list(output)) {
      arrays.filter(MetadataDamage::holdsFeatures).sorted().forEach(folders::add);
    }
    Path node = folders.get(random.nextInt(folders.size()));
    List<String> names = List.of(".zgroup", ".zarray", ".zattrs", ".zmetadata");
    Path added = node.resolve(v3 ? names.get(random.nextInt(names.size())) : "zarr.json");
    String text =
        switch (random.nextInt(3)) {
          case 0 -> "{\"zarr_format\":3,\"node_type\":\"group\",\"attributes\":{}}";
          case 1 -> "{\"zarr_format\":2}";
          default -> "{";
        };
    Files.writeString(added, text);
    return "%s as %s".formatted(text, output.relativize(added));
  }

  /** Changes a digit or a letter of the record in the run folder. */
  private static String changeCopyInRunFolder(Path output, Random random) throws IOException {
    Path record = Path.of(output + ".pointwise/metadata.json");
    byte[] bytes = Files.readAllBytes(record);
    int at = random.nextInt(bytes.length);
    while (!Character.isLetterOrDigit(bytes[at])) {
      at = random.nextInt(bytes.length);
    }
    bytes[at] = (byte) (bytes[at] == '1' ? '2' : '1');
    Files.write(record, bytes);
    return "byte %d of %s".formatted(at, record.getFileName());
  }

  /** Changes the metadata of an array or a consolidated copy. */
  private static String change(Path output, Random random) throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> arrays = Files.list(output)) {
      arrays.filter(MetadataDamage::holdsFeatures).sorted().forEach(array -> add(array, files));
    }
    Path file = files.get(random.nextInt(files.size()));
    int kind = random.nextInt(20);
    if (kind < 2) {
      Files.delete(file);
      return "deletion of " + output.relativize(file);
    }
    if (kind < 4) {
      Path cut = random.nextBoolean() ? file : group(output, random);
      byte[] bytes = Files.readAllBytes(cut);
      Files.write(cut, Arrays.copyOf(bytes, random.nextInt(bytes.length / 2)));
      return "cutting of " + output.relativize(cut);
    }
    boolean copy = random.nextInt(4) == 0;
    String array = output.relativize(file.getParent()).toString();
    Path changed = copy ? consolidated(output) : file;
    JsonNode document = JSON.readTree(changed.toFile());
    if (copy && kind == 4) {
      ((ObjectNode) copies(document)).remove(key(document, array, file));
      Files.write(changed, JSON.writeValueAsBytes(document));
      return "removal of %s from %s".formatted(array, output.relativize(changed));
    }
    JsonNode root = copy ? copies(document).path(key(document, array, file)) : document;
    if (kind < 7 && !file.endsWith(".zarray")) {
      ObjectNode attributes =
          (ObjectNode) (file.endsWith(".zattrs") ? root : root.path("attributes"));
      List<String> names =
          List.of("scale_factor", "add_offset", "_FillValue", "units", "calendar", "dtype");
      String added = names.get(random.nextInt(names.size()));
      attributes.put(added, 1 + random.nextInt(9));
      Files.write(changed, JSON.writeValueAsBytes(document));
      return "%s for %s in %s".formatted(added, array, output.relativize(changed));
    }
    List<Leaf> leaves = new ArrayList<>();
    collect(file.endsWith(".zattrs") ? root.path("_ARRAY_DIMENSIONS") : root, leaves);
    Leaf leaf = leaves.get(random.nextInt(leaves.size()));
    JsonNode other = replacement(leaf.value(), random);
    if (leaf.at().equals("order") && root.path("shape").size() == 1) {
      other = TextNode.valueOf("Cx"); // C and F are equal in one dimension
    }
    leaf.set(other);
    Files.write(changed, JSON.writeValueAsBytes(document));
    return "%s %s → %s of %s in %s"
        .formatted(leaf.at(), leaf.value(), other, array, output.relativize(changed));
  }

  private static boolean holdsFeatures(Path array) {
    try {
      for (String name : List.of("zarr.json", ".zarray")) {
        if (Files.exists(array.resolve(name))) {
          ObjectNode json = (ObjectNode) JSON.readTree(array.resolve(name).toFile());
          JsonNode own = name.equals("zarr.json") ? json.path("attributes") : attributes(array);
          return own.has("pointwise");
        }
      }
      return false;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static JsonNode attributes(Path array) throws IOException {
    return JSON.readTree(array.resolve(".zattrs").toFile());
  }

  private static void add(Path array, List<Path> files) {
    for (String name : List.of("zarr.json", ".zarray", ".zattrs")) {
      if (Files.exists(array.resolve(name))) {
        files.add(array.resolve(name));
      }
    }
  }

  private static Path consolidated(Path output) {
    Path v2 = output.resolve(".zmetadata");
    return Files.exists(v2) ? v2 : output.resolve("zarr.json");
  }

  /** Returns one of the group's documents, by which readers find its arrays. */
  private static Path group(Path output, Random random) {
    boolean v3 = Files.exists(output.resolve("zarr.json"));
    return output.resolve(v3 ? "zarr.json" : random.nextBoolean() ? ".zgroup" : ".zattrs");
  }

  private static JsonNode copies(JsonNode document) {
    return document.has("consolidated_metadata")
        ? document.path("consolidated_metadata").path("metadata")
        : document.path("metadata");
  }

  private static String key(JsonNode document, String array, Path file) {
    return document.has("consolidated_metadata") ? array : array + "/" + file.getFileName();
  }

  private static void collect(JsonNode node, List<Leaf> leaves) {
    if (node instanceof ObjectNode object) {
      object
          .properties()
          .forEach(
              field -> {
                if (!UNCHECKED_FIELDS.contains(field.getKey())) {
                  collect(node, field.getKey(), field.getValue(), leaves);
                }
              });
    } else {
      for (int i = 0; i < node.size(); i++) {
        collect(node, i, node.get(i), leaves);
      }
    }
  }

  private static void collect(JsonNode parent, Object at, JsonNode value, List<Leaf> leaves) {
    if (value.isContainerNode()) {
      collect(value, leaves);
    } else if (!value.isNull()) {
      leaves.add(new Leaf(parent, at, value));
    }
  }

  private static JsonNode replacement(JsonNode value, Random random) {
    if (value.isNumber()) {
      return JsonNodeFactory.instance.numberNode(value.asLong() + (random.nextBoolean() ? 1 : -1));
    }
    if (value.isBoolean()) {
      return BooleanNode.valueOf(!value.asBoolean());
    }
    String text = value.asText();
    return TextNode.valueOf(
        switch (random.nextInt(4)) {
          case 0 -> text + "x";
          case 1 -> "!" + text.substring(Math.min(1, text.length()));
          default -> REPLACEMENTS.getOrDefault(text, text + "x");
        });
  }
}
