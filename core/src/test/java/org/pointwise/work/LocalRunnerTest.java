package org.pointwise.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.OutputFormats;
import org.pointwise.job.ReduceRun;
import org.pointwise.plan.Existing;
import org.pointwise.plan.Head;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Reductions;
import org.pointwise.testing.Seed;

/** Tests that threads stop when one fails or the caller is interrupted. */
class LocalRunnerTest {
  private static final int UNITS = 2000;

  @TempDir Path folder;

  private FeatureSource input;
  private ReducePlan plan;

  @BeforeEach
  void write() throws Exception {
    FeatureShape shape = new FeatureShape(UNITS, 1, 1, 2);
    Extent one = new Extent(1, 1, 1);
    Arrays4 array = Arrays4.random(Seed.random("runner"), shape);
    input = Reductions.open(array.zarr(folder + "/in.zarr", 3, "n,y,x,c", one, one));
    plan = plan("out.zarr");
    assertThat(plan.unitCount()).isEqualTo(UNITS);
  }

  private ReducePlan plan(String output) {
    PointwiseLayer layer = PointwiseLayer.of(new float[] {1, 2}, new float[1], Activation.NONE);
    return ReducePlan.of(
        Reductions.with(
            Reductions.spec(folder + "/" + output, new Head("features", "test", layer)),
            OutputFormats.named("zarr3"),
            null,
            null,
            4),
        input.info());
  }

  private static final int THREADS = 4;

  /**
   * Delays reads. The first read of a thread waits for the first reads of all threads, so that no
   * thread processes all units alone. After a hundred reads, each read waits for {@code goOn}.
   *
   * @param allStarted counts reads
   */
  private static ByteStores blockingStores(CountDownLatch allStarted, CountDownLatch proceed) {
    CountDownLatch all = new CountDownLatch(THREADS);
    Set<Thread> readers = ConcurrentHashMap.newKeySet();
    AtomicInteger reads = new AtomicInteger();
    return uri -> {
      ByteStore store = ByteStores.LOCAL.open(uri);
      return (ByteStore)
          Proxy.newProxyInstance(
              ByteStore.class.getClassLoader(),
              new Class<?>[] {ByteStore.class},
              (proxy, method, args) -> {
                if (method.getName().equals("read") && uri.contains("/in.zarr")) {
                  if (readers.add(Thread.currentThread())) {
                    all.countDown();
                    await(all);
                  }
                  allStarted.countDown();
                  if (reads.incrementAndGet() > 100) {
                    await(proceed);
                  }
                }
                try {
                  return method.invoke(store, args);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    };
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the read detects the interrupt
    }
  }

  private void run() {
    run(new CountDownLatch(0), new CountDownLatch(0));
  }

  private void run(CountDownLatch allStarted, CountDownLatch proceed) {
    new ReduceRun(ByteStores.LOCAL, plan, input, null, "test")
        .run(
            new LocalRunner(blockingStores(allStarted, proceed), THREADS),
            Existing.CONTINUE,
            Progress.SILENT,
            System.nanoTime());
  }

  private int stored() throws Exception {
    return Folders.hashes(folder.resolve("out.zarr"), "features/c/").size();
  }

  @Test
  void failureOfAnyThreadStopsOthers() throws Exception {
    for (int unit = 0; unit < 4; unit++) { // one for each thread
      Path chunk = folder.resolve("in.zarr/data/c/%d/0/0/0".formatted(unit));
      byte[] whole = Files.readAllBytes(chunk);
      Files.write(chunk, new byte[3]);
      String output = "out%d.zarr".formatted(unit);
      plan = plan(output);
      assertThatThrownBy(() -> run()).isInstanceOf(CorruptDataException.class);
      assertThat(Folders.hashes(folder.resolve(output), "features/c/"))
          .as("unit %d", unit)
          .hasSizeLessThan(UNITS / 4);
      Files.write(chunk, whole);
    }
  }

  /** An interrupt closes the channels that threads read from, which is not damage. */
  @Test
  void interruptIsNotReportedAsDamage() throws Exception {
    for (int i = 0; i < 10; i++) {
      Thread caller = Thread.currentThread();
      CountDownLatch allStarted = new CountDownLatch(20);
      CountDownLatch proceed = new CountDownLatch(1);
      Thread interrupter =
          new Thread(
              () -> {
                await(allStarted);
                caller.interrupt();
                proceed.countDown();
              });
      interrupter.start();
      try {
        assertThatThrownBy(() -> run(allStarted, proceed))
            .isInstanceOf(IncompleteRunException.class)
            .hasMessageContaining("run the same command again");
      } finally {
        assertThat(Thread.interrupted()).isTrue();
        interrupter.join();
      }
    }
    run();
    assertThat(stored()).isEqualTo(UNITS);
    assertThat(Reductions.verify(folder + "/out.zarr").isOk()).isTrue();
  }
}
