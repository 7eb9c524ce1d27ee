package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.Subset;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.IndexList;
import org.pointwise.work.manifest.HeadRecord;
import org.pointwise.work.manifest.PlanRecord;
import org.pointwise.work.manifest.SourceRecord;

/** A complete output of a reduction, whose arrays are read beside its input. */
public final class StoredOutput {
  private static final String OTHER_PART =
      "give the --images, --bbox, --input-channels and --mask of that reduction, or leave them out";

  private final String output;
  private final @Nullable String headName; // the name of the chosen head; null for all
  private final AppendTarget target;
  private final @Nullable SourceRecord source; // of the images; null if none is recorded
  private final ByteStores stores;

  private StoredOutput(
      String output,
      @Nullable String headName,
      AppendTarget target,
      @Nullable SourceRecord source,
      ByteStores stores) {
    this.output = output;
    this.headName = headName;
    this.target = target;
    this.source = source;
    this.stores = stores;
  }

  /**
   * A stored array.
   *
   * @param array its description
   * @param layer the layer that made it
   */
  public record Result(HeadRecord head, ArrayInfo array, PointwiseLayer layer) {}

  /**
   * Reads the records of an output.
   *
   * @param uri the output, or one of its arrays as {@code OUTPUT/HEAD}
   * @param input the input whose images are evaluated
   * @throws InvalidInputException if no reduction made it, the reduction has not ended, or its
   *     images come from several inputs and {@code input} is none of them
   */
  public static StoredOutput read(String uri, String input, ByteStores stores) throws IOException {
    String output = ByteStores.absolute(uri);
    String headName = null;
    if (OutputManifest.read(output, stores).heads().isEmpty()) {
      headName = ByteStores.name(output);
      output = ByteStores.parent(output);
      if (!OutputManifest.headNames(output, stores).contains(headName)) {
        throw new InvalidInputException(
            "Cannot evaluate %s: it is not an output of reduce; give one, or OUTPUT/HEAD"
                .formatted(uri));
      }
    }
    AppendTarget target = AppendTarget.read(output, stores);
    if (target == null || !target.complete()) {
      throw new InvalidInputException(
          "Cannot evaluate %s: the reduction that makes it has not ended; run that again first"
              .formatted(uri));
    }
    return new StoredOutput(
        output,
        headName,
        target,
        source(output, target.images(), ByteStores.absolute(input), stores),
        stores);
  }

