package pointwise.ml;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.FitMethod;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.LearnedLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsRef;
import org.pointwise.weights.WeightsWriter;

/**
 * A layer as a weights file holds it. Immutable.
 *
 * @param decoder F′ → F; null if the file has none
 * @param head F′ → classes; null if the file has none or is not of the method {@code bottleneck}
 * @param metadata the description of the fit; empty for other files
 */
record SavedLayer(
    PointwiseLayer layer,
    @Nullable PointwiseLayer decoder,
    @Nullable PointwiseLayer head,
    Map<String, String> metadata) {
  private static final String FILE = "weights.safetensors";

  /** Returns the weights file in the folder of a saved model, whose name is taken literally. */
  static WeightsRef inFolder(String folder) {
    return new WeightsRef(folder + "/" + FILE, null, null, null, null);
  }

  static SavedLayer of(LearnedLayer learned, FeatureMoments moments) {
    Map<String, String> metadata = new LinkedHashMap<>(learned.metadata());
    metadata.put("nullRows", String.valueOf(moments.masked()));
    metadata.put("nonFiniteRows", String.valueOf(moments.nonFinitePixels()));
    metadata.put("sha256", learned.layer().sha256());
    return new SavedLayer(learned.layer(), learned.decoder(), learned.head(), metadata);
  }

  /**
   * Reads a layer.
   *
   * @throws InvalidInputException if it cannot be read, or is a square matrix of an npy file whose
   *     layout is not given
   */
  static SavedLayer read(ByteStores stores, WeightsRef ref) {
    try {
      PointwiseLayer layer = Weights.read(stores, ref, 0).layer();
      if (layer.inChannels() == layer.outChannels() && layer.inChannels() > 1) {
        layer = Weights.read(stores, ref, layer.inChannels()).layer(); // refuses two readings
      }
      if (ref.name() != null) {
        return new SavedLayer(layer, null, null, Map.of());
      }
      Map<String, String> metadata = Weights.metadata(stores, ref);
      // Other networks may name other layers so.
      boolean hasHead = FitMethod.BOTTLENECK.toString().equals(metadata.get("method"));
      return new SavedLayer(
          layer,
          Weights.companion(stores, ref, Weights.DECODER),
          hasHead ? Weights.companion(stores, ref, Weights.HEAD) : null,
          metadata);
    } catch (InvalidInputException e) {
      throw Wording.ofSparkMl(e);
    } catch (IOException e) {
      throw new InvalidInputException("Cannot read weights %s: %s".formatted(ref, e), e);
    }
  }

  /** Checks that writing replaces and deletes no file. */
  static void requireFree(ByteStores stores, String uri) {
    try {
      for (String file : WeightsWriter.files(uri)) {
        if (stores.open(ByteStores.parent(file)).size(ByteStores.name(file)) >= 0) {
          throw new InvalidInputException(
              "Cannot write %s: %s; choose another name, or replace it on purpose (replaceWeights; in Python overwrite=True)"
                  .formatted(uri, file.equals(uri) ? "it exists" : file + " exists"));
        }
      }
    } catch (IOException e) {
      throw unwritable(uri, e);
    }
  }

  /**
   * Writes the layer, its decoder and its head; replaces existing files.
   *
   * @throws InvalidInputException if that fails, or the format holds no activation
   */
  void write(ByteStores stores, String uri) {
    boolean isNpy = WeightsRef.FileFormat.of(uri) == WeightsRef.FileFormat.NPY;
    if (isNpy && layer.activation() != Activation.NONE) {
      throw new InvalidInputException(
          "Cannot write %s: an .npy file holds no activation, but the layer has %s; write .safetensors or .onnx"
              .formatted(uri, layer.activation()));
    }
    try {
      Map<String, PointwiseLayer> companions = new LinkedHashMap<>();
      if (decoder != null) {
        companions.put(Weights.DECODER, decoder);
      }
      if (head != null) {
        companions.put(Weights.HEAD, head);
      }
      WeightsWriter.write(stores, uri, layer, companions, metadata);
    } catch (IOException e) {
      throw unwritable(uri, e);
    }
  }

  private static InvalidInputException unwritable(String uri, IOException e) {
    return new InvalidInputException("Cannot write weights %s: %s".formatted(uri, e), e);
  }

  /**
   * Returns the part of the variance that each output holds; null if the file does not state it.
   */
  double @Nullable [] explainedVariance() {
    String parts = metadata.get("explainedVarianceByChannel");
    if (parts == null) {
      return null;
    }
    String[] texts = parts.split(" ", -1);
    double[] explained = new double[texts.length];
    for (int i = 0; i < explained.length; i++) {
      try {
        explained[i] = Double.parseDouble(texts[i]);
      } catch (NumberFormatException e) {
        return null; // not written by this software
      }
    }
    return explained;
  }
}
