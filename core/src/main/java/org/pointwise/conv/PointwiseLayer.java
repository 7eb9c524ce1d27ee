package org.pointwise.conv;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;

/**
 * One 1×1 convolution: at every pixel {@code out[o] = activation(bias[o] + Σ_i weights[o][i] ·
 * in[i])}, followed by a {@link Normalisation} over all outputs of the pixel.
 *
 * <p>Immutable and thread-safe. This class is not a record because a record would expose its arrays
 * and compare them by identity.
 */
public final class PointwiseLayer {
  private final int inChannels;
  private final float[] weights; // [outChannels][inChannels]
  private final float[] bias; // [outChannels]
  private final Activation activation;
  private final Normalisation normalisation;

  private PointwiseLayer(
      int inChannels,
      float[] weights,
      float[] bias,
      Activation activation,
      Normalisation normalisation) {
    this.inChannels = inChannels;
    this.weights = weights;
    this.bias = bias;
    this.activation = activation;
    this.normalisation = normalisation;
  }

  /**
   * Makes a layer of {@code bias.length} outputs, without normalisation.
   *
   * @param weights [outChannels][inChannels], row-major; copied
   * @throws InvalidInputException if the sizes do not match or a parameter is not finite
   */
  public static PointwiseLayer of(float[] weights, float[] bias, Activation activation) {
    if (bias.length == 0 || weights.length == 0 || weights.length % bias.length != 0) {
      throw new InvalidInputException(
          "Cannot make a layer: %s not divide among %s; the kernel must be F′×F"
              .formatted(
                  Count.of(weights.length, "weight does", "weights do"),
                  Count.of(bias.length, "output")));
    }
    requireSlopes(activation, bias.length);
    requireFinite(weights, "weights");
    requireFinite(bias, "bias");
    return new PointwiseLayer(
        weights.length / bias.length,
        weights.clone(),
        bias.clone(),
        activation,
        Normalisation.NONE);
  }

  private static void requireSlopes(Activation activation, int outChannels) {
    float[] slopes = activation.slopes();
    if (slopes != null && slopes.length != outChannels) {
      throw new InvalidInputException(
          "Cannot make a layer: its activation has %s but the layer has %s; repair the weights file"
              .formatted(Count.of(slopes.length, "slope"), Count.of(outChannels, "output")));
    }
  }

  private static void requireFinite(float[] values, String name) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new InvalidInputException(
            "Cannot make a layer: %s[%d] is %s but must be finite; repair the weights file"
                .formatted(name, i, values[i]));
      }
    }
  }

  public int inChannels() {
    return inChannels;
  }

  public int outChannels() {
    return bias.length;
  }

  public Activation activation() {
    return activation;
  }

  public Normalisation normalisation() {
    return normalisation;
  }

  public float weight(int out, int in) {
    return weights[out * inChannels + in];
  }

  public float bias(int out) {
    return bias[out];
  }

  /** Returns a copy, [outChannels][inChannels]. */
  public float[] weights() {
    return weights.clone();
  }

  /** Returns a copy, [outChannels]. */
  public float[] bias() {
    return bias.clone();
  }

  /**
   * Returns the input channel of each output if every output is one input channel plus its bias;
   * null if not. The bias, by which learned layers subtract the mean, does not change which channel
   * an output is.
   */
  public @Nullable List<Integer> selection() {
    if (activation != Activation.NONE || normalisation != Normalisation.NONE) {
      return null;
    }
    List<Integer> chosen = new ArrayList<>();
    for (int out = 0; out < bias.length; out++) {
      int selected = -1;
      for (int in = 0; in < inChannels; in++) {
        float weight = weight(out, in);
        if (weight == 1 && selected < 0) {
          selected = in;
        } else if (weight != 0) {
          return null;
        }
      }
      if (selected < 0) {
        return null;
      }
      chosen.add(selected);
    }
    return chosen;
  }

  public PointwiseLayer withActivation(Activation other) {
    requireSlopes(other, bias.length);
    return new PointwiseLayer(inChannels, weights, bias, other, normalisation);
  }

  public PointwiseLayer withNormalisation(Normalisation other) {
    return new PointwiseLayer(inChannels, weights, bias, activation, other);
  }

  /**
   * Returns the SHA-256, in hex, of activation, normalisation (if there is one), sizes, weights,
   * bias and slopes (if there are any). Sizes are little-endian int32, the other numbers
   * little-endian float32.
   */
  public String sha256() {
    float[] given = activation.slopes();
    float[] slopes = given == null ? new float[0] : given;
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + 4 * (weights.length + bias.length + slopes.length))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(outChannels()).putInt(inChannels);
    bytes.asFloatBuffer().put(weights).put(bias).put(slopes);
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      String follows = activation + normalisationText();
      digest.update(follows.getBytes(StandardCharsets.US_ASCII));
      digest.update(bytes.array());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every JDK has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return "%d → %d%s%s"
        .formatted(
            inChannels,
            outChannels(),
            activation == Activation.NONE ? "" : " + " + activation,
            normalisationText());
  }

  private String normalisationText() {
    return normalisation == Normalisation.NONE ? "" : " + " + normalisation;
  }
}