  private static @Nullable SourceRecord source(
      String output, long images, String input, ByteStores stores) throws IOException {
    SourceList all = SourceList.read(output, stores);
    List<SourceRecord> sources = all.first(images).sources();
    String uri = stores.canonical(input);
    if (sources.size() < all.sources().size()
        && stores.canonical(all.last().uri()).equals(uri)
        && sources.stream().noneMatch(source -> stores.canonical(source.uri()).equals(uri))) {
      throw new InvalidInputException(
          "Cannot evaluate %s: the append of %s has not ended; run that again first"
              .formatted(output, input));
    }
    if (sources.size() < 2) {
      return sources.isEmpty() ? null : sources.get(0);
    }
    return sources.stream()
        .filter(source -> stores.canonical(source.uri()).equals(uri))
        .reduce((first, last) -> last)
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "Cannot evaluate %s: its images come from %d inputs, and %s is none of them; give one that sources.json in its run folder lists"
                        .formatted(output, sources.size(), input)));
  }

  /** Returns the path of the output. */
  public String uri() {
    return output;
  }

  /** Returns the path of the output and the name of its chosen array, as the name of a file. */
  public String name() {
    return headName == null ? output : output + "." + headName;
  }

  /** Returns the number of arrays of the output. */
  public int heads() {
    return target.manifest().heads().size();
  }

  /**
   * The images of an output that come from one of its inputs.
   *
   * @param first index of the first
   * @param end index after the last
   * @param all number of images of the output
   */
  public record Images(long first, long end, long all) {}

  /** Returns the images that come from the source, by its last append; null if all do. */
  public @Nullable Images images() {
    return source == null || isOnly()
        ? null
        : new Images(source.first(), source.end(), target.images());
  }

  private @Nullable PlanRecord plan() {
    return target.manifest().plan();
  }

  /**
   * Returns the files of an input folder in the order of the output's images; empty if none are
   * recorded, or the output has a part of the images.
   */
  public List<String> inputFiles() {
    return source != null && !source.hasAllImages() ? List.of() : names();
  }

  /** Returns the recorded names of the images that come from the source. */
  private List<String> names() {
    List<String> all = target.imageNames();
    if (source == null || all.isEmpty()) {
      return all;
    }
    long end = source.first() == 0 && isOnly() ? all.size() : source.end();
    return all.subList((int) source.first(), (int) Math.min(all.size(), end));
  }

  /** Returns whether all images of the output come from the source. */
  private boolean isOnly() {
    return source == null || (source.first() == 0 && source.end() >= target.images());
  }

  /** Returns the part of an input, with the mask, that the output was made of. */
  public FeatureSource part(FeatureSource whole) {
    if (source == null) {
      return whole;
    }
    FeatureSource part = Formats.subset(whole, source.part(whole.info().shape()));
    String mask = source.mask();
    return mask == null ? part : Formats.masked(stores, part, mask);
  }

  /** Returns the recorded mask of the input; null if there is none. */
  public @Nullable String mask() {
    return source == null ? null : source.mask();
  }

  /** Returns whether the output was made of another array, or this is not recorded. */
  public boolean isOfAnother(ArrayInfo input) {
    return source == null || !stores.canonical(source.uri()).equals(stores.canonical(input.uri()));
  }

  /**
   * Opens the stored arrays.
   *
   * @param input the part of the input that is evaluated
   * @throws InvalidInputException if the output is of another part, or has other pixels or layers
   *     than the input needs
   */
  public List<Result> results(ArrayInfo input) throws IOException {
    requirePart(input);
    List<Result> results = new ArrayList<>();
    List<HeadRecord> heads = target.manifest().heads();
    List<PointwiseLayer> layers = RecordedLayers.read(output, stores);
    ReducedArrays arrays = new ReducedArrays(output, input, input.shape().n(), stores);
    for (int i = 0; i < heads.size(); i++) {
      HeadRecord head = heads.get(i);
      if (headName == null || head.name().equals(headName)) {
        results.add(new Result(head, array(arrays, head, layers.get(i)), layers.get(i)));
      }
    }
    return results;
  }

  private void requirePart(ArrayInfo input) {
    PlanRecord plan = plan();
    if (plan == null) {
      return;
    }
    String scaling = plan.otherScaling(input.quantisation().scaling());
    if (scaling != null) {
      throw new InvalidInputException(
          "Cannot evaluate %s: it was made with %s; give the same --scale and --offset"
              .formatted(output, scaling));
    }
    String nodata = plan.otherNodata(input.quantisation().nodata());
    if (nodata != null) {
      throw new InvalidInputException(
          "Cannot evaluate %s: it was made with %s; give the same --nodata"
              .formatted(output, nodata));
    }
    FeatureSource whole;
    try {
      whole = Formats.reopen(stores, input.whole());
    } catch (IOException e) {
      throw Formats.unreadable(input.uri(), e);
    }
    SourceRecord read = source == null ? SourceRecord.of(plan, target.images()) : source;
    String recordedPart =
        Formats.subset(whole, read.part(whole.info().shape())).info().describeSubset();
    String now = input.describeSubset();
    if (!recordedPart.equals(now)) {
      throw new InvalidInputException(
          "Cannot evaluate %s: it was made of %s of its input but %s of %s are read; %s"
              .formatted(output, named(recordedPart), named(now), input.uri(), OTHER_PART));
    }
  }

  private static String named(String part) {
    return part.isEmpty() ? "all pixels and channels" : part;
  }

  private ArrayInfo array(ReducedArrays arrays, HeadRecord head, PointwiseLayer layer)
      throws IOException {
    ArrayInfo input = arrays.input();
    if (!head.normalise().isEmpty()) {
      throw new InvalidInputException(
          "Cannot evaluate %s: its pixels were normalised by %s and their lengths are lost; reduce without --normalise"
              .formatted(output, head.normalise()));
    }
    if (layer.inChannels() != input.shape().c()) {
      throw new InvalidInputException(
          "Cannot evaluate %s: its layer reads %s but %s has %d; give the input that it was made of"
              .formatted(
                  output, Count.of(layer.inChannels(), "channel"), input.uri(), input.shape().c()));
    }
    try {
      ArrayInfo array = images(arrays.openFolder(head.name())).info();
      arrays.requirePixels(array, layer);
      return array;
    } catch (CorruptDataException e) {
      throw new InvalidInputException(
          "Cannot evaluate %s: %s; give the input that it was made of, or run the same reduce again"
              .formatted(output, e.getMessage()),
          e);
    }
  }

  /** Returns the images of a stored array that come from the source. */
  private FeatureSource images(FeatureSource stored) {
    FeatureShape shape = stored.info().shape();
    if (source == null || isOnly()) {
      return stored;
    }
    return Formats.subset(
        stored,
        new Subset(
            IndexList.range(source.first(), source.end()),
            IndexList.range(0, shape.y()),
            IndexList.range(0, shape.x()),
            IndexList.range(0, shape.c()),
            false));
  }
}
