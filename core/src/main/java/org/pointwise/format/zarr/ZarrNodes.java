package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;

/**
 * Finds arrays and groups of Zarr v2 and v3. Reads each node's own metadata. Consolidated metadata
 * is neither needed nor trusted.
 */
public final class ZarrNodes {
  /** The document of a node in v3. */
  static final String V3 = "zarr.json";

  /** Documents of v2: of an array, of a group, and of both. */
  static final String ARRAY = ".zarray";

  static final String GROUP = ".zgroup";
  static final String ATTRIBUTES = ".zattrs";

  /** The consolidated metadata of v2. */
  static final String CONSOLIDATED = ".zmetadata";

  /** Number of arrays of a group that an error names. */
  private static final int MAX_NAMED = 5;

  private static final Set<String> ALL = Set.of(V3, ARRAY, GROUP, ATTRIBUTES, CONSOLIDATED);

  private ZarrNodes() {}

  /**
   * Returns the keys of documents that do not belong to a group and its arrays, at the same paths.
   * If such a document exists, a reader may use it instead: zarr-python 3 prefers documents of v3,
   * readers of v2 use only those of v2.
   *
   * @param version of the group and its arrays
   * @param documents their documents, by which their paths are determined
   */
  static Set<String> otherDocuments(int version, Set<String> documents) {
    Set<String> others = new TreeSet<>();
    for (String key : documents) {
      int end = key.lastIndexOf('/');
      for (String name : ALL) {
        others.add(key.substring(0, end + 1) + name);
      }
    }
    others.removeAll(documents);
    if (version == 2) {
      others.remove(CONSOLIDATED);
    }
    return others;
  }

  /** Returns whether there is Zarr metadata at {@code path}. */
  public static boolean isZarr(ByteStore store, String path) throws IOException {
    return has(store, path, "zarr.json")
        || has(store, path, ".zarray")
        || has(store, path, ".zgroup");
  }

  private static boolean has(ByteStore store, String path, String name) throws IOException {
    return store.size(ByteStore.join(path, name)) >= 0;
  }

  /**
   * Returns the array of numbers at {@code path}; null if there is none, or a group.
   *
   * @throws InvalidInputException if the array holds texts or times
   */
  public static @Nullable ZarrArray array(ByteStore store, String path) throws IOException {
    ZarrArray array = values(store, path);
    if (array != null && !array.metadata().value().isNumber()) {
      throw ValueTypes.notNumbers(array.metadata(), array.uri());
    }
    return array;
  }

  /** Returns the array of any type at {@code path}; null if there is none, or a group. */
  static @Nullable ZarrArray values(ByteStore store, String path) throws IOException {
    String where = ByteStore.join(store.uri(), path);
    byte[] v3 = store.get(ByteStore.join(path, "zarr.json"));
    if (v3 != null) {
      ObjectNode json = JsonText.parse(v3, where + "/zarr.json");
      return json.path("node_type").asText().equals("group")
          ? null
          : new ZarrArray(store, path, MetadataV3.parse(v3, where));
    }
    byte[] v2 = store.get(ByteStore.join(path, ".zarray"));
    if (v2 == null) {
      return null;
    }
    byte[] attributes = store.get(ByteStore.join(path, ".zattrs"));
    return new ZarrArray(store, path, MetadataV2.parse(v2, attributes, where));
  }

  /** Returns the attributes of the group at {@code path}; null if there is no group. */
  public static @Nullable ObjectNode groupAttributes(ByteStore store, String path)
      throws IOException {
    return groupAttributes(store, path, has(store, path, V3) ? 3 : 2);
  }

  /**
   * Returns the attributes of the group of a Zarr version at {@code path}; null if there is none.
   */
  static @Nullable ObjectNode groupAttributes(ByteStore store, String path, int version)
      throws IOException {
    String where = ByteStore.join(store.uri(), path);
    if (version == 3) {
      byte[] v3 = store.get(ByteStore.join(path, V3));
      ObjectNode json = v3 == null ? null : JsonText.parse(v3, where + "/" + V3);
      if (json == null || !json.path("node_type").asText().equals("group")) {
        return null;
      }
      return json.path("attributes") instanceof ObjectNode found ? found : JsonText.object();
    }
    if (!has(store, path, GROUP)) {
      return null;
    }
    byte[] v2 = store.get(ByteStore.join(path, ATTRIBUTES));
    return v2 == null ? JsonText.object() : JsonText.parse(v2, where + "/" + ATTRIBUTES);
  }

