package org.pointwise.store.zarr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.store.ByteStores;
import org.pointwise.store.FeatureSource;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.ArrayInfo;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Elements;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Grid;
import org.pointwise.tensor.Tile;

/** A Zarr array as a feature source: a tile is one chunk in space, with all its channel chunks. */
public final class ZarrSource implements FeatureSource {
  private static final List<String> ABOUT_NUMBERS =
      List.of(
          "_ARRAY_DIMENSIONS",
          "_FillValue",
          "missing_value",
          "scale_factor",
          "add_offset",
          "valid_range",
          "valid_min",
          "valid_max",
          "pointwise");
  private static final List<String> ABOUT_ARRAYS =
      List.of("multiscales", "ome", "omero", "labels", "pointwise");

  private final ZarrArray array;
  private final ArrayInfo info;
  private final Dequantisation dequantisation;

  private ZarrSource(ZarrArray array, ArrayInfo info, Dequantisation dequantisation) {
    this.array = array;
    this.info = info;
    this.dequantisation = dequantisation;
  }

  /** Opens an array that may lack channels: one value a pixel. */
  public static ZarrSource openLabels(
      ByteStores stores, String uri, @Nullable Axes given, Axes like) throws IOException {
    ZarrArray array = ZarrNodes.open(stores, uri);
    List<String> names = array.metadata().dimensionNames();
    return of(
        array, given != null ? given : names == null ? like : axes(array, names), names, null);
  }

  /**
   * Opens an array by its metadata alone.
   *
   * @param given the axes the user names; null to take those the metadata names
   * @param nodata the stored value that means "no data"; null to take {@code _FillValue}
   */
  public static ZarrSource open(
      ByteStores stores, String uri, @Nullable Axes given, @Nullable Float nodata)
      throws IOException {
    ZarrArray array = ZarrNodes.open(stores, uri);
    ArrayMetadata metadata = array.metadata();
    List<String> names = metadata.dimensionNames();
    if (names == null) {
      names = ZarrNodes.omeAxes(array);
    }
    Axes axes = given != null ? given : axes(array, names);
    if (!axes.has(Axis.C)) {
      throw new InvalidInputException(
          "Cannot tell the channels of %s: its dimensions are %s; name them with --axes, for example --axes n,y,x,c"
              .formatted(array.uri(), names));
    }
    return of(array, axes, names, nodata);
  }

  private static ZarrSource of(
      ZarrArray array, Axes axes, @Nullable List<String> names, @Nullable Float nodata) {
    ArrayMetadata metadata = array.metadata();
    FeatureShape shape = ArrayInfo.shape(array.uri(), metadata.shape(), axes);
    String sharded = metadata.shard() == null ? "" : ", sharded";
    return new ZarrSource(
        array,
        new ArrayInfo(
            ArrayInfo.Container.ZARR,
            array.uri(),
            "Zarr v" + metadata.format() + sharded,
            axes,
            names != null ? names : axes.order().stream().map(Axis::letter).toList(),
            shape,
            metadata.type(),
            cell(metadata.extent(metadata.chunk(), axes), shape),
            axes.has(Axis.C) ? metadata.chunk()[axes.indexOf(Axis.C)] : 1,
            metadata.describeCodecs(),
            null,
            metadata.identity()),
        dequantisation(metadata.attributes(), nodata, array.uri()));
  }

  /** A chunk, or as much of it as the array has. */
  private static Extent cell(Extent chunk, FeatureShape shape) {
    return new Extent(
        (int) Math.min(chunk.n(), shape.n()),
        (int) Math.min(chunk.y(), shape.y()),
        (int) Math.min(chunk.x(), shape.x()));
  }

  private static Axes axes(ZarrArray array, @Nullable List<String> names) {
    String shape = Arrays.toString(array.shape());
    if (names == null) {
      throw new InvalidInputException(
          "Cannot tell the axes of %s: its shape is %s and it names no dimensions; name them, for example --axes n,y,x,c"
              .formatted(array.uri(), shape));
    }
    List<Axis> order = new ArrayList<>();
    for (String name : names) {
      Axis axis = Axis.ofDimensionName(name);
      if (axis == null || order.contains(axis)) {
        throw new InvalidInputException(
            "Cannot tell the axes of %s: its dimensions are %s and '%s' is %s; name them with --axes, for example --axes n,y,x,c"
                .formatted(
                    array.uri(),
                    names,
                    name,
                    axis == null ? "no axis we know" : "a second " + axis.letter()));
      }
      order.add(axis);
    }
    return new Axes(order);
  }

