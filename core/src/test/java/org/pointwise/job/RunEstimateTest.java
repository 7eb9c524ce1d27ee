package org.pointwise.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.OutputFormats;
import org.pointwise.plan.Existing;
import org.pointwise.plan.Head;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.Reduction;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Reductions;
import org.pointwise.testing.Seed;
import org.pointwise.testing.SharedData;
import org.pointwise.work.LocalRunner;
import org.pointwise.work.Progress;

/** Compares estimates with the requests and bytes of the runs that they describe. */
class RunEstimateTest {
  /** Allowed relative difference of stored bytes for values of one distribution. */
  private static final double BYTES = 0.1;

  @TempDir Path folder;

  private final Random random = Seed.random("estimate");

  private final FeatureShape shape = new FeatureShape(4, 32, 48, 16);
  private final Arrays4 array = Arrays4.random(random, shape);

  /** Counts the requests for some objects, by their names in the requests. */
  private static final class Counter implements ByteStores {
    private final Set<String> objects = new HashSet<>();
    private final AtomicLong reads = new AtomicLong();
    private final AtomicLong statuses = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    Counter(FeatureSource source) {
      source
          .objects(source.info().shape().box())
          .forEach(key -> objects.add(source.store().uri() + "/" + key));
    }

    @Override
    public ByteStore open(String uri) {
      ByteStore store = ByteStores.LOCAL.open(uri);
      return (ByteStore)
          Proxy.newProxyInstance(
              ByteStore.class.getClassLoader(),
              new Class<?>[] {ByteStore.class},
              (proxy, method, arguments) -> counted(store, method, arguments));
    }

    private Object counted(ByteStore store, Method method, Object[] given) throws Throwable {
      switch (method.getName()) {
        case "read" -> {
          if (objects.contains(store.uri() + "/" + given[0])) {
            reads.incrementAndGet();
            bytes.addAndGet(
                given.length == 3 ? store.size((String) given[0]) : ((Integer) given[2]));
          }
        }
        case "size", "modified" -> count(store, List.of(given[0]));
        case "statusesOf" -> count(store, (List<?>) given[0]);
        default -> {}
      }
      try {
        return method.invoke(store, given);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }

    private void count(ByteStore store, List<?> keys) {
      keys.stream()
          .filter(key -> objects.contains(store.uri() + "/" + key))
          .forEach(key -> statuses.incrementAndGet());
    }
  }

  private FeatureSource source(int kind) throws Exception {
    Extent small = new Extent(1, 8, 16);
    return switch (kind) {
      case 0 -> Reductions.open(array.zarr(folder + "/v2", 2, "n,y,x,c", small, small));
      case 1 -> Reductions.open(array.zarr(folder + "/v3", 3, "n,c,y,x", small, small));
      case 2 ->
          Reductions.open(
              array.zarr(folder + "/sharded", 3, "n,y,x,c", small, new Extent(1, 32, 48)));
      case 3 -> open(array.npyFolder(folder + "/npy", "y,x,c"), "n,y,x,c");
      default -> open(array.npyFile(folder + "/one", "a.npy", "n,y,x,c"), "n,y,x,c");
    };
  }

  private static FeatureSource open(String path, String axes) {
    return Formats.open(ByteStores.LOCAL, path, Axes.parse(axes), null);
  }

  private ReducePlan plan(FeatureSource source, String output, String format) {
    List<Head> heads = new ArrayList<>();
    for (int h = 0; h < 1 + random.nextInt(2); h++) {
      float[] weights = new float[16 * 4];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (float) random.nextGaussian();
      }
      heads.add(
          new Head("h" + h, "test", PointwiseLayer.of(weights, new float[4], Activation.NONE)));
    }
    Reduction spec = Reductions.spec(output, heads.toArray(Head[]::new));
    // A shard of one image, and chunks of at least a tile.
    long shard = format.startsWith("zarr") ? 32 * 48 * 16 : Reduction.CHOOSE;
    return ReducePlan.of(
        Reductions.with(spec, OutputFormats.named(format), null, null, shard), source.info());
  }

  private static RunEstimate estimate(ReducePlan plan, FeatureSource source, Existing existing) {
    return new ReduceRun(ByteStores.LOCAL, plan, source, null, "test").estimate(existing, 2, 1);
  }

  private RunEstimate.Figures figures(ReducePlan plan, FeatureSource source) throws Exception {
    Map<String, String> before = Folders.hashes(folder, "");
    RunEstimate found = estimate(plan, source, Existing.CONTINUE);
    assertThat(Folders.hashes(folder, "")).isEqualTo(before); // nothing is written
    assertThat(found).isInstanceOf(RunEstimate.Figures.class);
    return (RunEstimate.Figures) found;
  }

  private static void run(ReducePlan plan, FeatureSource source, ByteStores stores) {
    new ReduceRun(ByteStores.LOCAL, plan, source, null, "test")
        .run(new LocalRunner(stores, 1), Existing.CONTINUE, Progress.SILENT, System.nanoTime());
  }

  private static long[] stored(String output) throws Exception {
    long objects = 0;
    long bytes = 0;
    for (String name : Folders.hashes(Path.of(output), "").keySet()) {
      if (!name.endsWith("zarr.json")
          && !name.substring(name.lastIndexOf('/') + 1).startsWith(".z")) {
        objects++;
        bytes += Files.size(Path.of(output, name));
      }
    }
    return new long[] {objects, bytes};
  }

