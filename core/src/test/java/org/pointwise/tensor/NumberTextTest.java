package org.pointwise.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Numbers that are none in Java's own spelling. */
class NumberTextTest {
  @Test
  void notANumberAndInfinityInAnyCase() {
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
  void othersAsInJavaToTheLastBit() {
    // Halfway between two float32 of a double's rounding: one rounding, not two.
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