  private static Dequantisation dequantisation(
      ObjectNode attributes, @Nullable Float nodata, String uri) {
    if (attributes.has("geoemb:quantization")) {
      throw new InvalidInputException(
          "Cannot read %s: its attribute geoemb:quantization is not supported; dequantise it first"
              .formatted(uri));
    }
    Float missing = nodata != null ? nodata : fillValue(attributes.path("_FillValue"));
    return new Dequantisation(
        attributes.path("scale_factor").isNumber()
            ? attributes.path("scale_factor").floatValue()
            : 1,
        attributes.path("add_offset").isNumber() ? attributes.path("add_offset").floatValue() : 0,
        missing);
  }

  /** {@code _FillValue}: a number, or as xarray writes it in v3 the base64 of a float64. */
  private static @Nullable Float fillValue(JsonNode node) {
    if (node.isNumber()) {
      return node.floatValue();
    }
    if (node.asText().equals("NaN")) {
      return Float.NaN;
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(node.asText());
      return bytes.length == Double.BYTES
          ? (Float)
              (float) Elements.doubleAt(bytes, 0, ElementType.FLOAT64, ByteOrder.LITTLE_ENDIAN)
          : null;
    } catch (IllegalArgumentException e) {
      return null; // text, which no number equals
    }
  }

  /** The array beneath, for its companions. */
  public ZarrArray array() {
    return array;
  }

  /** Attributes that are as true of a reduced array: all but those about the stored numbers. */
  public ObjectNode survivingAttributes() {
    return array.metadata().attributes().deepCopy().remove(ABOUT_NUMBERS);
  }

  /** Attributes of the group around the array, without those that name its arrays. */
  public ObjectNode survivingGroupAttributes() throws IOException {
    ObjectNode attributes = ZarrNodes.groupAttributes(array.store(), "");
    return attributes == null ? JsonText.object() : attributes.remove(ABOUT_ARRAYS);
  }

  @Override
  public ArrayInfo info() {
    return info;
  }

  @Override
  public Dequantisation dequantisation() {
    return dequantisation;
  }

  @Override
  public Reader reader() {
    return new ChunkTiles();
  }

  private final class ChunkTiles implements Reader {
    private final List<ChunkReader> readers = new ArrayList<>();
    private final long[] strides = array.metadata().chunkStrides();
    private final long[] constant = new long[strides.length];
    private final Extent chunk = array.metadata().extent(array.metadata().chunk(), info.axes());

    private final Prefetch prefetch = new Prefetch(array.metadata(), array.store());
    private List<Box> expected = List.of();
    private int next; // of the expected
    private int fetched; // of the expected, those before it

    ChunkTiles() {
      ShardIndex.Cache indexes = prefetch.indexes();
      long channelChunks = Grid.ceil(info.shape().c(), info.channelsPerChunk());
      for (long i = 0; i < channelChunks; i++) {
        readers.add(array.chunks(indexes, prefetch));
      }
    }

    @Override
    public void expect(List<Box> cells) {
      expected = array.metadata().shard() != null && array.store().distant() ? cells : List.of();
      next = 0;
      fetched = 0;
    }

    /** Fetches as many of the expected chunks as one request may, if the next is not there yet. */
    private void fetch(Box cell) throws IOException {
      if (next < expected.size() && expected.get(next).equals(cell)) {
        if (next == fetched) {
          prefetch.begin();
          while (fetched < expected.size() && offer(expected.get(fetched))) {
            fetched++;
          }
          prefetch.end();
          fetched = Math.max(fetched, next + 1);
        }
        next++;
      }
    }

    private boolean offer(Box cell) throws IOException {
      long[][] chunks = new long[readers.size()][];
      for (int i = 0; i < chunks.length; i++) {
        chunks[i] = info.axes().position(cell, chunk, i);
      }
      return prefetch.offer(array.path(), chunks);
    }

    @Override
    public Tile read(Box cell) throws IOException {
      fetch(cell);
      List<ChannelBlock> blocks = new ArrayList<>(readers.size());
      long stored = 0;
      boolean missing = true;
      for (int i = 0; i < readers.size(); i++) {
        Slice slice = readers.get(i).read(info.axes().position(cell, chunk, i));
        stored += readers.get(i).storedBytes();
        missing &= slice == null;
        blocks.add(block(slice, i));
      }
      return new Tile(cell, missing ? List.of() : blocks, stored);
    }

    private ChannelBlock block(@Nullable Slice slice, int channelChunk) {
      ArrayMetadata metadata = array.metadata();
      int first = channelChunk * info.channelsPerChunk();
      return ChannelBlock.of(
          slice == null ? metadata.fill() : slice.array(),
          slice == null ? 0 : slice.offset(),
          metadata.type(),
          metadata.byteOrder(),
          info.axes(),
          slice == null ? constant : strides,
          first,
          Math.min(info.channelsPerChunk(), info.shape().c() - first));
    }
  }
}
