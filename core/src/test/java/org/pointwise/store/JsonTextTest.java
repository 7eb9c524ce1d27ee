package org.pointwise.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Tests that JSON has the same bytes on every Java: metadata and fingerprints are hashed. */
class JsonTextTest {
  /** {@link Double#toString} of Java 17 returns 1.9999999999999998E23. */
  @Test
  void writesShortestNumbersInEveryForm() {
    ObjectNode json = JsonText.object().put("large", 2e23).put("narrow", 1.1e10f);
    assertThat(JsonText.line(json)).isEqualTo("{\"large\":2.0E23,\"narrow\":1.1E10}");
    String text = "{\n  \"large\" : 2.0E23,\n  \"narrow\" : 1.1E10\n}";
    assertThat(JsonText.text(json)).isEqualTo(text);
    assertThat(new String(JsonText.bytes(json), StandardCharsets.UTF_8)).isEqualTo(text + "\n");
    assertThat(JsonText.bytesAsPython(json)).isEqualTo(JsonText.bytes(json));
  }

  @Test
  void parsesAndWritesSameLine() {
    String line = "{\"fill\":9.223372036854775E18,\"none\":\"NaN\",\"list\":[1.0E23,1,true,null]}";
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    assertThat(JsonText.line(JsonText.parse(bytes, "a test"))).isEqualTo(line);
  }

  @Test
  void quotesNanOnlyWhereReadersOfJsonNeedIt() {
    ObjectNode json = JsonText.object().put("fill", Double.NaN);
    assertThat(JsonText.line(json)).isEqualTo("{\"fill\":\"NaN\"}");
    assertThat(new String(JsonText.bytesAsPython(json), StandardCharsets.UTF_8))
        .isEqualTo("{\n  \"fill\" : NaN\n}\n");
  }
}
