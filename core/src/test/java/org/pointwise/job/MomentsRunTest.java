package org.pointwise.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.Moments;
import org.pointwise.learn.MomentsTree;
import org.pointwise.learn.MomentsTree.Node;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.plan.MomentsMergePlan;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.PixelSelection;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.npy.NpyHeader;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.PixelSample;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Seed;
import org.pointwise.weights.MomentsFile;
import org.pointwise.work.LocalRunner;
import org.pointwise.work.Progress;
import org.pointwise.work.RunFolder;

/** Tests a moments pass, from stored arrays to their sums. */
class MomentsRunTest {
  private static final FeatureShape SHAPE = new FeatureShape(7, 13, 11, 20);

  @TempDir Path folder;

  private final Random random = Seed.random("moments job");
  private final Arrays4 array = Arrays4.random(random, SHAPE);
  private int runs;

  private MomentsPlan plan(FeatureSource source, @Nullable ArrayInfo labels, PixelSample sample) {
    PixelSelection spec =
        new PixelSelection(
            folder + "/moments" + runs++,
            labels,
            labels == null ? 0 : 3,
            null,
            sample,
            HoldoutSplit.ALL);
    return MomentsPlan.of(spec, source.info());
  }

  private FeatureMoments run(FeatureSource source, int threads) {
    return run(plan(source, null, PixelSample.ALL), threads);
  }

  private static FeatureMoments run(MomentsPlan plan, int threads) {
    LocalRunner runner = new LocalRunner(ByteStores.LOCAL, threads);
    try (MomentsRun job = new MomentsRun(ByteStores.LOCAL, plan, "test")) {
      return job.run(runner, Progress.SILENT, System.nanoTime()).moments();
    }
  }

  private static byte[] bytes(FeatureMoments found) {
    return MomentsFile.encode(List.of(new Node(0, 0, found)), Map.of());
  }

  private FeatureSource zarr(int format, String axes, Extent chunk, Extent shard) throws Exception {
    String group = folder + "/in" + runs++ + ".zarr";
    return Formats.open(
        ByteStores.LOCAL, array.zarr(group, format, axes, chunk, shard), null, null);
  }

  @Test
  void momentsAreBitIdenticalForAnyStorageOfWholeImages() throws Exception {
    Map<String, FeatureSource> inputs = new LinkedHashMap<>();
    inputs.put("an image", zarr(3, "n,y,x,c", new Extent(1, 13, 11), new Extent(1, 13, 11)));
    inputs.put("two images", zarr(2, "n,y,x,c", new Extent(2, 13, 11), new Extent(2, 13, 11)));
    inputs.put("three in shards", zarr(3, "n,c,y,x", new Extent(3, 13, 11), new Extent(6, 13, 11)));
    inputs.put("all", zarr(3, "c,n,y,x", new Extent(7, 13, 11), new Extent(7, 13, 11)));
    String npy = array.npyFolder(folder + "/npy", "c,y,x");
    inputs.put("files", Formats.open(ByteStores.LOCAL, npy, Axes.parse("c,y,x"), null));
    String file = array.npyFile(folder.toString(), "all.npy", "n,y,x,c");
    inputs.put("a file", Formats.open(ByteStores.LOCAL, file, Axes.parse("n,y,x,c"), null));
    byte[] expected = null;
    for (Map.Entry<String, FeatureSource> input : inputs.entrySet()) {
      byte[] found = bytes(run(input.getValue(), 1 + random.nextInt(3)));
      expected = expected == null ? found : expected;
      assertThat(found).as("%s, seed %d", input.getKey(), Seed.value()).isEqualTo(expected);
    }
  }

