package org.pointwise.differential;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What an output of several nights may contain.
 *
 * @param places in the order of the output, each with the images that may be there
 * @param named whether images are recognised by their names
 */
record World(List<List<NightImage>> places, boolean named) {
  static World empty(boolean named) {
    return new World(List.of(), named);
  }

  boolean isEmpty() {
    return places.isEmpty();
  }

  /** Returns this after an append of all images of a night that it does not have. */
  World append(List<NightImage> night) {
    return with(night, image -> !has(image));
  }

  /**
   * The same where images are added again that neither a name nor a digest identifies, as given or
   * as stored.
   */
  World appendUnrecognised(List<NightImage> night) {
    return with(night, image -> !has(image) || (!named && !isRecognised(image)));
  }

  /** Returns whether a digest identifies the image, as given and as stored. */
  private boolean isRecognised(NightImage image) {
    return image.isRecognisable()
        && places.stream()
            .flatMap(List::stream)
            .anyMatch(stored -> stored.isWhole() && stored.hasPixelsOf(image));
  }

  /** Returns this as readers may see it before an append has ended. */
  World during(List<NightImage> night) {
    return with(night, image -> false);
  }

  /**
   * Returns this where damaged images may be those of a night with the same numbers: nobody knows
   * what they were, so that their input may be restored to other pixels.
   */
  World replacing(List<NightImage> night) {
    List<List<NightImage>> all = new ArrayList<>();
    for (List<NightImage> place : places) {
      Set<NightImage> may = new LinkedHashSet<>(place);
      for (NightImage image : night) {
        place.stream()
            .filter(stored -> stored.name() == image.name() && !stored.isWhole())
            .forEach(stored -> may.addAll(stored.orRecomputed(image)));
      }
      all.add(List.copyOf(may));
    }
    return new World(List.copyOf(all), named);
  }

  private World with(List<NightImage> night, Predicate<NightImage> adds) {
    List<List<NightImage>> all = new ArrayList<>(places);
    for (NightImage image : night) {
      int place = place(image);
      if (adds.test(image)) {
        all.add(List.of(image));
      } else if (place >= 0) {
        Set<NightImage> may = new LinkedHashSet<>(all.get(place));
        places.get(place).forEach(stored -> may.addAll(stored.orRecomputed(image)));
        all.set(place, List.copyOf(may));
      }
    }
    return new World(List.copyOf(all), named);
  }

  private int place(NightImage image) {
    for (int i = 0; i < places.size(); i++) {
      for (NightImage stored : places.get(i)) {
        if (named ? stored.name() == image.name() : stored.hasPixelsOf(image)) {
          return i;
        }
      }
    }
    return -1;
  }

  /**
   * Returns this where images of a night that it does not have may also be those of an earlier
   * state of the same night: shards that are stored already stay.
   */
  World orOf(List<NightImage> earlier) {
    return new World(
        places.stream()
            .map(
                place -> {
                  Set<NightImage> may = new LinkedHashSet<>(place);
                  for (NightImage image : earlier) {
                    if (place.stream().anyMatch(image::hasPixelsOf)) {
                      place.forEach(stored -> may.addAll(stored.orRecomputed(image)));
                    }
                  }
                  return List.copyOf(may);
                })
            .toList(),
        named);
  }

  /** Returns what was found: several images where heads differ. */
  World chosen(JsonNode choices) {
    List<List<NightImage>> found = new ArrayList<>();
    for (int i = 0; i < places.size(); i++) {
      List<NightImage> place = new ArrayList<>();
      for (JsonNode choice : choices.get(i)) {
        place.add(places.get(i).get(choice.asInt()));
      }
      found.add(List.copyOf(place));
    }
    return new World(List.copyOf(found), named);
  }

  /** Returns whether the image is stored as it is given. */
  boolean hasExactly(NightImage image) {
    return places.contains(List.of(image));
  }

  /** Returns what is stored of an image: if heads differ, what is damaged. */
  NightImage imageOf(NightImage image) {
    int place = place(image);
    if (place < 0) {
      return image;
    }
    List<NightImage> stored = places.get(place);
    return stored.stream().filter(one -> !one.isWhole()).findFirst().orElse(stored.get(0));
  }

  boolean has(NightImage image) {
    return place(image) >= 0;
  }

  void write(ArrayNode to) {
    for (List<NightImage> place : places) {
      ArrayNode images = to.addArray();
      place.forEach(image -> NightInput.write(image, images));
    }
  }

  @Override
  public String toString() {
    return places.toString();
  }
}
