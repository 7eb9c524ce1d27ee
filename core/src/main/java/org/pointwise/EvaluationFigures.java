package org.pointwise;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Objects;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Subset;
import org.pointwise.learn.ConfusionMatrix;
import org.pointwise.learn.EvaluationSums;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.Network.Gradient;
import org.pointwise.plan.EvaluationPlan;

/** Computes the figures of a report from sums over held-out pixels. */
final class EvaluationFigures {
  private final FeatureMoments moments;
  private final ArrayInfo input;

  /**
   * @param moments moments of the held-out pixels
   * @param input the features
   */
  EvaluationFigures(FeatureMoments moments, ArrayInfo input) {
    this.moments = moments;
    this.input = input;
  }

  /** Writes the description and the figures of the evaluated layer. */
  void describe(ObjectNode to, EvaluatedLayer layer, EvaluationSums sums) {
    to.put("method", layer.method())
        .put("inChannels", layer.layer().inChannels())
        .put("outChannels", layer.layer().outChannels())
        .put("activation", layer.layer().activation().toString())
        .put("sha256", layer.layer().sha256());
    putSelection(to, layer.layer());
    put(to, sums);
    if (layer.stored() != null) {
      to.put("dtype", layer.stored().type().toString()).put("lostPixels", sums.lost());
      return;
    }
    double lost = sums.halfSquaredError();
    to.putObject("float16")
        .put("relativeError", Math.sqrt(lost / sums.squared()))
        .put("explainedVariance", explained(lost, sums))
        .put("psnr", psnr(lost, sums))
        .put("overflowedValues", sums.overflowed());
  }

  /**
   * Writes how many of the measured pixels lie in tiles that the layer was fitted on.
   *
   * @return whether it is known that none do
   */
  static boolean putTraining(ObjectNode to, EvaluatedLayer layer, EvaluationSums sums) {
    long pixels = sums.trainingPixels();
    if (layer.training().tiles() == null) {
      to.put("trainingTiles", TrainingRecord.UNKNOWN_COUNT)
          .put("notKnown", layer.training().unknownReason());
      return false;
    }
    to.put("trainingTiles", pixels == 0 ? "none" : pixels < sums.pixels() ? "some" : "all");
    to.put("trainingPixels", pixels);
    to.put("recognisedBySample", layer.training().sampled());
    return pixels == 0;
  }

  /** Writes the channels of the input that a layer selects, if it selects some. */
  void putSelection(ObjectNode to, PointwiseLayer layer) {
    List<Integer> selection = layer.selection();
    if (selection != null) {
      Subset subset = input.subset();
      ArrayNode channels = to.putArray("selectedChannels");
      selection.forEach(
          index -> channels.add(subset == null ? index : subset.channels().get(index)));
    }
  }

  /** Writes the figures of any candidate. */
  void put(ObjectNode to, EvaluationSums sums) {
    double error = sums.squaredError();
    to.put("explainedVariance", explained(error, sums))
        .put("relativeError", Math.sqrt(error / sums.squared()))
        .put("psnr", psnr(error, sums))
        .put("psnrPeak", peak());
    to.putObject("cosine")
        .put("mean", sums.meanCosine())
        .put("p1", sums.cosineQuantile(0.01))
        .put("least", sums.minCosine());
    long[] at = sums.worstBlock();
    to.putObject("worstBlock")
        .put("relativeError", sums.worstBlockError())
        .put("n", at[0])
        .put("y", at[1])
        .put("x", at[2]);
  }

  private double explained(double error, EvaluationSums sums) {
    return 1 - error / sums.pixels() / moments.overall().totalVariance();
  }

  /** Returns the PSNR in dB. The peak is the largest range of a channel. */
  private double psnr(double error, EvaluationSums sums) {
    double mean = error / sums.pixels() / moments.channels();
    return 10 * Math.log10(peak() * peak() / mean);
  }

  private double peak() {
    double peak = 0;
    for (int c = 0; c < moments.channels(); c++) {
      peak = Math.max(peak, moments.max()[c] - moments.min()[c]);
    }
    return peak;
  }

  /** Writes the histograms of the first channels of the layer. */
  static void histograms(ArrayNode to, EvaluationPlan plan, EvaluationSums sums) {
    for (int h = 0; h < plan.centres().length; h++) {
      ObjectNode histogram = to.addObject().put("channel", h);
      histogram.put("from", plan.centres()[h] - plan.spreads()[h]);
      histogram.put("to", plan.centres()[h] + plan.spreads()[h]);
      ArrayNode counts = histogram.putArray("counts");
      for (double count : Objects.requireNonNull(sums.histogram(h))) {
        counts.add((long) count);
      }
    }
  }

  /** Writes the figures of a probe. */
  static void put(ObjectNode to, Gradient sums) {
    double[][] confusion = sums.confusion();
    to.put("accuracy", ConfusionMatrix.accuracy(confusion))
        .put("meanIou", ConfusionMatrix.meanIou(confusion))
        .put("pixels", (long) sums.count());
    ArrayNode ious = to.putArray("iou");
    ArrayNode rows = to.putArray("confusion");
    for (int label = 0; label < confusion.length; label++) {
      double iou = ConfusionMatrix.iou(confusion, label);
      if (Double.isNaN(iou)) {
        ious.addNull();
      } else {
        ious.add(iou);
      }
      ArrayNode row = rows.addArray();
      for (double count : confusion[label]) {
        row.add((long) count);
      }
    }
  }
}
