package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.Compression;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.Hierarchy;
import org.pointwise.format.ObjectChecker;
import org.pointwise.format.OutputArray;
import org.pointwise.format.OutputDescription;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.OutputRequest;
import org.pointwise.format.OutputTarget;
import org.pointwise.format.PreparedMetadata;
import org.pointwise.format.RecordedOutput;
import org.pointwise.format.StoredArray;
import org.pointwise.format.StoredLayout;
import org.pointwise.format.WriteMemory;
import org.pointwise.format.WrittenMetadata;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.store.ObjectAssembly;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Grid;

/**
 * Writes a Zarr group with one array for each head. The record of the output lies in the attributes
 * of the group and its arrays.
 */
abstract class ZarrOutput implements OutputFormat {
  /** Maximum number of chunks in a shard, whose index is held as a whole. */
  private static final long MAX_CHUNKS = 1 << 24;

  /** The attribute that holds the record. */
  private static final String RECORD_ATTRIBUTE = "pointwise";

  /** The attribute that holds what described the channels of the input. */
  private static final String SOURCE = "pointwise_source";

  private static final String IMAGE_NAMES = "image_names";

  private final int version;

  ZarrOutput(int version) {
    this.version = version;
  }

  @Override
  public final String toString() {
    return name();
  }

  @Override
  public final String name() {
    return "zarr" + version;
  }

  @Override
  public final boolean perFile() {
    return false;
  }

  @Override
  public final boolean compresses() {
    return true;
  }

  @Override
  public final List<String> warnings(Set<ElementType> types) {
    return types.contains(ElementType.BFLOAT16)
        ? List.of(
            "zarr-python and xarray cannot read bfloat16, tensorstore can; use --dtype float16 or float32 for the others")
        : List.of();
  }

  @Override
  public final OutputArray layout(OutputRequest request) {
    if (version == 2) {
      request.requireNumpyTypes(name());
    }
    StoredLayout layout = new ZarrGeometry(request).choose(version == 3);
    long chunks = layout.object().pixels() / layout.chunk().pixels();
    if (chunks > MAX_CHUNKS) {
      throw new InvalidInputException(
          "Cannot store shards of %d chunks: at most %d are supported; use a smaller --shard-size, or a larger --chunk"
              .formatted(chunks, MAX_CHUNKS));
    }
    return new OutputArray(
        request.axes(),
        request.dimensionNames(),
        layout.chunk(),
        layout.object(),
        layout.sharded());
  }

  @Override
  public final Extent chunkStep(OutputArray array, long pixelBytes, Extent object, Extent tile) {
    return ZarrGeometry.step(array, pixelBytes, tile);
  }

  /**
   * Returns the memory of a decoded step and chunk, the chunk's encoding stages, and the held part
   * of the object.
   */
  @Override
  public final WriteMemory memory(OutputArray array, long pixelBytes, Extent step) {
    long chunk = Math.multiplyExact(array.chunk().pixels(), pixelBytes);
    long object = Math.multiplyExact(array.shard().pixels(), pixelBytes);
    long index = array.sharded() ? 16 * Grid.ceil(object, Math.max(1, chunk)) : 0;
    long several = step.equals(array.chunk()) ? 0 : Math.multiplyExact(step.pixels(), pixelBytes);
    long piece = Math.max(chunk, index); // appended to the object at once
    long whole = Math.addExact(object, index);
    return new WriteMemory(
        Math.addExact(several + chunk * 2 + index, ObjectAssembly.heap(whole, piece)),
        ObjectAssembly.longestWriteBytes(whole, piece) * 5 / 4);
  }

  @Override
  public final void requireUsable(Compression compression) {
    ZstdJvm.requireSafe(compression);
    if (compression.kind() == Compression.Kind.BLOSC) {
      BloscCodec.requireLibrary();
    }
  }

  @Override
  public final FeatureSink sink(ByteStore store, OutputTarget target) {
    return new ZarrSink(store, layout(target));
  }

  private ZarrLayout layout(OutputTarget target) {
    OutputArray layout = target.layout();
    return new ZarrLayout(
        version,
        target.name(),
        layout.axes(),
        target.dimensionNames(),
        target.shape(),
        target.quantisation().type(),
        layout.chunk(),
        layout.shard(),
        layout.sharded(),
        target.compression());
  }

  @Override
  public final Map<String, String> libraries() {
    return Map.of("zstd", ZstdLibrary.version());
  }

