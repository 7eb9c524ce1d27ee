package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.pointwise.format.Coordinate;
import org.pointwise.format.PreparedMetadata;
import org.pointwise.format.ValueType;
import org.pointwise.format.WrittenMetadata;
import org.pointwise.format.zarr.ArrayMetadata.KeyEncoding;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Hashes;
import org.pointwise.store.JsonText;

/**
 * Makes the metadata of an output group and its coordinates. The group's own metadata is last, so
 * that a reader that finds it also finds the arrays. The consolidated metadata, which xarray looks
 * for, exists only while the output is complete. Used once.
 */
final class ZarrGroupMetadata {
  private static final String CONSOLIDATED = "consolidated_metadata";

  private final int format;

  /** By the name of the array in v3; by the key of each object in v2. */
  private final ObjectNode consolidated = JsonText.object();

  private final Map<String, ObjectNode> documents = new LinkedHashMap<>();
  private final Map<String, String> hashes = new LinkedHashMap<>();
  private final Map<String, byte[]> objects = new LinkedHashMap<>();

  public ZarrGroupMetadata(int format) {
    this.format = format;
  }

  /** Adds the metadata of a feature array. */
  public void addArray(ZarrLayout layout, ObjectNode attributes) {
    putArray(layout.path(), layout.json(attributes), layout.dimensionNames(), attributes);
  }

  private void putArray(
      String path, ObjectNode json, List<String> dimensionNames, ObjectNode attributes) {
    if (format == 3) {
      put(ByteStore.join(path, ZarrNodes.V3), json);
      consolidated.set(path, json);
      return;
    }
    ArrayNode names = attributes.putArray("_ARRAY_DIMENSIONS");
    dimensionNames.forEach(names::add);
    putV2(ByteStore.join(path, ZarrNodes.ARRAY), json);
    putV2(ByteStore.join(path, ZarrNodes.ATTRIBUTES), attributes);
  }

  private void putV2(String key, ObjectNode json) {
    put(key, json);
    consolidated.set(key, json);
  }

  private void put(String key, ObjectNode json) {
    objects.put(key, JsonText.bytes(json));
    documents.put(key, json);
  }

  /**
   * Returns the metadata of the group and of all that was added. The recorded documents do not
   * include the consolidated copy. Documents of the other Zarr version are removed, since readers
   * may prefer them.
   *
   * @param complete whether all arrays are complete. Only then is the metadata consolidated: in v3
   *     within the group's own metadata, as zarr-python 3 writes it; in v2 in {@code .zmetadata}
   */
  public PreparedMetadata of(ObjectNode attributes, boolean complete) {
    if (format == 3) {
      ObjectNode own = JsonText.object().put("zarr_format", 3).put("node_type", "group");
      own.set("attributes", attributes);
      ObjectNode json = own.deepCopy();
      if (complete) {
        json.putObject(CONSOLIDATED)
            .put("kind", "inline")
            .put("must_understand", false)
            .set("metadata", consolidated);
      }
      put(ZarrNodes.V3, json);
      documents.put(ZarrNodes.V3, own);
    } else {
      putV2(ZarrNodes.GROUP, JsonText.object().put("zarr_format", 2));
      putV2(ZarrNodes.ATTRIBUTES, attributes);
      if (complete) {
        ObjectNode all = JsonText.object().put("zarr_consolidated_format", 1);
        all.set("metadata", consolidated);
        objects.put(ZarrNodes.CONSOLIDATED, JsonText.bytes(all));
      }
    }
    List<String> removed = new ArrayList<>(ZarrNodes.otherDocuments(format, documents.keySet()));
    if (format == 2 && !complete) {
      removed.add(ZarrNodes.CONSOLIDATED);
    }
    return new PreparedMetadata(new WrittenMetadata(documents, hashes), removed, objects);
  }

  /**
   * Changes {@code pointwise} in the attributes of an output group that is no longer complete. Its
   * consolidated metadata is removed first.
   */
  public static void reopen(ByteStore store, int format, Consumer<ObjectNode> change)
      throws IOException {
    if (format == 2) {
      store.delete(ZarrNodes.CONSOLIDATED);
    }
    String key = format == 3 ? ZarrNodes.V3 : ZarrNodes.ATTRIBUTES;
    byte[] text = store.get(key);
    if (text == null) {
      return;
    }
    ObjectNode json = JsonText.parse(text, ByteStore.join(store.uri(), key));
    json.remove(CONSOLIDATED);
    JsonNode attributes = format == 3 ? json.path("attributes") : json;
    if (attributes.path("pointwise") instanceof ObjectNode record) {
      change.accept(record);
      store.put(key, JsonText.bytes(json));
    }
  }

  /** Adds a coordinate as a separate array of one chunk. */
  public void addCoordinate(Coordinate coordinate) {
    String name = coordinate.name();
    ObjectNode attributes = FillAttribute.write(coordinate.attributes(), format, coordinate.type());
    putArray(
        name,
        format == 3 ? v3(coordinate, attributes) : v2(coordinate),
        coordinate.dimensions(),
        attributes);
    KeyEncoding keys = new KeyEncoding(format == 3, format == 3 ? '/' : '.');
    String key = ByteStore.join(name, keys.key(new long[coordinate.dimensions().size()]));
    byte[] chunk = isText(coordinate) ? VlenText.encode(texts(coordinate)) : coordinate.values();
    objects.put(key, chunk);
    hashes.put(key, Hashes.sha256(chunk));
  }

  private static boolean isText(Coordinate coordinate) {
    return coordinate.type().kind() == ValueType.Kind.TEXT;
  }

  private static List<String> texts(Coordinate coordinate) {
    return IntStream.range(0, coordinate.count()).mapToObj(coordinate::text).toList();
  }

  private static ObjectNode v3(Coordinate coordinate, ObjectNode attributes) {
    ObjectNode json = JsonText.object().put("zarr_format", 3).put("node_type", "array");
    lengths(json.putArray("shape"), coordinate);
    json.set("data_type", ValueTypes.v3(coordinate.type()));
    ObjectNode grid = json.putObject("chunk_grid").put("name", "regular");
    lengths(grid.putObject("configuration").putArray("chunk_shape"), coordinate);
    ObjectNode keys = json.putObject("chunk_key_encoding").put("name", "default");
    keys.putObject("configuration").put("separator", "/");
    if (coordinate.type().isText()) {
      json.put("fill_value", "");
    } else {
      json.put("fill_value", 0);
    }
    ArrayNode codecs = json.putArray("codecs");
    if (isText(coordinate)) {
      codecs.addObject().put("name", VlenText.NAME);
    } else {
      codecs.addObject().put("name", "bytes").putObject("configuration").put("endian", "little");
    }
    coordinate.dimensions().forEach(json.putArray("dimension_names")::add);
    json.set("attributes", attributes);
    return json;
  }

  private static ObjectNode v2(Coordinate coordinate) {
    ObjectNode json = JsonText.object().put("zarr_format", 2);
    lengths(json.putArray("shape"), coordinate);
    lengths(json.putArray("chunks"), coordinate);
    json.put("dtype", ValueTypes.v2(coordinate.type()));
    json.putNull("compressor");
    json.set("fill_value", FillAttribute.fillValue(coordinate.attributes(), coordinate.type()));
    json.put("order", "C");
    if (isText(coordinate)) {
      json.putArray("filters").addObject().put("id", VlenText.NAME);
    } else {
      json.putNull("filters");
    }
    return json;
  }

  private static void lengths(ArrayNode node, Coordinate coordinate) {
    coordinate.lengths().forEach(length -> node.add(Math.max(1, length)));
  }
}
