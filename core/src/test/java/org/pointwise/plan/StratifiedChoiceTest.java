package org.pointwise.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.ArrayInfo.ImageFile;
import org.pointwise.format.ReadMemory;
import org.pointwise.format.Storage;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Grid;
import org.pointwise.testing.Seed;

/** Tests which tiles are held out, and how many. */
class StratifiedChoiceTest {
  private final Random random = Seed.random("strata");

  @Test
  void everyPrefixHoldsRequestedFraction() {
    for (int trial = 0; trial < 300; trial++) {
      // 0.29·100 is 28.999… in float64, and 0.25·16 is exact.
      double fraction = trial < 2 ? 0.25 + 0.04 * trial : random.nextInt(1001) / 1000.0;
      StratifiedChoice strata = new StratifiedChoice(fraction, random.nextLong());
      BigDecimal part = new BigDecimal(String.valueOf(fraction));
      long selected = 0;
      for (int n = 0; n < 400; n++) {
        assertThat(strata.count(n)).as("%s of %d", strata, n).isEqualTo(selected);
        BigDecimal exact = part.multiply(BigDecimal.valueOf(n));
        assertThat(selected)
            .as("%s of %d", strata, n)
            .isBetween(
                exact.setScale(0, RoundingMode.FLOOR).longValueExact(),
                exact.setScale(0, RoundingMode.CEILING).longValueExact());
        selected += strata.contains(n) ? 1 : 0;
      }
    }
  }

  @Test
  void numbersOfStratumAreEquallyLikely() {
    int[] chosen = new int[12];
    for (long seed = 0; seed < 6000; seed++) {
      StratifiedChoice strata = new StratifiedChoice(0.25, seed);
      for (int i = 0; i < chosen.length; i++) {
        chosen[i] += strata.contains(i) ? 1 : 0;
      }
    }
    for (int count : chosen) {
      assertThat(count).isBetween(1500 - 200, 1500 + 200); // six standard deviations
    }
  }

  @Test
  void hugeNumbersAreCountedWithoutOverflow() {
    StratifiedChoice strata = new StratifiedChoice(0.3, 7);
    assertThat(strata.count(3_000_000_000_000_000_000L)).isEqualTo(900_000_000_000_000_000L);
    assertThat(new StratifiedChoice(0, 7).count(1L << 60)).isZero();
    assertThat(new StratifiedChoice(1, 7).contains(1L << 60)).isTrue();
    assertThat(new StratifiedChoice(1e-12, 7).count(2_000_000_000)).isEqualTo(2);
  }

  @Test
  void holdoutIsIndependentOfChunksAndAppendedImages() {
    for (int trial = 0; trial < 50; trial++) {
      int block = random.nextInt(5);
      long images = 2L + random.nextInt(20);
      HoldoutSplit split =
          new HoldoutSplit(
              (1 + random.nextInt(100)) / 100.0, random.nextLong(), block, HoldoutSplit.Part.TEST);
      Extent whole = new Extent(1 + random.nextInt(4), 11, 9);
      // Without blocks, a tile is the part of an image within a chunk.
      Extent other = block == 0 ? new Extent(2, 11, 9) : new Extent(3, 4, 5);
      List<Box> expected = pixels(split, input(images, whole, List.of()));
      assertThat(pixels(split, input(images, other, List.of()))).isEqualTo(expected);
      List<Box> grown = pixels(split, input(images + 3, whole, List.of()));
      grown.removeIf(pixel -> pixel.n0() >= images);
      assertThat(grown).isEqualTo(expected);
      List<Box> others =
          pixels(split.withPart(HoldoutSplit.Part.TRAIN), input(images, other, List.of()));
      assertThat(others).hasSize((int) (images * 99 - expected.size()));
      others.retainAll(new HashSet<>(expected));
      assertThat(others).isEmpty();
    }
  }

  @Test
  void imagesOfDifferentSizesAreNumberedConsecutively() {
    List<ImageFile> files = new ArrayList<>();
    for (int i = 0; i < 13; i++) {
      files.add(new ImageFile("f" + i, 1 + random.nextInt(11), 1 + random.nextInt(9)));
    }
    HoldoutSplit split = new HoldoutSplit(0.25, 3, 3, HoldoutSplit.Part.TEST);
    HoldoutBlocks blocks = split.of(input(13, new Extent(1, 11, 9), files));
    long count = 0;
    long heldOut = 0;
    for (int i = 0; i < 13; i++) {
      count += Grid.ceil(files.get(i).y(), 3) * Grid.ceil(files.get(i).x(), 3);
      heldOut += blocks.in(new Box(i, i + 1, 0, files.get(i).y(), 0, files.get(i).x())).size();
    }
    assertThat(blocks.count()).isEqualTo(count);
    assertThat(blocks.heldOut()).isEqualTo(heldOut).isBetween(count / 4, (count + 3) / 4);
  }

  private static ArrayInfo input(long images, Extent tile, List<ImageFile> files) {
    return new ArrayInfo(
        "test",
        "memory:",
        "test",
        Axes.parse("n,y,x,c"),
        List.of("n", "y", "x", "c"),
        new FeatureShape(images, 11, 9, 2),
        Quantisation.none(ElementType.FLOAT32),
        MissingChunks.FILL,
        tile,
        2,
        "none",
        files.isEmpty() ? Storage.GRID : Storage.IMAGES,
        files,
        new ReadMemory(0, 0),
        "test",
        null);
  }

  /** Returns one box per pixel, in pixel order. */
  private static List<Box> pixels(HoldoutSplit split, ArrayInfo input) {
    HoldoutBlocks blocks = split.of(input);
    List<Box> pixels = new ArrayList<>();
    input
        .shape()
        .box()
        .split(
            input.tile(),
            tile -> blocks.in(tile).forEach(t -> t.split(new Extent(1, 1, 1), pixels::add)));
    pixels.sort(
        Comparator.comparingLong(Box::n0).thenComparingLong(Box::y0).thenComparingLong(Box::x0));
    return pixels;
  }
}