  @Override
  public final PreparedMetadata prepare(OutputDescription description) {
    ZarrGroupMetadata metadata = new ZarrGroupMetadata(version);
    ChosenChannels channels = new ChosenChannels(description);
    for (int i = 0; i < description.arrays().size(); i++) {
      ObjectNode attributes = description.companions().attributes().deepCopy();
      channels.refer(attributes, description.arrays().get(i));
      if (!description.companions().source().isEmpty()) {
        attributes.set(SOURCE, description.companions().source());
      }
      if (!description.records().isEmpty()) {
        attributes.set(RECORD_ATTRIBUTE, description.records().get(i));
      }
      metadata.addArray(layout(description.arrays().get(i)), attributes);
    }
    description.companions().coordinates().forEach(metadata::addCoordinate);
    channels.coordinates().forEach(metadata::addCoordinate);
    ObjectNode group = description.companions().groupAttributes().deepCopy();
    if (description.record() != null) {
      group.set(RECORD_ATTRIBUTE, description.record());
    }
    if (!description.imageNames().isEmpty()) {
      ArrayNode names = group.putArray(IMAGE_NAMES);
      description.imageNames().forEach(names::add);
    }
    return metadata.of(group, description.complete());
  }

  @Override
  public final List<String> differences(ByteStore store, WrittenMetadata written)
      throws IOException {
    return new ZarrMetadataCheck(version, written).differences(store);
  }

  @Override
  public final @Nullable RecordedOutput recorded(ByteStore store) throws IOException {
    ObjectNode attributes = ZarrNodes.groupAttributes(store, "", version);
    if (attributes == null) {
      return null;
    }
    List<String> imageNames = new ArrayList<>();
    attributes.path(IMAGE_NAMES).forEach(name -> imageNames.add(name.asText()));
    return new RecordedOutput(
        this,
        attributes.path(RECORD_ATTRIBUTE) instanceof ObjectNode record ? record : null,
        imageNames);
  }

  @Override
  public final void requireReadable(WrittenMetadata written) {
    new ZarrMetadataCheck(version, written);
  }

  @Override
  public final Set<String> otherDocuments(WrittenMetadata written) {
    return ZarrNodes.otherDocuments(version, written.documents().keySet());
  }

  @Override
  public final boolean holdsOther(ByteStore store) throws IOException {
    List<String> nodes =
        version == 3 ? List.of(ZarrNodes.V3) : List.of(ZarrNodes.GROUP, ZarrNodes.ARRAY);
    boolean found = false;
    try {
      for (String key : nodes) {
        ObjectNode json = document(store, key);
        found |= json != null;
        if (json != null && json.path("attributes").path(RECORD_ATTRIBUTE).isObject()) {
          return false;
        }
      }
      ObjectNode attributes = version == 2 ? document(store, ZarrNodes.ATTRIBUTES) : null;
      return found && (attributes == null || !attributes.path(RECORD_ATTRIBUTE).isObject());
    } catch (InvalidInputException e) {
      return false; // damaged
    }
  }

  @Override
  public final @Nullable Hierarchy enclosing(ByteStores stores, String output) throws IOException {
    return ZarrHierarchy.of(version, stores, output);
  }

  private static @Nullable ObjectNode document(ByteStore store, String key) throws IOException {
    byte[] text = store.get(key);
    return text == null ? null : JsonText.parse(text, ByteStore.join(store.uri(), key));
  }

  @Override
  public final @Nullable ObjectNode arrayRecord(ByteStore store, String name) throws IOException {
    try {
      String key = version == 3 ? ZarrNodes.V3 : ZarrNodes.ATTRIBUTES;
      ObjectNode json = document(store, ByteStore.join(ByteStore.checkKey(name), key));
      JsonNode attributes = json == null || version == 2 ? json : json.path("attributes");
      return attributes != null && attributes.path(RECORD_ATTRIBUTE) instanceof ObjectNode record
          ? record
          : null;
    } catch (InvalidInputException e) {
      return null; // damaged
    }
  }

  @Override
  public final void reopen(ByteStore store, Consumer<ObjectNode> change) throws IOException {
    ZarrGroupMetadata.reopen(store, version, change);
  }

  @Override
  public final @Nullable StoredArray array(ByteStore store, String name, Axes axes)
      throws IOException {
    ZarrArray array = ZarrNodes.array(store, ByteStore.checkKey(name));
    return array == null ? null : new Stored(array, axes);
  }

  private record Stored(ZarrArray array, Axes axes) implements StoredArray {
    @Override
    public FeatureShape shape() {
      return FeatureShape.of(array.uri(), array.shape(), axes);
    }

    @Override
    public ElementType type() {
      return array.type();
    }

    @Override
    public StoredLayout layout() {
      return new StoredLayout(
          array.chunk(axes), array.object(axes), array.metadata().shard() != null);
    }

    @Override
    public ObjectChecker check(long images) {
      return new ZarrObjectChecker(array, axes, images);
    }
  }
}