  @Test
  void momentsAreBitIdenticalForAnyNumberOfParts() throws Exception {
    for (int trial = 0; trial < 12; trial++) {
      String output = folder + "/merged" + trial;
      ByteStores stores = uri -> ByteStores.LOCAL.open(uri).withoutSync();
      RunFolder run = RunFolder.of(output, stores);
      long first = random.nextInt(3) * (long) random.nextInt(100);
      long end = first + 1 + random.nextInt(trial == 0 ? 3000 : 150);
      MomentsTree all = new MomentsTree();
      for (long part = first; part < end; part++) {
        byte[] stored = MomentsFile.encode(List.of(new Node(0, part, leaf())), Map.of());
        run.store().put(MomentsParts.key("parts", 0, part), stored);
        MomentsFile.read(run.store(), MomentsParts.key("parts", 0, part)).nodes().forEach(all::add);
      }
      long max = 1L + random.nextInt(40);
      LocalRunner runner = new LocalRunner(stores, 1 + random.nextInt(3));
      MomentsMergePlan merge = new MomentsMergePlan(output, "parts", 1, first, end, 1);
      assertThat(bytes(MomentsRun.merged(runner, run, merge, max, 3)))
          .as("%d to %d, at most %d, seed %d", first, end, max, Seed.value())
          .isEqualTo(bytes(all.total(3)));
    }
  }

  /** The moments of one pixel of three channels. */
  private FeatureMoments leaf() {
    FeatureMoments leaf = new FeatureMoments(3);
    double[] mean = {random.nextGaussian(), random.nextGaussian(), random.nextGaussian()};
    leaf.groups().put(0, new Moments(3, 1, mean, new double[6]));
    return leaf;
  }

  /** Files of any numbers of nodes, some without pixels, say where all products are float64. */
  @Test
  void filesRecordFloat64Products() throws Exception {
    ByteStore store = ByteStores.LOCAL.open(folder.toString());
    for (int trial = 0; trial < 50; trial++) {
      List<Node> nodes = new ArrayList<>();
      long pixels = 0;
      long inFloat64 = 0;
      for (int i = 0; i < 1 + random.nextInt(4); i++) {
        FeatureMoments moments = random.nextInt(3) == 0 ? new FeatureMoments(3) : leaf();
        moments.addInFloat64(random.nextInt(4) == 0 ? 0 : moments.count());
        pixels += moments.count();
        inFloat64 += moments.inFloat64();
        nodes.add(new Node(0, 2L * i, moments));
      }
      store.put("moments", MomentsFile.encode(nodes, Map.of()));
      MomentsFile.Contents read = MomentsFile.read(store, "moments");
      boolean all = pixels > 0 && inFloat64 == pixels;
      assertThat(read.recorded("products")).isEqualTo(all ? "float64" : null);
      FeatureMoments sum = new FeatureMoments(3);
      read.nodes().forEach(node -> sum.add(node.moments()));
      assertThat(sum.inFloat64()).isEqualTo(all ? pixels : 0);
      sum.add(leaf());
      assertThat(sum.inFloat64()).isLessThan(sum.count());
    }
  }

  @Test
  void momentsMatchTwoPassesForAnyChunks() throws Exception {
    FeatureMoments found = run(zarr(3, "n,y,x,c", new Extent(2, 5, 4), new Extent(2, 10, 8)), 2);
    Moments all = found.overall();
    assertThat(all.count()).isEqualTo(SHAPE.pixels());
    for (int i = 0; i < SHAPE.c(); i++) {
      for (int j = i; j < SHAPE.c(); j++) {
        assertThat(all.covariance(i, j)).isCloseTo(covariance(i, j), within(1e-6));
      }
    }
  }

  private double covariance(int i, int j) {
    double sum = 0;
    double meanI = mean(i);
    double meanJ = mean(j);
    for (int p = 0; p < SHAPE.pixels(); p++) {
      sum +=
          (array.values()[p * SHAPE.c() + i] - meanI) * (array.values()[p * SHAPE.c() + j] - meanJ);
    }
    return sum / SHAPE.pixels();
  }

  private double mean(int c) {
    double sum = 0;
    for (int p = 0; p < SHAPE.pixels(); p++) {
      sum += array.values()[p * SHAPE.c() + c];
    }
    return sum / SHAPE.pixels();
  }

