package org.pointwise.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.pointwise.testing.Seed;

/** Checks eigenvectors against their definition. */
class LinearAlgebraTest {

  @Test
  void leadingVectorsByQlAreEigenvectors() {
    Random random = Seed.random("ql");
    for (int trial = 0; trial < 50; trial++) {
      int n = 1 + random.nextInt(12);
      int count = 1 + random.nextInt(n);
      double[] diagonal = random.doubles(n, -2, 2).toArray();
      double[] off = random.doubles(n, -1, 1).toArray();
      double[] values = diagonal.clone();
      double[] vectors = LinearAlgebra.leadingByQl(values, off.clone(), n, count);
      assertThat(vectors).hasSize(n * count);
      for (int k = 0; k < count; k++) {
        double square = 0;
        for (int i = 0; i < n; i++) {
          double z = vectors[k * n + i];
          double product = diagonal[i] * z;
          product += i > 0 ? off[i - 1] * vectors[k * n + i - 1] : 0;
          product += i + 1 < n ? off[i] * vectors[k * n + i + 1] : 0;
          assertThat(product).isCloseTo(values[n - count + k] * z, within(1e-12));
          square += z * z;
        }
        assertThat(square).isCloseTo(1, within(1e-12));
      }
    }
  }
}
