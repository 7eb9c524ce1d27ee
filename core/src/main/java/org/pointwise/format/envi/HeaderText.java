package org.pointwise.format.envi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.pointwise.format.Bands;
import org.pointwise.format.Companions;
import org.pointwise.format.OutputTarget;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ElementType;

/**
 * The headers of the cubes of an output. They differ only in the size of the cube.
 *
 * @param place the fields that describe the geographic position of the pixels
 * @param channels the fields that describe the bands, one line each
 */
record HeaderText(
    Interleave interleave, int bands, ElementType type, ObjectNode place, String channels) {
  /** The ENVI codes of the element types that cubes of features may have. */
  static final Map<ElementType, Integer> TYPES =
      Map.of(ElementType.FLOAT32, 4, ElementType.FLOAT64, 5);

  /** Fields that also apply to another cube with the same lines and samples. */
  private static final List<String> PLACE =
      List.of("map info", "projection info", "coordinate system string");

  /** A list in braces, without braces or line breaks inside. */
  private static final String LIST = "\\{[^{}\\r\\n]*\\}";

  /**
   * @param companions the companions of the input, which may contain the geographic position and
   *     the names of its bands
   */
  static HeaderText of(OutputTarget target, Companions companions) {
    ObjectNode place = JsonText.object();
    for (String key : PLACE) {
      JsonNode value = companions.attributes().path(key);
      if (value.isTextual() && value.asText().matches(LIST)) {
        place.set(key, value);
      }
    }
    return new HeaderText(
        Objects.requireNonNull(Interleave.of(target.layout().axes())),
        target.shape().c(),
        target.quantisation().type(),
        place,
        target.chosen() == null
            ? ""
            : HeaderBands.text(Bands.of(companions).chosen(target.chosen())));
  }

  /** Returns, as attributes, the fields of a header that describe the position of its pixels. */
  static ObjectNode place(Map<String, String> fields) {
    ObjectNode place = JsonText.object();
    PLACE.stream().filter(fields::containsKey).forEach(key -> place.put(key, fields.get(key)));
    return place;
  }

  /** Returns the header of a cube that holds {@code box}. */
  byte[] of(Box box) {
    StringBuilder text =
        new StringBuilder(
            """
            ENVI
            samples = %d
            lines = %d
            bands = %d
            header offset = 0
            file type = ENVI Standard
            data type = %d
            interleave = %s
            byte order = 0
            data ignore value = NaN
            """
                .formatted(box.x(), box.y(), bands, TYPES.get(type), interleave));
    for (String key : PLACE) {
      if (place.has(key)) {
        text.append(key).append(" = ").append(place.path(key).asText()).append('\n');
      }
    }
    text.append(channels);
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }
}
