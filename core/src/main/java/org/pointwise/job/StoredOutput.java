package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.store.ByteStores;
import org.pointwise.work.manifest.HeadRecord;
import org.pointwise.work.manifest.PlanRecord;

/** A complete output of a reduction, whose arrays are read beside its input. */
public final class StoredOutput {
  private static final String OTHER_PART =
      "give the --images, --bbox, --input-channels and --mask of that reduction, or leave them out";

  private final String output;
  private final @Nullable String only; // the name of the chosen head; null for all
  private final AppendTarget target;
  private final ByteStores stores;

  private StoredOutput(
      String output, @Nullable String only, AppendTarget target, ByteStores stores) {
    this.output = output;
    this.only = only;
    this.target = target;
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
   * @throws InvalidInputException if no reduction made it, or the reduction has not ended
   */
  public static StoredOutput read(String uri, ByteStores stores) throws IOException {
    String output = ByteStores.absolute(uri);
    String only = null;
    if (OutputManifest.read(output, stores).heads().isEmpty()) {
      only = ByteStores.name(output);
      output = ByteStores.parent(output);
      if (!OutputManifest.headNames(output, stores).contains(only)) {
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
    return new StoredOutput(output, only, target, stores);
  }

  /** Returns the path of the output. */
  public String uri() {
    return output;
  }

  /** Returns the path of the output and the name of its chosen array, as the name of a file. */
  public String name() {
    return only == null ? output : output + "." + only;
  }

  /** Returns the number of arrays of the output. */
  public int heads() {
    return target.manifest().heads().size();
  }

  private @Nullable PlanRecord plan() {
    return target.manifest().plan();
  }

  /**
   * Returns the files of an input folder in the order of the output's images; empty if none are
   * recorded, or the output has a part of the images.
   */
  public List<String> inputFiles() {
    PlanRecord plan = plan();
    return plan != null && !plan.hasAllImages() ? List.of() : target.imageNames();
  }

  /** Returns the part of an input, with the mask, that the output was made of. */
  public FeatureSource part(FeatureSource whole) {
    PlanRecord plan = plan();
    if (plan == null) {
      return whole;
    }
    FeatureSource part = Formats.subset(whole, plan.part(whole.info().shape()));
    String mask = plan.mask();
    return mask == null ? part : Formats.masked(stores, part, mask);
  }

  /** Returns the recorded mask of the input; null if there is none. */
  public @Nullable String mask() {
    PlanRecord plan = plan();
    return plan == null ? null : plan.mask();
  }

  /** Returns whether the output was made of another array, or this is not recorded. */
  public boolean isOfAnother(ArrayInfo input) {
    PlanRecord plan = plan();
    return plan == null || !stores.canonical(plan.input()).equals(stores.canonical(input.uri()));
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
      if (only == null || head.name().equals(only)) {
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
    FeatureSource whole;
    try {
      whole = Formats.reopen(stores, input.whole());
    } catch (IOException e) {
      throw Formats.unreadable(input.uri(), e);
    }
    String made = Formats.subset(whole, plan.part(whole.info().shape())).info().describeSubset();
    String read = input.describeSubset();
    if (!made.equals(read)) {
      throw new InvalidInputException(
          "Cannot evaluate %s: it was made of %s of its input but %s of %s are read; %s"
              .formatted(output, named(made), named(read), input.uri(), OTHER_PART));
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
          "Cannot evaluate %s: its layer reads %d channels but %s has %d; give the input that it was made of"
              .formatted(output, layer.inChannels(), input.uri(), input.shape().c()));
    }
    try {
      ArrayInfo array = arrays.openFolder(head.name()).info();
      arrays.requirePixels(array, layer);
      return array;
    } catch (CorruptDataException e) {
      throw new InvalidInputException(
          "Cannot evaluate %s: %s; give the input that it was made of, or run the same reduce again"
              .formatted(output, e.getMessage()),
          e);
    }
  }
}
