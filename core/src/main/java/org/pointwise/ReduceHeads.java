package org.pointwise;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.plan.Head;
import org.pointwise.store.ByteStores;
import org.pointwise.weights.NamedLayer;
import org.pointwise.weights.WeightsRef;

/**
 * The heads of a reduction, read from their files.
 *
 * @param notes how the layers were read, one line each
 * @param warnings descriptions of likely mistakes, one line each
 */
record ReduceHeads(List<Head> heads, List<String> notes, List<String> warnings) {
  /** The name of the only array of an output. */
  static final String ONLY_HEAD = "features";

  /** Reads the heads for the channels of an input. */
  static ReduceHeads of(ReduceSpec spec, FeatureSource source, ByteStores stores)
      throws IOException {
    int inChannels = source.info().shape().c();
    List<NamedLayer> layers = new ArrayList<>();
    for (WeightsRef ref : spec.layers()) {
      layers.add(InputLayers.read(stores, ref, source.info()));
    }
    List<Head> heads = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < layers.size(); i++) {
      NamedLayer layer = layers.get(i);
      String requested =
          !spec.headNames().get(i).isEmpty()
              ? checkedName(spec.headNames().get(i))
              : layers.size() == 1 ? ONLY_HEAD : safeName(layer.name());
      String name = requested;
      for (int suffix = 2; !names.add(name); suffix++) {
        name = requested + "_" + suffix;
      }
      heads.add(
          new Head(
              name,
              layer.source(),
              layer.layer().withNormalisation(spec.normalisation()),
              layer.ends(),
              ""));
      if (!layer.remark().isEmpty()) {
        notes.add("Weights   " + layer.name() + ": " + layer.remark());
      }
      if (layer.layer().outChannels() > inChannels) {
        warnings.add(
            String.format(
                Locale.ROOT,
                "%s makes %d channels of %d; the output is larger than the input",
                layer.source(),
                layer.layer().outChannels(),
                inChannels));
      }
    }
    for (WeightsRef ref : spec.layers()) {
      String warning = MomentsProvenance.otherScaling(ref, source, stores);
      if (warning != null) {
        warnings.add(warning);
      }
    }
    return new ReduceHeads(List.copyOf(heads), List.copyOf(notes), List.copyOf(warnings));
  }

  private static String safeName(String name) {
    String safe = name.replaceAll("[^A-Za-z0-9_-]+", "_");
    return safe.isEmpty() ? "head" : safe;
  }

  private static String checkedName(String name) {
    if (!name.equals(safeName(name))) {
      throw new InvalidInputException(
          "Cannot name an array '%s': use letters, digits, - and _".formatted(name));
    }
    return name;
  }
}
