package org.pointwise.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Numbers that are none in Java's own spelling. */
class NumbersTest {
  @Test
  void notANumberAndInfinityInAnyCase() {
    for (String text : List.of("nan", "NaN", "NAN", "+nan", "-nan", " nan ")) {
      assertThat(Numbers.parseFloat(text)).isNaN();
      assertThat(Numbers.parseDouble(text)).isNaN();
    }
    for (String text : List.of("inf", "+Inf", "INFINITY", "Infinity")) {
      assertThat(Numbers.parseDouble(text)).isEqualTo(Double.POSITIVE_INFINITY);
      assertThat(Numbers.parseFloat("-" + text.replace("+", "")))
          .isEqualTo(Float.NEGATIVE_INFINITY);
    }
  }

  @Test
  void othersAsInJavaToTheLastBit() {
    // Halfway between two float32 of a double's rounding: one rounding, not two.
    String text = "1.00000017881393432617187499";
    assertThat(Numbers.parseFloat(text))
        .isEqualTo(1.0000001f)
        .isNotEqualTo((float) 1.000000178813934326);
    assertThat(Numbers.parseDouble("-9999")).isEqualTo(-9999);
    for (String wrong : List.of("", "na", "infinit", "--inf", "1,5")) {
      assertThatThrownBy(() -> Numbers.parseDouble(wrong))
          .isInstanceOf(NumberFormatException.class);
    }
  }
}
