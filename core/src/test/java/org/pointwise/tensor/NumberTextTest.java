package org.pointwise.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests numbers that Java's own parser does not accept. */
class NumberTextTest {
  @Test
  void parsesNanAndInfinityInAnyCase() {
    for (String text : List.of("nan", "NaN", "NAN", "+nan", "-nan", " nan ")) {
      assertThat(NumberText.parseFloat(text)).isNaN();
      assertThat(NumberText.parseDouble(text)).isNaN();
    }
    for (String text : List.of("inf", "+Inf", "INFINITY", "Infinity")) {
      assertThat(NumberText.parseDouble(text)).isEqualTo(Double.POSITIVE_INFINITY);
      assertThat(NumberText.parseFloat("-" + text.replace("+", "")))
          .isEqualTo(Float.NEGATIVE_INFINITY);
    }
  }

  @Test
  void parsesOtherNumbersLikeJava() {
    // Rounding to double first would give the midpoint of two float32 numbers.
    String text = "1.00000017881393432617187499";
    assertThat(NumberText.parseFloat(text))
        .isEqualTo(1.0000001f)
        .isNotEqualTo((float) 1.000000178813934326);
    assertThat(NumberText.parseDouble("-9999")).isEqualTo(-9999);
    for (String wrong : List.of("", "na", "infinit", "--inf", "1,5")) {
      assertThatThrownBy(() -> NumberText.parseDouble(wrong))
          .isInstanceOf(NumberFormatException.class);
    }
  }
}
