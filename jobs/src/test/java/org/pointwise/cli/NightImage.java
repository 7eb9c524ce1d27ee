package org.pointwise.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;

/**
 * An image of a night, also as a file for the judge.
 *
 * @param name of its file in a folder of a night
 * @param values y, x, channel; NaN for nodata
 */
record NightImage(Path file, String name, float[] values) {
  private static final int SIDE = NightsFixture.SIDE;
  private static final int CHANNELS = NightsFixture.CHANNELS;
  private static final int COUNT = SIDE * SIDE * CHANNELS;

  /**
   * Draws an image.
   *
   * @param empty whether it has no data
   */
  static NightImage draw(Path folder, int number, boolean empty, Random random) throws Exception {
    float[] values = Arrays4.random(random, new FeatureShape(1, SIDE, SIDE, CHANNELS)).values();
    if (empty) {
      Arrays.fill(values, Float.NaN);
    }
    String name = "image%05d.npy".formatted(number);
    return new NightImage(folder.resolve(name), name, values).written();
  }

  /** The image as it is stored while its first chunk cannot be decoded. */
  NightImage withoutChunk() throws Exception {
    float[] damaged = values.clone();
    Arrays.fill(damaged, 0, NightsFixture.CHUNK.y() * SIDE * CHANNELS, Float.NaN);
    return new NightImage(file.resolveSibling("damaged-" + name), name, damaged).written();
  }

  /** Returns whether it has no data. */
  boolean isEmpty() {
    return Float.isNaN(values[0]);
  }

  private NightImage written() throws Exception {
    Path temporary = file.resolveSibling("temporary");
    Files.createDirectories(temporary);
    new Arrays4(new FeatureShape(1, SIDE, SIDE, CHANNELS), values)
        .npyFolder(temporary.toString(), "y,x,c");
    Files.move(temporary.resolve("image00.npy"), file, StandardCopyOption.REPLACE_EXISTING);
    return this;
  }

  /** Writes a folder of files, or a Zarr store with the array {@code data}. */
  static void write(List<NightImage> images, Path path, boolean named) throws Exception {
    if (named) {
      Files.createDirectories(path);
      for (NightImage image : images) {
        Files.copy(image.file, path.resolve(image.name));
      }
      return;
    }
    float[] all = new float[images.size() * COUNT];
    for (int i = 0; i < images.size(); i++) {
      System.arraycopy(images.get(i).values, 0, all, i * COUNT, COUNT);
    }
    new Arrays4(new FeatureShape(images.size(), SIDE, SIDE, CHANNELS), all)
        .zarr(path.toString(), 3, "n,y,x,c", NightsFixture.CHUNK, NightsFixture.CHUNK);
  }
}
