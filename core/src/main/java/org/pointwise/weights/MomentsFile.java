package org.pointwise.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.Moments;
import org.pointwise.learn.MomentsTree.Node;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Hashes;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.UpperTriangle;

/**
 * Reads and writes moments as safetensors files. A file contains, for each node, the groups' {@code
 * labels}, {@code counts}, {@code means} and {@code co_moments} (the upper triangle of Σ(x −
 * mean)(x − mean)ᵀ, row-major), the channels' {@code least} (minimum), {@code most} (maximum),
 * {@code zeros} and {@code non_finite}, and {@code left_out} (numbers of nodata pixels and of
 * pixels that are not finite). The metadata {@code products} is {@code float64} where the products
 * of all pixels were summed in float64, and missing otherwise. An artefact has one node; the file
 * of a unit has one for each unmerged node of its tree.
 */
public final class MomentsFile {
  private static final String FORMAT = "pointwise_moments";
  private static final String VERSION = "1";
  private static final String NODES = "nodes";
  private static final String PRODUCTS = "products";

  private MomentsFile() {}

  /** Returns the bytes of a file, which are identical for the same nodes and metadata. */
  public static byte[] encode(List<Node> nodes, Map<String, String> metadata) {
    List<Safetensors.Named> tensors = new ArrayList<>();
    StringBuilder places = new StringBuilder();
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      places.append(i == 0 ? "" : " ").append(node.level()).append(':').append(node.index());
      addTo(tensors, nodes.size() == 1 ? "" : i + ".", node.moments());
    }
    Map<String, String> recorded = new LinkedHashMap<>();
    recorded.put(FORMAT, VERSION);
    recorded.put(NODES, places.toString());
    long pixels = nodes.stream().mapToLong(node -> node.moments().count()).sum();
    if (pixels > 0 && nodes.stream().allMatch(node -> node.moments().isInFloat64())) {
      recorded.put(PRODUCTS, ElementType.FLOAT64.toString());
    }
    recorded.putAll(metadata);
    return Safetensors.encode(tensors, recorded);
  }

  private static void addTo(
      List<Safetensors.Named> tensors, String prefix, FeatureMoments featureMoments) {
    SortedMap<Integer, Moments> groups = featureMoments.groups();
    int channels = featureMoments.channels();
    int size = UpperTriangle.length(channels);
    long[] labels = groups.keySet().stream().mapToLong(Integer::longValue).toArray();
    long[] counts = groups.values().stream().mapToLong(Moments::count).toArray();
    double[] means = new double[Math.multiplyExact(labels.length, channels)];
    double[] coMoments = new double[Math.multiplyExact(labels.length, size)];
    int g = 0;
    for (Moments moments : groups.values()) {
      System.arraycopy(moments.mean(), 0, means, g * channels, channels);
      System.arraycopy(moments.coMoments(), 0, coMoments, g * size, size);
      g++;
    }
    long[] leftOut = {featureMoments.masked(), featureMoments.nonFinitePixels()};
    tensors.add(Safetensors.Named.of(prefix + "labels", labels, g));
    tensors.add(Safetensors.Named.of(prefix + "counts", counts, g));
    tensors.add(Safetensors.Named.of(prefix + "left_out", leftOut, 2));
    tensors.add(Safetensors.Named.of(prefix + "zeros", featureMoments.zeros(), channels));
    tensors.add(Safetensors.Named.of(prefix + "non_finite", featureMoments.nonFinite(), channels));
    tensors.add(Safetensors.Named.of(prefix + "least", featureMoments.min(), channels));
    tensors.add(Safetensors.Named.of(prefix + "most", featureMoments.max(), channels));
    tensors.add(Safetensors.Named.of(prefix + "means", means, g, channels));
    tensors.add(Safetensors.Named.of(prefix + "co_moments", coMoments, g, size));
  }

  /** The contents of a file. */
  public record Contents(List<Node> nodes, Safetensors file) {
    /** Returns the metadata entry {@code name}; null where it is missing. */
    public @Nullable String recorded(String name) {
      return file.recorded(name);
    }

    /** Returns the moments of an artefact. */
    public FeatureMoments moments() {
      return nodes.get(0).moments();
    }
  }

  /**
   * Reads an artefact.
   *
   * @throws InvalidInputException when the file is not one, or is damaged
   */
  public static Contents read(ByteStores stores, String uri) throws IOException {
    ByteStore store = stores.open(ByteStores.parent(uri));
    try {
      return read(store, ByteStores.name(uri));
    } catch (ByteStore.TruncatedException e) {
      throw new CorruptDataException(
          "Cannot read moments %s: the file is truncated (%s); restore it"
              .formatted(uri, e.getMessage()),
          e);
    }
  }

  /** Reads a file that {@link #encode} created. */
  public static Contents read(ByteStore store, String key) throws IOException {
    Safetensors file = Safetensors.open(store, key);
    String where = ByteStore.join(store.uri(), key);
    String places = file.recorded(NODES);
    if (!VERSION.equals(file.recorded(FORMAT)) || places == null) {
      throw new InvalidInputException(
          "Cannot read moments %s: it is no file of 'pointwise moments' (format %s, %s is read)"
              .formatted(where, file.recorded(FORMAT), VERSION));
    }
    List<Node> nodes = new ArrayList<>();
    for (String place : places.isEmpty() ? new String[0] : places.split(" ", -1)) {
      String[] parts = place.split(":", -1);
      String prefix = places.indexOf(' ') < 0 ? "" : nodes.size() + ".";
      try {
        nodes.add(
            new Node(
                Integer.parseInt(parts[0]), Long.parseLong(parts[1]), read(file, prefix, where)));
      } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
        throw new CorruptDataException(
            "Cannot read moments %s: its nodes are '%s'; restore the file".formatted(where, places),
            e);
      }
    }
    return new Contents(nodes, file);
  }

  private static FeatureMoments read(Safetensors file, String prefix, String where)
      throws IOException {
    int channels = length(file, prefix + "zeros", where);
    int groups = length(file, prefix + "labels", where);
    int size = UpperTriangle.length(channels);
    long[] labels = file.longs(prefix + "labels", groups);
    long[] counts = file.longs(prefix + "counts", groups);
    double[] means = file.doubles(prefix + "means", (long) groups * channels);
    double[] coMoments = file.doubles(prefix + "co_moments", (long) groups * size);
    FeatureMoments moments =
        new FeatureMoments(
            channels,
            file.doubles(prefix + "least", channels),
            file.doubles(prefix + "most", channels),
            file.longs(prefix + "zeros", channels),
            file.longs(prefix + "non_finite", channels));
    long[] leftOut = file.longs(prefix + "left_out", 2);
    moments.addLeftOut(leftOut[0], leftOut[1]);
    for (int g = 0; g < groups; g++) {
      double[] mean = new double[channels];
      double[] triangle = new double[size];
      System.arraycopy(means, g * channels, mean, 0, channels);
      System.arraycopy(coMoments, g * size, triangle, 0, size);
      moments.groups().put((int) labels[g], new Moments(channels, counts[g], mean, triangle));
    }
    boolean float64 = ElementType.FLOAT64.toString().equals(file.recorded(PRODUCTS));
    moments.addInFloat64(float64 ? moments.count() : 0);
    return moments;
  }

  private static int length(Safetensors file, String name, String where) {
    Safetensors.Tensor tensor = file.tensors().get(name);
    if (tensor == null || tensor.shape().length != 1 || tensor.shape()[0] > 1 << 16) {
      throw new CorruptDataException(
          "Cannot read moments %s: it has no list '%s'; restore the file".formatted(where, name));
    }
    return (int) tensor.shape()[0];
  }

  /**
   * Returns the SHA-256, in hex, of labels, counts, means and co-moments. It identifies the pixels
   * seen, wherever they are stored.
   */
  public static String sha256(FeatureMoments found) {
    Hashes.Digest digest = new Hashes.Digest();
    for (Map.Entry<Integer, Moments> group : found.groups().entrySet()) {
      Moments moments = group.getValue();
      digest.add(ByteBuffer.allocate(4).putInt(0, group.getKey()));
      digest.add(ByteBuffer.allocate(8).putLong(0, moments.count()));
      digest.add(moments.mean());
      digest.add(moments.coMoments());
    }
    return digest.hex();
  }
}
