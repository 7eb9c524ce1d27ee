package org.pointwise.format.zarr;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests which JVMs must not compress by zstd. */
class ZstdJvmTest {

  @ParameterizedTest
  @CsvSource({
    "25, G1 Young Generation, true",
    "25.0.1+8-LTS, G1 Old Generation, true",
    "25.0.2, G1 Concurrent GC, true",
    "25.0.2, PS MarkSweep, false",
    "25.0.3, G1 Young Generation, false",
    "24.0.2, G1 Young Generation, false",
    "17.0.15, G1 Young Generation, false",
    "26, G1 Young Generation, false"
  })
  void isUnsafeWithG1OfEarlyJava25(String version, String collector, boolean unsafe) {
    assertThat(ZstdJvm.unsafe(Runtime.Version.parse(version), List.of("Copy", collector)))
        .isEqualTo(unsafe);
  }
}
