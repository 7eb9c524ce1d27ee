package org.pointwise.errors;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CountTest {
  @Test
  void hasASingularForOneAlone() {
    assertThat(Count.of(0, "shard")).isEqualTo("0 shards");
    assertThat(Count.of(1, "shard")).isEqualTo("1 shard");
    assertThat(Count.of(2, "input chunk")).isEqualTo("2 input chunks");
    assertThat(Count.of(1, "class", "classes")).isEqualTo("1 class");
    assertThat(Count.of(3, "class", "classes")).isEqualTo("3 classes");
  }
}
