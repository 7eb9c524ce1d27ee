package org.pointwise;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.store.ByteStores;
import org.pointwise.weights.MomentsFile;

/**
 * The merged moments of several files. The result does not depend on the order of the files.
 *
 * @param files number of merged files
 * @param metadata the provenance of the pixels that the files record; {@code mixed} where it
 *     differs
 */
record MergedMoments(int files, FeatureMoments moments, Map<String, String> metadata) {
  /** The value of metadata that differs between files. */
  private static final String MIXED_VALUE = "mixed";

  /** The metadata by which the pixels of one input are recognised. */
  private static final List<String> INPUT_KEYS =
      List.of(
          MomentsProvenance.IMAGES,
          MomentsProvenance.SUBSET,
          MomentsProvenance.MASK,
          MomentsProvenance.HELD_OUT_TILE,
          MomentsProvenance.SOURCE);

  static MergedMoments read(List<String> files, ByteStores stores) throws IOException {
    Map<String, MomentsFile.Contents> byData = new TreeMap<>();
    for (String file : files) {
      String uri = ByteStores.absolute(file);
      MomentsFile.Contents contents = MomentsFile.read(stores, uri);
      if (byData.put(MomentsFile.sha256(contents.moments()), contents) != null) {
        throw new InvalidInputException(
            "Cannot merge moments: %s holds what another file holds already; name each once"
                .formatted(uri));
      }
    }
    List<MomentsFile.Contents> all = List.copyOf(byData.values());
    return new MergedMoments(all.size(), sum(all), metadata(all));
  }

  private static FeatureMoments sum(List<MomentsFile.Contents> all) {
    FeatureMoments sum = new FeatureMoments(all.get(0).moments().channels());
    for (MomentsFile.Contents contents : all) {
      FeatureMoments moments = contents.moments();
      if (moments.channels() != sum.channels()) {
        throw new InvalidInputException(
            "Cannot merge moments: they are of %d and of %d channels; merge those of one kind of features"
                .formatted(sum.channels(), moments.channels()));
      }
      sum.add(moments);
    }
    return sum;
  }

  private static Map<String, String> metadata(List<MomentsFile.Contents> all) {
    Map<String, String> metadata = new LinkedHashMap<>();
    List<String> scalings =
        all.stream()
            .map(contents -> contents.recorded(MomentsProvenance.SCALING))
            .filter(Objects::nonNull)
            .distinct()
            .sorted() // by text: an order independent of the data keeps the message stable
            .toList();
    if (scalings.size() > 1) {
      throw new InvalidInputException(
          "Cannot merge moments: some are of numbers with %s, others with %s; compute them again with the same --scale and --offset"
              .formatted(scalings.get(0), scalings.get(1)));
    }
    scalings.forEach(scaling -> metadata.put(MomentsProvenance.SCALING, scaling));
    for (String name :
        List.of(
            MomentsProvenance.SAMPLE,
            MomentsProvenance.HELD_OUT,
            MomentsProvenance.HELD_OUT_BLOCK,
            MomentsProvenance.HELD_OUT_RULE,
            MomentsProvenance.SEED)) {
      String value = all.get(0).recorded(name);
      boolean equal =
          all.stream().allMatch(contents -> Objects.equals(contents.recorded(name), value));
      if (!equal || value != null) {
        metadata.put(name, equal ? String.valueOf(value) : MIXED_VALUE);
      }
    }
    if (all.size() == 1) {
      for (String name : INPUT_KEYS) {
        String value = all.get(0).recorded(name);
        if (value != null) {
          metadata.put(name, value);
        }
      }
    }
    return metadata;
  }
}
