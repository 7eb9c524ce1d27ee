package org.pointwise.work.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanPartsTest {
  private static final List<String> RECORDED =
      List.of(
          "pointwise output format 2",
          "input /data/my cube.zarr uint16",
          "axes n,y,x,c y 8 x 9 c 6",
          "dequantisation Dequantisation[scale=0.3, offset=1.0, nodata=null, missing=fill]"
              + " in float64: scale=[0.3], offset=[1.0]",
          "head a " + "7638a77f10fce946".repeat(4),
          "output zarr3 OutputArray[type=float32, axes=n,y,x,c, dimensionNames=[n, y, x, c],"
              + " chunk=2,8,9, shard=2,8,9, sharded=true]",
          "overflow refuse compression blosc level 5");

  private static List<String> differences(List<String> current) {
    return new PlanParts(RECORDED).differences(new PlanParts(current));
  }

  private static List<String> with(int line, String other) {
    List<String> lines = new ArrayList<>(RECORDED);
    lines.set(line, other);
    return lines;
  }

  @Test
  void differentPartsAreNamedWithBothValues() {
    assertThat(differences(RECORDED)).isEmpty();
    assertThat(differences(with(1, "input /data/my cube.zarr uint8")))
        .containsExactly("element type of the input uint16, now uint8");
    assertThat(differences(with(1, "input /data/other.zarr uint16")))
        .containsExactly("input /data/my cube.zarr, now /data/other.zarr");
    assertThat(differences(with(2, "axes n,y,x,c y any x any c 7")))
        .containsExactly("rows 8, now any", "columns 9, now any", "channels 6, now 7");
    assertThat(
            differences(
                with(
                    3,
                    "dequantisation Dequantisation[scale=0.3, offset=1.0, nodata=7,"
                        + " missing=nodata] in float64: scale=[0.3], offset=[1.5]")))
        .containsExactly(
            "offset [1.0], now [1.5]", "nodata none, now 7", "missing chunks fill, now nodata");
    assertThat(differences(with(5, "output npy float16 axes n,c,y,x")))
        .startsWith("format zarr3, now npy", "element type float32, now float16")
        .contains("output axes n,y,x,c, now n,c,y,x", "chunk n,y,x 2,8,9, now none");
  }

  @Test
  void addedAndRemovedPartsAreNamed() {
    List<String> current = new ArrayList<>(RECORDED);
    current.add(4, "mask /data/a mask.npy uint8");
    current.add(4, "subset images 0:1");
    current.set(6, "head b " + "0".repeat(64));
    assertThat(differences(current))
        .containsExactly(
            "part of the input none, now images 0:1",
            "mask none, now /data/a mask.npy",
            "weights of b none, now SHA-256 000000000000…",
            "weights of a SHA-256 7638a77f10fc…, now none");
  }

  @Test
  void unknownWordingIsShownAsItIs() {
    assertThat(differences(with(6, "overflow wrap")))
        .containsExactlyInAnyOrder(
            "plan none, now overflow wrap",
            "overflow refuse, now none",
            "compression blosc level 5, now none");
    assertThat(differences(with(0, "pointwise output format 3")))
        .containsExactly("version of the output format 2, now 3");
  }
}
