package org.pointwise.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class AxesExampleTest {
  @Test
  void fitsTheRankOfArraysWithoutNames() {
    assertThat(AxesExample.of(null, 1)).isEqualTo("--axes c");
    assertThat(AxesExample.of(null, 2)).isEqualTo("--axes n,c");
    assertThat(AxesExample.of(null, 3)).isEqualTo("--axes y,x,c");
    assertThat(AxesExample.of(null, 4)).isEqualTo("--axes n,y,x,c");
    assertThat(AxesExample.of(null, 5)).contains("there are four axes");
  }

  @Test
  void mapsUnknownNames() {
    List<String> names = List.of("time", "y", "x", "wavelength");
    assertThat(AxesExample.of(names, 4)).isEqualTo("--axes time,y,x,wavelength=c");
    assertThat(AxesExample.of(List.of("dim_0", "dim_1", "dim_2"), 3))
        .isEqualTo("--axes dim_0=y,dim_1=x,dim_2=c");
    assertThat(AxesExample.of(List.of("x", "x", "c"), 3)).isEqualTo("--axes x,x=y,c");
    assertThat(AxesExample.of(List.of("t"), 1)).isEqualTo("--axes t=c");
    assertThat(AxesExample.of(List.of("time", "y", "x"), 3)).isEqualTo("--axes time,y,x=c");
    for (List<String> each :
        List.of(
            names,
            List.of("t"),
            List.of("lat", "lon"),
            List.of("a", "b"),
            List.of("p", "q", "r", "s"))) {
      String axes = AxesExample.of(each, each.size()).substring("--axes ".length());
      assertThat(Axes.parse(axes).rank()).isEqualTo(each.size());
    }
  }
}
