package org.pointwise;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.job.StoredOutput;
import org.pointwise.store.ByteStores;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsRef;
import org.pointwise.weights.WeightsRef.FileFormat;
import org.pointwise.weights.WeightsRef.KernelLayout;

/** Reads the layers and the stored results of an evaluation. Confined to one thread. */
final class EvaluatedLayers {
  private final EvaluateSpec spec;
  private final ArrayInfo input;
  private final @Nullable String mask;
  private final ByteStores stores;
  private final List<EvaluatedLayer> rows = new ArrayList<>();

  private EvaluatedLayers(
      EvaluateSpec spec, ArrayInfo input, @Nullable String mask, ByteStores stores) {
    this.spec = spec;
    this.input = input;
    this.mask = mask;
    this.stores = stores;
  }

  /**
   * Returns the rows of the table: the layers of the spec, then the stored results.
   *
   * @param input the features
   * @param mask path of their mask; null for none
   * @param output the output with stored results; null for none
   */
  static List<EvaluatedLayer> read(
      EvaluateSpec spec,
      ArrayInfo input,
      @Nullable String mask,
      @Nullable StoredOutput output,
      ByteStores stores)
      throws IOException {
    EvaluatedLayers layers = new EvaluatedLayers(spec, input, mask, stores);
    for (EvaluateSpec.Layer given : spec.layers()) {
      WeightsRef ref = reference(given.weights(), stores);
      PointwiseLayer layer = InputLayers.read(stores, ref, input).layer();
      String name = given.name() == null ? shortName(ref) : given.name();
      layers.add(name, ref.toString(), ref, layer, null);
    }
    if (output != null) {
      for (StoredOutput.Result result : output.results(input)) {
        layers.addStored(output, result);
      }
    }
    return layers.distinct();
  }

  /**
   * Returns the reference with its kernel layout. For .npy weights beside which fit wrote a
   * decoder, the layout is {@link KernelLayout#OI}.
   */
  static WeightsRef reference(WeightsRef given, ByteStores stores) throws IOException {
    if (given.format() != FileFormat.NPY) {
      return given;
    }
    KernelLayout layout = given.kernelLayout();
    if (layout == null) {
      String decoder = given.uri().substring(0, given.uri().lastIndexOf('.')) + ".decoder.npy";
      layout = exists(decoder, stores) ? KernelLayout.OI : null;
    }
    return new WeightsRef(given.uri(), given.name(), given.bias(), given.activation(), layout);
  }

  static boolean exists(String uri, ByteStores stores) throws IOException {
    return stores.open(ByteStores.parent(uri)).size(ByteStores.name(uri)) >= 0;
  }

  private static String shortName(WeightsRef ref) {
    String file = ByteStores.name(ref.uri());
    String stem = file.substring(0, file.lastIndexOf('.'));
    return ref.name() == null ? stem : stem + "#" + ref.name();
  }

  private void add(
      String name,
      String where,
      @Nullable WeightsRef ref,
      PointwiseLayer layer,
      @Nullable ArrayInfo stored)
      throws IOException {
    Map<String, String> recorded = ref == null ? Map.of() : Weights.metadata(stores, ref);
    TrainingRecord training = TrainingRecord.of(recorded, layer.sha256(), input, mask, stores);
    rows.add(new EvaluatedLayer(name, where, ref, layer, recorded, training, stored));
  }

  /** Adds a stored result, with the weights that made it if their file still contains the layer. */
  private void addStored(StoredOutput output, StoredOutput.Result result) throws IOException {
    PointwiseLayer layer = result.layer();
    WeightsRef ref = null;
    for (EvaluatedLayer row : rows) {
      if (row.stored() == null && row.layer().sha256().equals(layer.sha256())) {
        ref = row.ref();
      }
    }
    if (ref == null) {
      ref = recorded(result.head().weights(), layer);
    }
    String name = ByteStores.name(output.uri());
    add(
        output.heads() > 1 ? name + "/" + result.head().name() : name,
        result.array().uri(),
        ref,
        layer,
        result.array());
  }

  /** Returns the weights of a record; null if the file does not contain the layer any more. */
  private @Nullable WeightsRef recorded(String text, PointwiseLayer layer) {
    try {
      WeightsRef given = WeightsRef.parse(text);
      if (!exists(given.uri(), stores)) {
        return null;
      }
      WeightsRef ref = reference(given, stores);
      String sha256 = Weights.read(stores, ref, layer.inChannels()).layer().sha256();
      return sha256.equals(layer.sha256()) ? ref : null;
    } catch (InvalidInputException | IOException e) {
      return null; // replaced by a file of another kind, or out of reach
    }
  }

  /** Returns the rows. Rows with the same name are named by their files and arrays. */
  private List<EvaluatedLayer> distinct() {
    List<EvaluatedLayer> named = new ArrayList<>();
    for (EvaluatedLayer row : rows) {
      boolean alone = rows.stream().filter(other -> other.name().equals(row.name())).count() == 1;
      named.add(alone ? row : row.named(row.where()));
    }
    if (named.stream().map(EvaluatedLayer::name).distinct().count() < named.size()) {
      throw new InvalidInputException(
          "Cannot evaluate %s: some layers are given twice; give each once, or NAME=FILE"
              .formatted(spec.layers().stream().map(layer -> layer.weights().toString()).toList()));
    }
    return List.copyOf(named);
  }
}
