package org.pointwise;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.job.RecordedArray;
import org.pointwise.plan.Head;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.weights.Decoder;
import org.pointwise.weights.NamedLayer;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsRef;
import org.pointwise.weights.WeightsRef.FileFormat;
import org.pointwise.work.manifest.HeadRecord;

/**
 * A reconstruction as a reduction of the reduced array by the decoder. Checks that the decoder
 * belongs to the layer that made the array.
 */
final class Reconstruction {
  private final ReduceSpec spec;
  private final String reduced;
  private final @Nullable RecordedArray recorded;
  private final Decoder decoder;

  private Reconstruction(ReduceSpec spec, @Nullable RecordedArray recorded, Decoder decoder) {
    this.spec = spec;
    this.reduced = ByteStores.absolute(spec.input().uri());
    this.recorded = recorded;
    this.decoder = decoder;
  }

  /**
   * Reads the records of the reduced array and of the decoder.
   *
   * @throws InvalidInputException if the array cannot be reconstructed
   */
  static Reconstruction of(ReduceSpec spec, ByteStores stores) throws IOException {
    RecordedArray recorded;
    try {
      recorded = RecordedArray.find(spec.input().uri(), stores);
    } catch (IOException e) {
      throw Formats.unreadable(spec.input().uri(), e);
    }
    if (recorded != null && !recorded.head().normalise().isEmpty()) {
      throw new InvalidInputException(
          "Cannot reconstruct %s: its pixels were normalised by %s and their lengths are lost; reduce without --normalise"
              .formatted(spec.input().uri(), recorded.head().normalise()));
    }
    String nodata = spec.input().nodata();
    if (recorded != null && nodata != null && !nodata.equalsIgnoreCase("nan")) {
      throw new InvalidInputException(
          "Cannot reconstruct %s with --nodata %s: its nodata pixels are NaN, as reduce stores them; leave out --nodata"
              .formatted(spec.input().uri(), nodata));
    }
    Decoder decoder = Decoder.find(stores, spec.layers().get(0), activation(recorded));
    return new Reconstruction(spec, recorded, decoder);
  }

  /** Returns the recorded activation of the layer; null if its text does not describe it fully. */
  private static @Nullable Activation activation(@Nullable RecordedArray recorded) {
    try {
      return recorded == null ? null : Activation.parse(recorded.head().activation());
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** Returns how to read the reduced array. NaN is nodata, as reductions store it. */
  InputSpec input() {
    InputSpec input = spec.input();
    return fileAxes() == null || input.nodata() != null ? input : input.withNodata("nan");
  }

  /** Returns the axes of files that do not name them; null if unknown. */
  @Nullable Axes fileAxes() {
    return recorded == null ? null : recorded.fileAxes();
  }

  /** Returns the file of the decoder. */
  String decoder() {
    return decoder.ref().uri();
  }

  /**
   * Reads the decoder.
   *
   * @throws InvalidInputException if it is not the decoder of the reduced array
   */
  ReduceHeads heads(FeatureSource source, ByteStores stores) throws IOException {
    requireDecoder(source, stores);
    requireSameLayer();
    int channels = source.info().shape().c();
    NamedLayer named = Weights.read(stores, decoder.ref(), decoder.companion() ? 0 : channels);
    requireChannels(channels, named);
    boolean isRecorded = recorded != null && !decoder.layerSha256().isEmpty();
    String of = decoder.layerSha256().isEmpty() ? Head.UNKNOWN : decoder.layerSha256();
    Head head = new Head(ReduceHeads.ONLY_HEAD, named.source(), named.layer(), named.ends(), of);
    String note =
        "Decoder   %s: whether it belongs to the layer that made the input is not checked, because %s does not record the layer"
            .formatted(named.source(), recorded == null ? reduced : decoder.ref().uri());
    return new ReduceHeads(List.of(head), isRecorded ? List.of() : List.of(note), List.of());
  }

  /** Refuses a layer without decoder, which a file of one tensor could be mistaken for. */
  private void requireDecoder(FeatureSource source, ByteStores stores) throws IOException {
    WeightsRef ref = decoder.ref();
    if (decoder.companion() || ref.name() != null) {
      return;
    }
    boolean fits =
        ref.format() == FileFormat.NPY
            || Weights.read(stores, ref, 0).layer().inChannels() == source.info().shape().c();
    boolean isLayer =
        recorded != null
            && Decoder.sha256(stores, ref, activation(recorded))
                .equals(recorded.head().weightsSha256());
    if (!fits || isLayer) {
      throw new InvalidInputException(
          "Cannot reconstruct by %s: it has no decoder; fit writes one with each layer (--method pca, bottleneck, select, …), or name a layer F′ → F as FILE#NAME"
              .formatted(ref));
    }
  }

  private void requireSameLayer() {
    HeadRecord recordedHead = recorded == null ? null : recorded.head();
    String sha256 = decoder.layerSha256();
    if (recordedHead != null
        && !sha256.isEmpty()
        && !recordedHead.weightsSha256().isEmpty()
        && !recordedHead.weightsSha256().equals(sha256)) {
      throw new InvalidInputException(
          "Cannot reconstruct %s: it was made by the layer %s (%s, SHA-256 %.12s) but %s decodes another (SHA-256 %.12s); give the file of the layer that made it"
              .formatted(
                  reduced,
                  recordedHead.weights(),
                  describe(recordedHead),
                  recordedHead.weightsSha256(),
                  decoder.ref(),
                  sha256));
    }
  }

  private void requireChannels(int channels, NamedLayer named) {
    PointwiseLayer layer = named.layer();
    if (layer.inChannels() != channels) {
      throw new InvalidInputException(
          "Cannot reconstruct %s: it has %s but the decoder %s reads %d; give the file of the layer that made it, or check --axes"
              .formatted(
                  reduced, Count.of(channels, "channel"), named.source(), layer.inChannels()));
    }
    if (recorded != null && recorded.head().inChannels() != layer.outChannels()) {
      throw new InvalidInputException(
          "Cannot reconstruct %s: it was made by %s (%s) but the decoder %s makes %s; give the file of the layer that made it"
              .formatted(
                  reduced,
                  recorded.head().weights(),
                  describe(recorded.head()),
                  named.source(),
                  Count.of(layer.outChannels(), "channel")));
    }
  }

  private static String describe(HeadRecord head) {
    return "%d → %d, %s".formatted(head.inChannels(), head.outChannels(), head.activation());
  }
}