  /** Returns the names of the arrays directly in the group at {@code path}, sorted. */
  public static List<String> arrayNames(ByteStore store, String path) throws IOException {
    List<String> names = new ArrayList<>();
    for (String name : store.list(path)) {
      String child = ByteStore.join(path, name);
      byte[] v3 = store.get(ByteStore.join(child, "zarr.json"));
      boolean array =
          v3 != null
              ? JsonText.parse(v3, ByteStore.join(store.uri(), child) + "/zarr.json")
                  .path("node_type")
                  .asText()
                  .equals("array")
              : has(store, child, ".zarray");
      if (array) {
        names.add(name);
      }
    }
    return names;
  }

  /**
   * Opens the array at a path or URI: the array itself, or the only array of a group that has two
   * or more dimensions.
   *
   * @throws InvalidInputException if there is none, or if there are several
   */
  public static ZarrArray open(ByteStores stores, String uri) throws IOException {
    ByteStore parent = stores.open(ByteStores.parent(uri));
    String name = ByteStores.name(uri);
    ZarrArray array = array(parent, name);
    if (array != null) {
      return array;
    }
    if (groupAttributes(parent, name) == null) {
      throw new InvalidInputException(
          "Cannot read %s: there is no zarr.json, .zarray or .zgroup in it; check the path"
              .formatted(uri));
    }
    ByteStore group = stores.open(uri);
    List<String> names = arrayNames(group, "");
    List<ZarrArray> candidates = new ArrayList<>();
    for (String child : names) {
      ZarrArray found = candidate(group, child, names.size() == 1);
      if (found != null) {
        candidates.add(found);
      }
    }
    if (candidates.size() != 1) {
      List<String> likely = likelyFirst(names, candidates);
      throw new InvalidInputException(
          "Cannot choose an array of %s: it is a group of %s; name one, for example %s/%s"
              .formatted(uri, listed(likely), uri, likely.isEmpty() ? "ARRAY" : likely.get(0)));
    }
    return candidates.get(0);
  }

  /**
   * Returns the names with those of features first: arrays of most dimensions, then coordinates of
   * one dimension or none, and arrays that cannot be read.
   */
  private static List<String> likelyFirst(List<String> names, List<ZarrArray> candidates) {
    List<String> likely =
        candidates.stream()
            .sorted(Comparator.comparingInt(array -> -array.metadata().rank()))
            .map(ZarrArray::path)
            .collect(Collectors.toCollection(ArrayList::new));
    names.stream().filter(name -> !likely.contains(name)).toList().forEach(likely::add);
    return likely;
  }

  private static String listed(List<String> names) {
    String first = String.join(", ", names.subList(0, Math.min(MAX_NAMED, names.size())));
    return names.isEmpty()
        ? "no arrays"
        : names.size() > MAX_NAMED
            ? "%s and %d more".formatted(first, names.size() - MAX_NAMED)
            : first;
  }

  private static @Nullable ZarrArray candidate(ByteStore group, String name, boolean only)
      throws IOException {
    try {
      ZarrArray array = array(group, name);
      return array != null && array.metadata().rank() >= 2 ? array : null;
    } catch (InvalidInputException e) {
      if (only) {
        throw e;
      }
      return null; // a companion of an unsupported type, such as names
    }
  }

  /**
   * Returns the axis names of an array from the OME-Zarr metadata of its group (0.4: {@code
   * multiscales}; 0.5: {@code ome.multiscales}); null if there are none.
   */
  static @Nullable List<String> omeAxes(ZarrArray array) throws IOException {
    ObjectNode attributes = groupAttributes(array.store(), "");
    if (attributes == null) {
      return null;
    }
    JsonNode scales = attributes.path("ome").path("multiscales");
    if (scales.isMissingNode()) {
      scales = attributes.path("multiscales");
    }
    for (JsonNode scale : scales) {
      for (JsonNode dataset : scale.path("datasets")) {
        if (dataset.path("path").asText().equals(ByteStores.name(array.uri()))) {
          List<String> names = new ArrayList<>();
          for (JsonNode axis : scale.path("axes")) {
            names.add(
                axis.path("type").asText().equals("channel")
                    ? "c"
                    : axis.isTextual() ? axis.asText() : axis.path("name").asText());
          }
          return names.size() == array.metadata().rank() ? names : null;
        }
      }
    }
    return null;
  }
}