  @Test
  void momentsOfPartsMergeToMomentsOfWhole() throws Exception {
    FeatureMoments whole = run(zarr(3, "n,y,x,c", new Extent(1, 13, 11), new Extent(1, 13, 11)), 2);
    FeatureMoments merged = new FeatureMoments(SHAPE.c());
    int image = (int) (SHAPE.y() * SHAPE.x() * SHAPE.c());
    for (int[] part : new int[][] {{4, 7}, {0, 1}, {1, 4}}) {
      float[] values = Arrays.copyOfRange(array.values(), part[0] * image, part[1] * image);
      Arrays4 some =
          new Arrays4(new FeatureShape(part[1] - part[0], SHAPE.y(), SHAPE.x(), SHAPE.c()), values);
      String npy = some.npyFolder(folder + "/part" + part[0], "y,x,c");
      merged.add(run(Formats.open(ByteStores.LOCAL, npy, Axes.parse("y,x,c"), null), 1));
    }
    double[] expected = whole.overall().coMoments();
    double[] found = merged.overall().coMoments();
    double scale = whole.overall().totalVariance() * SHAPE.pixels();
    for (int i = 0; i < expected.length; i++) {
      assertThat(found[i]).isCloseTo(expected[i], within(1e-12 * scale));
    }
    assertThat(merged.zeros()).isEqualTo(whole.zeros());
    assertThat(merged.max()).isEqualTo(whole.max());
  }

  @Test
  void classMomentsAddUpToOverallMoments() throws Exception {
    FeatureSource source = zarr(3, "n,y,x,c", new Extent(2, 5, 4), new Extent(2, 5, 4));
    float[] labels = new float[(int) SHAPE.pixels()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = random.nextInt(3);
    }
    ArrayInfo info = labels(labels);
    FeatureMoments found = run(plan(source, info, PixelSample.ALL), 2);
    assertThat(found.groups().keySet()).containsExactly(0, 1, 2);
    for (int label = 0; label < 3; label++) {
      int currentLabel = label;
      long count = IntStream.range(0, labels.length).filter(i -> labels[i] == currentLabel).count();
      assertThat(found.groups().get(label).count()).isEqualTo(count);
    }
    double[] expected = run(source, 2).overall().coMoments();
    double[] sum = found.overall().coMoments();
    for (int i = 0; i < expected.length; i++) {
      assertThat(sum[i]).isCloseTo(expected[i], within(1e-5 * SHAPE.pixels()));
    }
  }

  /** Stores labels as an int32 array with other chunks than the features. */
  private ArrayInfo labels(float[] labels) throws Exception {
    ByteBuffer data = ByteBuffer.allocate(4 * labels.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float label : labels) {
      data.putInt((int) label);
    }
    byte[] header =
        NpyHeader.encode(ElementType.INT32, new long[] {SHAPE.n(), SHAPE.y(), SHAPE.x()});
    Path file = folder.resolve("labels.npy");
    Files.write(file, header);
    Files.write(file, data.array(), StandardOpenOption.APPEND);
    FeatureSource any = zarr(3, "n,y,x,c", new Extent(7, 13, 11), new Extent(7, 13, 11));
    return Formats.openLabels(ByteStores.LOCAL, file.toString(), null, any.info()).info();
  }

  @Test
  void sampleDependsOnlyOnCoordinates() throws Exception {
    PixelSample tenth = new PixelSample(0.1, 5);
    FeatureSource one = zarr(3, "n,y,x,c", new Extent(1, 13, 11), new Extent(1, 13, 11));
    FeatureSource other = zarr(2, "n,c,y,x", new Extent(3, 13, 11), new Extent(3, 13, 11));
    FeatureMoments found = run(plan(one, null, tenth), 1);
    assertThat(bytes(found)).isEqualTo(bytes(run(plan(other, null, tenth), 2)));
    assertThat(found.count()).isBetween(50L, 160L);
  }

  @Test
  void rerunReusesStoredUnits() throws Exception {
    FeatureSource source = zarr(3, "n,y,x,c", new Extent(1, 13, 11), new Extent(1, 13, 11));
    MomentsPlan plan = plan(source, null, PixelSample.ALL);
    FeatureMoments first = run(plan, 1);
    try (MomentsRun job = new MomentsRun(ByteStores.LOCAL, plan, "test")) {
      LocalRunner runner = new LocalRunner(ByteStores.LOCAL, 1);
      MomentsRun.Outcome again = job.run(runner, Progress.SILENT, System.nanoTime());
      assertThat(again.report().path("shardsAlreadyThere").asLong()).isEqualTo(plan.unitCount());
      assertThat(bytes(again.moments())).isEqualTo(bytes(first));
    }
  }

