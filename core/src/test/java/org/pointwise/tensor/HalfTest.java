package org.pointwise.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HalfTest {
  @Test
  void everyHalfRoundTrips() {
    for (int bits = 0; bits < 0x10000; bits++) {
      float value = Half.toFloat(bits);
      if (Float.isNaN(value)) {
        assertThat(bits & 0x7c00).isEqualTo(0x7c00);
        assertThat(Half.fromFloat(value) & 0x7e00).isEqualTo(0x7e00);
      } else {
        assertThat(Half.fromFloat(value) & 0xffff).isEqualTo(bits);
      }
    }
  }

  @Test
  void roundsToNearestTiesToEven() {
    for (int bits = 0; bits < 0x7bff; bits++) {
      float low = Half.toFloat(bits);
      float high = Half.toFloat(bits + 1);
      float middle = (low + high) / 2; // exact: a half has 11 bits, a float 24
      int even = (bits & 1) == 0 ? bits : bits + 1;
      assertThat((int) Half.fromFloat(middle)).isEqualTo(even);
      assertThat((int) Half.fromFloat(Math.nextDown(middle))).isEqualTo(bits);
      assertThat((int) Half.fromFloat(Math.nextUp(middle))).isEqualTo(bits + 1);
      assertThat(Half.fromFloat(-middle) & 0xffff).isEqualTo(even | 0x8000);
    }
  }

  @Test
  void convertsKnownValues() {
    assertThat(Half.toFloat(0x3c00)).isEqualTo(1f);
    assertThat(Half.toFloat(0x7bff)).isEqualTo(65504f);
    assertThat(Half.toFloat(0x0001)).isEqualTo(0x1p-24f);
    assertThat(Half.fromFloat(Math.nextDown(65520f))).isEqualTo((short) 0x7bff);
    assertThat(Half.fromFloat(65520f)).isEqualTo((short) 0x7c00);
    assertThat(Half.bfloatFromFloat(0x1.01p0f)).isEqualTo((short) 0x3f80); // tie to even
    assertThat(Half.bfloatToFloat(0x3f81)).isEqualTo(1.0078125f);
  }
}
