package org.pointwise;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.format.Bands;
import org.pointwise.format.Companions;
import org.pointwise.store.JsonText;

/** The metadata by which the file of a layer describes the channels that the layer selects. */
final class SelectedBands {
  /**
   * A JSON list with an object for each output: {@code channel}, the index of the input channel,
   * and, where the input described it, {@code name}, {@code wavelength} and {@code units}.
   */
  static final String NAME = "selected";

  private SelectedBands() {}

  /**
   * Returns the metadata of a layer; null if its outputs are not input channels.
   *
   * @param input the companions of the input that the layer was fitted on
   */
  static @Nullable String of(PointwiseLayer layer, Companions input) {
    ArrayNode described = list(layer, input);
    return described == null ? null : described.toString();
  }

  /** Returns the same as JSON. */
  static @Nullable ArrayNode list(PointwiseLayer layer, Companions input) {
    List<Integer> channels = layer.selection();
    if (channels == null) {
      return null;
    }
    Bands bands = Bands.of(input).chosen(channels);
    ArrayNode described = JsonText.object().putArray(NAME);
    for (int out = 0; out < channels.size(); out++) {
      ObjectNode channel = described.addObject().put("channel", channels.get(out));
      if (!bands.names().isEmpty()) {
        channel.put("name", bands.names().get(out));
      }
      if (!bands.wavelengths().isEmpty()) {
        channel.put("wavelength", new BigDecimal(bands.wavelengths().get(out)));
        if (!bands.units().isEmpty()) {
          channel.put("units", bands.units());
        }
      }
    }
    return described;
  }
}
