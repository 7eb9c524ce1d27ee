package org.pointwise.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.pointwise.testing.Seed;

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

  /** Java 17 itself writes all but the first two and the last with more digits. */
  @Test
  void writesShortestTextOnEveryJava() {
    assertThat(NumberText.of(0.1)).isEqualTo("0.1");
    assertThat(NumberText.of(-9999d)).isEqualTo("-9999.0");
    assertThat(NumberText.of(2e23)).isEqualTo("2.0E23");
    assertThat(NumberText.of(-9.223372036854775E18)).isEqualTo("-9.223372036854775E18");
    assertThat(NumberText.of(1.1e10f)).isEqualTo("1.1E10");
    assertThat(NumberText.of(new double[] {1e23, Double.NaN})).isEqualTo("[1.0E23, NaN]");
    assertThat(NumberText.of(new float[] {8.589935E9f, -0f})).isEqualTo("[8.589935E9, -0.0]");
    assertThat(NumberText.of(Double.NEGATIVE_INFINITY)).isEqualTo("-Infinity");
  }

  @Test
  void parsesEveryNumberItWrites() {
    Random random = Seed.random("numbers as text");
    for (int i = 0; i < 100_000; i++) {
      long bits = random.nextLong();
      double number = Double.longBitsToDouble(bits);
      float narrow = Float.intBitsToFloat((int) bits);
      assertThat(NumberText.parseDouble(NumberText.of(number))).isEqualTo(Double.valueOf(number));
      assertThat(NumberText.parseFloat(NumberText.of(narrow))).isEqualTo(Float.valueOf(narrow));
      assertThat(NumberText.of(number)).hasSizeLessThanOrEqualTo(Double.toString(number).length());
    }
  }
}
