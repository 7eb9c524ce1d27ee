package org.pointwise.learn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;

/**
 * Rotates a new basis towards an old one, so that the channels of a newly fitted layer have the
 * same meaning as those of the previous layer.
 *
 * <p>The rotation R minimises E|R·y_new − y_old|²: the orthogonal Procrustes solution (Schönemann
 * 1966), R = U·Vᵀ of the singular value decomposition of W_old·C·W_newᵀ with the pixels' covariance
 * C. The rotated layer preserves the same variance; principal components are then no longer in
 * descending order.
 */
public final class Procrustes {
  private Procrustes() {}

  /**
   * Returns the new layer, rotated.
   *
   * @param moments of the pixels, for bias and decoder
   * @throws InvalidInputException when the layers' numbers of channels differ
   */
  public static LearnedLayer align(
      LearnedLayer learned, PointwiseLayer reference, Moments moments) {
    PointwiseLayer layer = learned.layer();
    if (reference.inChannels() != layer.inChannels()
        || reference.outChannels() != layer.outChannels()) {
      throw new InvalidInputException(
          "Cannot align: the old layer is %d → %d but the new one %d → %d; align layers of the same channels"
              .formatted(
                  reference.inChannels(),
                  reference.outChannels(),
                  layer.inChannels(),
                  layer.outChannels()));
    }
    double[][] w = LinearDecoder.weights(layer);
    double[][] target = LinearDecoder.weights(reference);
    LinearAlgebra.Svd svd =
        LinearAlgebra.svd(
            LinearAlgebra.multiply(
                LinearAlgebra.multiply(
                    target, LinearAlgebra.rows(moments.covarianceMatrix(), layer.inChannels())),
                LinearAlgebra.transpose(w)));
    double[][] rotation = LinearAlgebra.multiply(svd.u(), svd.vt());
    PointwiseLayer aligned =
        LinearDecoder.centred(LinearAlgebra.multiply(rotation, w), moments.mean());
    Map<String, String> metadata = new LinkedHashMap<>(learned.metadata());
    double[] angles = angles(aligned, reference);
    metadata.put("alignedTo", reference.sha256());
    metadata.put("largestPrincipalAngle", LearnedLayer.text(angles[angles.length - 1]));
    metadata.put("meanPrincipalAngle", LearnedLayer.text(mean(angles)));
    List<String> warnings = new ArrayList<>(learned.warnings());
    return new LearnedLayer(
        aligned, LinearDecoder.leastSquares(aligned, moments), null, metadata, warnings);
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  /**
   * Returns the principal angles between the row spaces of two layers, smallest first, in radians
   * (Björck and Golub 1973): large angles by cosine, small angles by sine.
   */
  public static double[] angles(PointwiseLayer a, PointwiseLayer b) {
    double[][] qa = LinearAlgebra.svd(LinearDecoder.weights(a)).vt();
    double[][] qb = LinearAlgebra.svd(LinearDecoder.weights(b)).vt();
    double[][] product = LinearAlgebra.multiply(qa, LinearAlgebra.transpose(qb));
    LinearAlgebra.Svd cosines = LinearAlgebra.svd(product);
    double[][] rest = LinearAlgebra.multiply(LinearAlgebra.transpose(product), qa);
    for (int i = 0; i < rest.length; i++) {
      for (int c = 0; c < rest[i].length; c++) {
        rest[i][c] = qb[i][c] - rest[i][c];
      }
    }
    double[] sines = LinearAlgebra.svd(rest).s();
    double[] angles = new double[cosines.s().length];
    for (int k = 0; k < angles.length; k++) {
      double cosine = Math.min(1, cosines.s()[k]);
      double sine = Math.min(1, sines[sines.length - 1 - k]);
      angles[k] = cosine > Math.sqrt(0.5) ? Math.asin(sine) : Math.acos(cosine);
    }
    return angles;
  }
}