  @Test
  void unitsOfChangedInputAreRecomputed() throws Exception {
    Extent image = new Extent(1, 13, 11);
    FeatureSource source = zarr(3, "n,y,x,c", image, image);
    MomentsPlan plan = plan(source, null, PixelSample.ALL);
    byte[] first = bytes(run(plan, 1));
    Path changed = Path.of(source.info().uri(), "c/3/0/0/0");
    Path other = Path.of(zarr(3, "n,y,x,c", image, image).info().uri(), "c/4/0/0/0");
    Files.write(changed, Files.readAllBytes(other));
    Files.setLastModifiedTime(changed, FileTime.fromMillis(1));
    byte[] again = bytes(run(plan, 2));
    assertThat(again)
        .isNotEqualTo(first)
        .isEqualTo(bytes(run(plan(source, null, PixelSample.ALL), 1)));
  }

  /** In the tree of a tile with several images, gaps separate the nodes of the images. */
  @Test
  void treeWithGapsStaysWithinPlannedMemory() throws Exception {
    for (int trial = 0; trial < 40; trial++) {
      Extent chunk =
          new Extent(1 + random.nextInt(4), 2 + random.nextInt(12), 2 + random.nextInt(10));
      FeatureSource source = zarr(2, "n,y,x,c", chunk, chunk);
      HoldoutSplit split =
          random.nextBoolean()
              ? HoldoutSplit.ALL
              : new HoldoutSplit(0.5, random.nextInt(99), 3, HoldoutSplit.Part.TRAIN);
      PixelSelection spec =
          new PixelSelection(folder + "/gaps" + trial, null, 0, null, PixelSample.ALL, split);
      MomentsPlan plan = MomentsPlan.of(spec, source.info());
      run(plan, 1);
      ByteStore store = RunFolder.of(plan.destination(), ByteStores.LOCAL).store();
      long node = 8L * (20 * 21 / 2 + 20);
      for (long unit = 0; unit < plan.unitCount(); unit++) {
        int nodes =
            MomentsParts.read(store, MomentsParts.key(MomentsParts.of(plan), 0, unit))
                .nodes()
                .size();
        assertThat(nodes * node)
            .as("chunk %s, %s, seed %d", chunk, split, Seed.value())
            .isLessThanOrEqualTo(plan.partBytes());
      }
    }
  }

  /**
   * Learning may take hours after the pass. It ends when its result is stored at the destination.
   */
  @Test
  void otherPlanIsRefusedUntilFirstPassIsClosed() throws Exception {
    FeatureSource source = zarr(3, "n,y,x,c", new Extent(1, 13, 11), new Extent(1, 13, 11));
    MomentsPlan plan = plan(source, null, PixelSample.ALL);
    runs--;
    MomentsPlan other = plan(source, null, new PixelSample(0.5, 1));
    assertThat(other.destination()).isEqualTo(plan.destination());
    LocalRunner runner = new LocalRunner(ByteStores.LOCAL, 1);
    try (MomentsRun job = new MomentsRun(ByteStores.LOCAL, plan, "test")) {
      job.run(runner, Progress.SILENT, System.nanoTime());
      assertThatThrownBy(() -> run(other, 1))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("is writing to it");
      job.requireHeld();
    }
    assertThat(run(other, 1).count()).isLessThan(SHAPE.pixels());
  }

  @Test
  void lateResultsOfOtherPlanAreIgnored() throws Exception {
    FeatureSource source = zarr(3, "n,y,x,c", new Extent(1, 13, 11), new Extent(1, 13, 11));
    MomentsPlan plan = plan(source, null, PixelSample.ALL);
    runs--;
    MomentsPlan other = plan(source, null, new PixelSample(0.5, 1));
    byte[] expected = bytes(run(plan(source, null, PixelSample.ALL), 1));
    run(other, 1);
    ByteStore store = RunFolder.of(plan.destination(), ByteStores.LOCAL).store();
    String key = MomentsParts.key(MomentsParts.of(other), 0, 0);
    byte[] late = store.get(key);
    try (MomentsRun job = new MomentsRun(ByteStores.LOCAL, plan, "test")) {
      ByteStores meanwhile =
          uri -> {
            try {
              store.put(key, late);
            } catch (java.io.IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
            return ByteStores.LOCAL.open(uri);
          };
      LocalRunner runner = new LocalRunner(meanwhile, 1);
      MomentsRun.Outcome found = job.run(runner, Progress.SILENT, System.nanoTime());
      assertThat(bytes(found.moments())).isEqualTo(expected);
    }
  }
}
