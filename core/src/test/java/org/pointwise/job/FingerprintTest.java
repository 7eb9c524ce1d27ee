package org.pointwise.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.pointwise.conv.Activation;
import org.pointwise.conv.Normalisation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Compression;
import org.pointwise.format.OutputFormats;
import org.pointwise.format.ReadMemory;
import org.pointwise.format.Storage;
import org.pointwise.plan.Head;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.Reduction;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Overflow;
import org.pointwise.quantise.Quantisation;
import org.pointwise.quantise.Scaling;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.work.manifest.PlanRecord;

/**
 * Compares fingerprints with recorded ones, because an output with another fingerprint is not
 * continued. If one has to change, increase the number of the output format, and describe in {@code
 * docs/operations.md} what happens to outputs of earlier builds.
 */
class FingerprintTest {
  private static ArrayInfo input(Quantisation quantisation, MissingChunks missing) {
    Axes axes = Axes.parse("n,y,x,c");
    return new ArrayInfo(
        "zarr",
        "hdfs://store/features.zarr/day",
        "Zarr v3, sharded",
        axes,
        List.of("time", "y", "x", "band"),
        new FeatureShape(100, 1000, 900, 4),
        quantisation,
        missing,
        new Extent(1, 100, 100),
        4,
        "zstd level 1, crc32c",
        Storage.GRID,
        List.of(),
        new ReadMemory(1 << 20, 1 << 20),
        "0123456789abcdef",
        null);
  }

  private static Head head(String name, Activation activation) {
    PointwiseLayer layer =
        PointwiseLayer.of(
            new float[] {1, -2, 0.5f, 0, 3, 1e-3f, 7, -8}, new float[] {0, 1}, activation);
    return new Head(name, "w.safetensors#" + name, layer);
  }

  private static String fingerprint(Reduction spec, ElementType type) {
    return PlanRecord.fingerprint(
        ReducePlan.of(spec, input(Quantisation.none(type), MissingChunks.FILL)));
  }

  private static Reduction spec(String format, Compression compression, Head... heads) {
    return new Reduction(
        "hdfs://store/small.zarr",
        OutputFormats.named(format),
        List.of(heads),
        null,
        Overflow.REFUSE,
        compression,
        null,
        Reduction.CHOOSE);
  }

  @Test
  void fingerprintsMatchRecord() {
    Compression zstd = Compression.of(Compression.Kind.ZSTD);
    Compression blosc = Compression.of(Compression.Kind.BLOSC);
    Head plain = head("features", Activation.NONE);
    Head unit = new Head("unit", "w", plain.layer().withNormalisation(Normalisation.L2));
    Quantisation scaled =
        new Quantisation(
            ElementType.INT32, Scaling.of(0.5, -3), Nodata.parse("-99", ElementType.INT32, "here"));
    assertThat(
            List.of(
                fingerprint(spec("zarr3", zstd, plain), ElementType.FLOAT32),
                fingerprint(spec("zarr2", blosc, plain), ElementType.FLOAT16),
                fingerprint(spec("npy", zstd, plain), ElementType.FLOAT32),
                PlanRecord.fingerprint(
                    ReducePlan.of(
                        spec("zarr3", zstd, head("a", Activation.RELU), unit),
                        input(scaled, MissingChunks.NODATA)))))
        .containsExactly(
            "4cb64faeefc76dd15b5302c7595c503e10e86a6acdaf8009cdb8b7d67501469b",
            "3d66dd35d02f97d4f201d9e3e5f44c7a86e77ad57594a49898d205c79675495b",
            "ee255093f4d1bc60b01370ac40c7cfce26f33c4c186cdbda78398f92a4636c0a",
            "34ac8684e9299242fe50ba10c0f784b9902b2d38b00ae7c2d0bace5d9f763767");
  }
}
