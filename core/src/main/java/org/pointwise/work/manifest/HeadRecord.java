package org.pointwise.work.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.pointwise.conv.Normalisation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.plan.Head;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.JsonText;

/**
 * The record of the layer that made an array.
 *
 * @param name name of the array
 * @param weights file of the weights, and the name within it
 * @param weightsSha256 hash of the layer; empty where it is not recorded
 * @param normalise normalisation over all outputs of a pixel; empty for none
 * @param layerEnds where the layer ends in its graph; empty where nothing follows
 * @param decoderOf as {@link Head#decoderOf}
 */
public record HeadRecord(
    String name,
    String weights,
    String weightsSha256,
    int inChannels,
    int outChannels,
    String activation,
    String normalise,
    String layerEnds,
    String decoderOf) {

  /** The record of a head. */
  public static HeadRecord of(Head head) {
    PointwiseLayer layer = head.layer();
    return new HeadRecord(
        head.name(),
        head.source(),
        layer.sha256(),
        layer.inChannels(),
        layer.outChannels(),
        layer.activation().toString(),
        layer.normalisation() == Normalisation.NONE ? "" : layer.normalisation().toString(),
        head.ends().isEmpty() ? "" : "before " + head.ends(),
        head.decoderOf());
  }

  /**
   * Returns the command that makes arrays of these heads: {@code reduce} or {@code reconstruct}.
   */
  public static String command(List<HeadRecord> heads) {
    return heads.stream().allMatch(head -> head.decoderOf().isEmpty()) ? "reduce" : "reconstruct";
  }

  /** The records of all heads of a plan, in their order. */
  public static List<HeadRecord> all(ReducePlan plan) {
    return plan.spec().heads().stream().map(HeadRecord::of).toList();
  }

  static HeadRecord of(JsonNode json) {
    return new HeadRecord(
        json.path(Keys.NAME).asText(),
        json.path(Keys.WEIGHTS).asText(),
        json.path(Keys.WEIGHTS_SHA256).asText(),
        json.path(Keys.IN_CHANNELS).asInt(),
        json.path(Keys.OUT_CHANNELS).asInt(),
        json.path(Keys.ACTIVATION).asText(),
        json.path(Keys.NORMALISE).asText(),
        json.path(Keys.LAYER_ENDS).asText(),
        json.path(Keys.DECODER_OF).asText());
  }

  /** The heads of a record. */
  static List<HeadRecord> read(JsonNode record) {
    List<HeadRecord> heads = new ArrayList<>();
    record.path(Keys.HEADS).forEach(head -> heads.add(of(head)));
    return heads;
  }

  static void put(ObjectNode record, List<HeadRecord> heads) {
    heads.stream().map(HeadRecord::json).forEach(record.putArray(Keys.HEADS)::add);
  }

  /** Adds the heads of a plan to its report, and the decoder of a reconstruction. */
  public static void putInReport(ObjectNode report, ReducePlan plan) {
    List<HeadRecord> heads = all(plan);
    put(report, heads);
    for (HeadRecord head : heads) {
      if (!head.decoderOf.isEmpty()) {
        report.put("decoder", head.weights);
      }
    }
  }

  /** The JSON form of this record. */
  public ObjectNode json() {
    ObjectNode json =
        JsonText.object()
            .put(Keys.NAME, name)
            .put(Keys.WEIGHTS, weights)
            .put(Keys.WEIGHTS_SHA256, weightsSha256)
            .put(Keys.IN_CHANNELS, inChannels)
            .put(Keys.OUT_CHANNELS, outChannels)
            .put(Keys.ACTIVATION, activation);
    if (!normalise.isEmpty()) {
      json.put(Keys.NORMALISE, normalise);
    }
    if (!layerEnds.isEmpty()) {
      json.put(Keys.LAYER_ENDS, layerEnds);
    }
    if (!decoderOf.isEmpty()) {
      json.put(Keys.DECODER_OF, decoderOf);
    }
    return json;
  }

  /** A layer with the normalisation of this one. */
  public PointwiseLayer normalised(PointwiseLayer layer) {
    return normalise.isEmpty()
        ? layer
        : layer.withNormalisation(Normalisation.valueOf(normalise.toUpperCase(Locale.ROOT)));
  }
}