  @Test
  void estimateIsAsTheRun() throws Exception {
    for (int kind = 0; kind < 5; kind++) {
      for (String format : List.of("zarr3", "zarr2", "npy", "envi")) {
        if (kind == 4 && format.equals("envi")) {
          continue; // a cube holds one image
        }
        FeatureSource source = source(kind);
        String output = "%s/out-%d.%s".formatted(folder, kind, format);
        ReducePlan plan = plan(source, output, format);
        RunEstimate.Figures found = figures(plan, source);
        Counter counter = new Counter(source);
        run(plan, source, counter);
        Counter opening = new Counter(source); // by each worker, not included in the estimate
        Formats.reopen(opening, source.info());
        long[] stored = stored(output);
        String where = kind + " " + format;
        assertThat(found.units()).as(where).isEqualTo(plan.unitCount());
        assertThat(found.readRequests())
            .as(where)
            .isEqualTo(counter.reads.get() - opening.reads.get());
        assertThat(found.statusRequests())
            .as(where)
            .isEqualTo(counter.statuses.get() - opening.statuses.get());
        assertThat(found.objectsWritten()).as(where).isEqualTo(stored[0]);
        assertThat((double) found.bytesRead())
            .as(where)
            .isCloseTo(counter.bytes.get(), within(BYTES * counter.bytes.get()));
        assertThat((double) found.bytesWritten())
            .as(where)
            .isCloseTo(stored[1], within(BYTES * stored[1]));
        assertThat(found.seconds()).as(where).isBetween(1e-6, 60.0);
        assertThat(figures(plan, source).units()).as(where).isZero(); // nothing is left to do
      }
    }
  }

  @Test
  void realFeaturesAreEstimated() throws Exception {
    FeatureSource source = Reductions.open(SharedData.string("features/portrait.zarr/concat512"));
    float[] weights = new float[512 * 8];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    Head head =
        new Head("features", "test", PointwiseLayer.of(weights, new float[8], Activation.NONE));
    String output = folder + "/real.zarr";
    ReducePlan plan = ReducePlan.of(Reductions.spec(output, head), source.info());
    RunEstimate.Figures found = figures(plan, source);
    Counter counter = new Counter(source);
    run(plan, source, counter);
    assertThat(found.readRequests()).isEqualTo(counter.reads.get()).isEqualTo(8);
    // The measured part is a quarter of an image, and tiles differ.
    assertThat((double) found.bytesRead())
        .isCloseTo(counter.bytes.get(), within(0.25 * counter.bytes.get()));
    double stored = stored(output)[1];
    assertThat((double) found.bytesWritten()).isCloseTo(stored, within(0.25 * stored));
  }

  @Test
  void onlyMissingUnitsAreEstimated() throws Exception {
    FeatureSource source = source(2);
    String output = folder + "/out.zarr";
    ReducePlan plan = plan(source, output, "zarr3");
    RunEstimate.Figures whole = figures(plan, source);
    run(plan, source, ByteStores.LOCAL);
    Files.delete(Path.of(output, plan.spec().heads().get(0).name(), "c/1/0/0/0"));
    RunEstimate.Figures rest = figures(plan, source);
    assertThat(rest.units()).isEqualTo(1);
    assertThat(rest.readRequests()).isEqualTo(whole.readRequests() / 4);
    assertThat(rest.objectsWritten()).isEqualTo(whole.objectsWritten() / 4);
    RunEstimate again = estimate(plan, source, Existing.OVERWRITE_NOW);
    assertThat(((RunEstimate.Figures) again).units()).isEqualTo(4);
  }

  @Test
  void damagedTileIsNotEstimated() throws Exception {
    FeatureSource source = source(1);
    for (String name : Folders.hashes(folder.resolve("v3"), "/c/").keySet()) {
      Files.write(folder.resolve("v3").resolve(name), new byte[] {1, 2, 3});
    }
    RunEstimate found = estimate(plan(source, folder + "/out", "npy"), source, Existing.CONTINUE);
    assertThat(found).isInstanceOf(RunEstimate.Unavailable.class);
    assertThat(found.json().path("unavailable").asText()).contains("Cannot decode chunk");
  }

  @Test
  void missingChunksAreEstimated() throws Exception {
    FeatureSource source = source(1);
    Set<String> chunks = Folders.hashes(folder.resolve("v3"), "/c/").keySet();
    for (String name : chunks) {
      if (!name.contains("c/3/")) {
        Files.delete(folder.resolve("v3").resolve(name));
      }
    }
    ReducePlan plan = plan(source, folder + "/out", "zarr3");
    RunEstimate.Figures some = figures(plan, source);
    assertThat(some.bytesRead()).isPositive(); // another unit than the middle one was measured
    for (String name : chunks) {
      Files.deleteIfExists(folder.resolve("v3").resolve(name));
    }
    RunEstimate.Figures none = figures(plan, source);
    assertThat(none.bytesRead()).isZero();
    assertThat(none.readRequests()).isEqualTo(some.readRequests());
  }
}
