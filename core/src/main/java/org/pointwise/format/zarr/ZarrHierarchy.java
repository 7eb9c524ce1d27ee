package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.Hierarchy;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;

/** The Zarr groups that enclose an output group of the same Zarr version. */
final class ZarrHierarchy implements Hierarchy {
  private static final String CONSOLIDATED_V3 = "consolidated_metadata";

  private final int version;
  private final ByteStores stores;
  private final String output;
  private final List<String> groups; // URIs, innermost first
  private final List<String> missing; // URIs of groups to create, outermost first

  private ZarrHierarchy(
      int version, ByteStores stores, String output, List<String> groups, List<String> missing) {
    this.version = version;
    this.stores = stores;
    this.output = output;
    this.groups = groups;
    this.missing = missing;
  }

  /**
   * Finds the groups that enclose a place: the innermost one, and outwards each group that directly
   * contains another.
   *
   * @return null if no group encloses the place, or if the innermost one has another Zarr version
   * @throws InvalidInputException if an array encloses the place, or if the metadata of a group is
   *     damaged
   */
  static @Nullable ZarrHierarchy of(int version, ByteStores stores, String output)
      throws IOException {
    List<String> groups = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    int root = output.indexOf("://") < 0 ? 0 : output.indexOf('/', output.indexOf("://") + 3);
    for (String uri = ByteStores.parent(output);
        root >= 0 && uri.length() > Math.max(1, root);
        uri = ByteStores.parent(uri)) {
      int stored = versionOf(stores.open(uri), output);
      if (stored == version) {
        groups.add(uri);
      } else if (stored == 0 && groups.isEmpty()) {
        missing.add(uri);
      } else {
        break;
      }
    }
    Collections.reverse(missing);
    return groups.isEmpty() ? null : new ZarrHierarchy(version, stores, output, groups, missing);
  }

  /** Returns the Zarr version of the group at the root of a store; 0 if there is none. */
  private static int versionOf(ByteStore store, String output) throws IOException {
    byte[] v3 = store.get(ZarrNodes.V3);
    if (v3 == null && store.size(ZarrNodes.ARRAY) < 0) {
      return store.size(ZarrNodes.GROUP) < 0 ? 0 : 2;
    }
    if (v3 != null
        && JsonText.parse(v3, ByteStore.join(store.uri(), ZarrNodes.V3))
            .path("node_type")
            .asText()
            .equals("group")) {
      return 3;
    }
    throw new InvalidInputException(
        "Cannot write to %s: it lies in the array %s, which cannot contain other nodes; choose an output beside the array"
            .formatted(output, store.uri()));
  }

  @Override
  public String group() {
    return groups.get(0);
  }

  @Override
  public void begin() throws IOException {
    for (String uri : missing) {
      ObjectNode group = JsonText.object().put("zarr_format", version);
      if (version == 3) {
        group.put("node_type", "group").putObject("attributes");
      }
      stores.open(uri).put(version == 3 ? ZarrNodes.V3 : ZarrNodes.GROUP, JsonText.bytes(group));
    }
    for (String uri : groups) {
      replace(uri, Map.of());
    }
  }

  @Override
  public void complete() throws IOException {
    Map<String, JsonNode> members = new LinkedHashMap<>();
    String key = version == 3 ? ZarrNodes.V3 : ZarrNodes.CONSOLIDATED;
    ObjectNode own = document(output, key);
    if (own == null) {
      return;
    }
    if (version == 3) {
      own.path(CONSOLIDATED_V3)
          .path("metadata")
          .fields()
          .forEachRemaining(member -> members.put("/" + member.getKey(), member.getValue()));
      members.put("", withoutMembers(own));
    } else {
      own.path("metadata")
          .fields()
          .forEachRemaining(member -> members.put("/" + member.getKey(), member.getValue()));
    }
    for (String uri : groups) {
      replace(uri, members);
    }
  }

  /**
   * Replaces the entries of the output in the consolidated metadata of a group.
   *
   * @param members the new entries, by their names after that of the output
   */
  private void replace(String group, Map<String, JsonNode> members) throws IOException {
    String key = version == 3 ? ZarrNodes.V3 : ZarrNodes.CONSOLIDATED;
    ObjectNode json = document(group, key);
    if (json == null) {
      return;
    }
    JsonNode copies = version == 3 ? json.path(CONSOLIDATED_V3) : json;
    if (!(copies.path("metadata") instanceof ObjectNode entries)) {
      return; // the group keeps no copies
    }
    ObjectNode before = entries.deepCopy();
    String name = output.substring(group.length() + 1);
    List<String> old = new ArrayList<>();
    entries.fieldNames().forEachRemaining(old::add);
    old.removeIf(entry -> !(entry + "/").startsWith(name + "/"));
    entries.remove(old);
    if (!members.isEmpty()) {
      addGroupsBetween(group, entries);
      members.forEach((member, document) -> entries.set(name + member, document));
    }
    if (!entries.equals(before)) {
      stores.open(group).put(key, JsonText.bytesAsPython(json));
    }
  }

  /** Adds the groups between a group and the output that have no entry. */
  private void addGroupsBetween(String group, ObjectNode entries) throws IOException {
    for (String uri = ByteStores.parent(output); !uri.equals(group); uri = ByteStores.parent(uri)) {
      String name = uri.substring(group.length() + 1);
      if (version == 3) {
        ObjectNode own = document(uri, ZarrNodes.V3);
        if (own != null && !entries.has(name)) {
          entries.set(name, withoutMembers(own));
        }
      } else {
        for (String key : List.of(ZarrNodes.GROUP, ZarrNodes.ATTRIBUTES)) {
          ObjectNode own = document(uri, key);
          if (own != null && !entries.has(name + "/" + key)) {
            entries.set(name + "/" + key, own);
          }
        }
      }
    }
  }

  /** Returns the document of a v3 group as zarr-python stores it in that of another group. */
  private static ObjectNode withoutMembers(ObjectNode group) {
    ObjectNode alone = group.deepCopy();
    alone
        .putObject(CONSOLIDATED_V3)
        .put("kind", "inline")
        .put("must_understand", false)
        .putObject("metadata");
    return alone;
  }

  private @Nullable ObjectNode document(String uri, String key) throws IOException {
    byte[] text = stores.open(uri).get(key);
    return text == null ? null : JsonText.parse(text, ByteStore.join(uri, key));
  }
}
