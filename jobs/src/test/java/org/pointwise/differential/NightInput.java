package org.pointwise.differential;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.nio.file.Path;
import java.util.List;

/** An input of one night. */
record NightInput(Path path, List<NightImage> images) {
  NightInput(Path path, List<NightImage> images) {
    this.path = path;
    this.images = List.copyOf(images);
  }

  NightInput with(List<NightImage> others) {
    return new NightInput(path, others);
  }

  boolean isWhole() {
    return images.stream().allMatch(NightImage::isWhole);
  }

  static void write(NightImage image, ArrayNode to) {
    to.addArray().add(image.name()).add(image.version()).add(image.damage());
  }

  @Override
  public String toString() {
    return path.getFileName() + " " + images;
  }
}
