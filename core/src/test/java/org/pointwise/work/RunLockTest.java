package org.pointwise.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.testing.Seed;

class RunLockTest {
  @TempDir Path folder;

  private ByteStore store() {
    return ByteStores.LOCAL.open(folder.toString());
  }

  /** A clock that only waiting advances; {@code meanwhile} is what others do in each second. */
  private static RunLock.Clock clock(Runnable meanwhile) {
    return new RunLock.Clock() {
      private long now;

      @Override
      public long millis() {
        return now;
      }

      @Override
      public void pause(long millis) {
        now += millis;
        meanwhile.run();
      }
    };
  }

  private RunLock acquire(String run, String plan, String process, Runnable meanwhile)
      throws Exception {
    return RunLock.acquire(store(), "out", run, plan, process, clock(meanwhile), false);
  }

  @Test
  void runsOfOnePlanShareLockAndOthersAreRefused() throws Exception {
    RunLock first = acquire("r1", "a", "host1/-/1/0", () -> {});
    assertThat(first.shared()).isFalse();
    RunLock second = acquire("r2", "a", "host2/-/1/0", () -> {});
    assertThat(second.shared()).isTrue();
    Runnable beatFirst = first::beat;
    assertThatThrownBy(() -> acquire("r3", "b", "host3/-/1/0", beatFirst))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("is writing to it (process host")
        .hasMessageContaining(", plan a; this one is b)");
    first.close();
    Runnable beatSecond = second::beat;
    assertThatThrownBy(() -> acquire("r4", "b", "host3/-/1/0", beatSecond))
        .hasMessageContaining("run r2 is writing");
    second.requireHeld();
    second.close();
    RunLock next = acquire("r5", "b", "host3/-/1/0", () -> {});
    assertThat(next.shared()).isFalse();
    assertThat(store().list(RunLock.RUNS)).containsExactly("r5");
    next.close();
    assertThat(store().list(RunLock.RUNS)).isEmpty();
    assertThat(store().list(RunLock.ENTRIES)).hasSize(1);
  }

  @Test
  void silentRunIsReplacedAndDetectsIt() throws Exception {
    RunLock silent = acquire("r1", "a", "host1/-/1/0", () -> {});
    AtomicInteger seconds = new AtomicInteger();
    RunLock successor = acquire("r2", "b", "host2/-/1/0", seconds::incrementAndGet);
    assertThat(seconds.get() * 1000L).isEqualTo(RunLock.DEAD_MILLIS);
    assertThat(store().list(RunLock.RUNS)).containsExactly("r2");
    assertThatThrownBy(silent::requireHeld)
        .isInstanceOf(IncompleteRunException.class)
        .hasMessageContaining("run r2 of another plan has taken it over");
    successor.requireHeld();
  }

  @Test
  void endedLocalProcessIsReplacedWithoutWaiting() throws Exception {
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    String here = ProcessName.name();
    String machine = here.substring(0, here.lastIndexOf('/', here.lastIndexOf('/') - 1));
    acquire("r1", "a", machine + "/" + ended.pid() + "/0", () -> {});
    Runnable unexpected =
        () -> {
          throw new AssertionError("waited");
        };
    RunLock ours = acquire("r2", "b", here, unexpected);
    assertThatThrownBy(() -> acquire("r3", "c", here, unexpected))
        .hasMessageContaining("run r2 is writing");
    ours.close();
    // An entry left over by a run of this process, which is recognised as ended.
    RunLock interrupted = acquire("r4", "c", here, unexpected);
    byte[] entry = store().get("locks/00000003.json");
    interrupted.close();
    store().put("locks/00000003.json", entry);
    acquire("r5", "d", here, unexpected).close();
  }

  @Test
  void incompleteEntryCountsAsAlive() throws Exception {
    Files.createDirectories(folder.resolve(RunLock.ENTRIES));
    for (String text : List.of("", "{\"run\":")) {
      Files.writeString(folder.resolve("locks/00000007.json"), text);
      AtomicInteger seconds = new AtomicInteger();
      acquire("r", "a", "host1/-/1/0", seconds::incrementAndGet).close();
      assertThat(seconds.get() * 1000L).isEqualTo(RunLock.DEAD_MILLIS);
    }
  }

  /** All concurrent holders of the lock have one plan. */
  @Test
  void onePlanOfConcurrentPlansAcquiresLock() throws Exception {
    Random random = Seed.random("locks");
    int threads = 6;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      for (int round = 0; round < 60; round++) {
        int plans = 1 + random.nextInt(threads);
        CyclicBarrier start = new CyclicBarrier(threads);
        Set<String> holding = new HashSet<>();
        List<Future<@Nullable RunLock>> contenders = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
          String plan = "plan" + random.nextInt(plans);
          String run = "r%d-%d".formatted(round, i);
          contenders.add(
              pool.submit(
                  () -> {
                    start.await();
                    try {
                      RunLock lock = acquire(run, plan, ProcessName.name(), () -> {});
                      synchronized (holding) {
                        holding.add(plan);
                        assertThat(holding).as("seed %d", Seed.value()).containsExactly(plan);
                      }
                      return lock;
                    } catch (InvalidInputException e) {
                      return null;
                    }
                  }));
        }
        int acquired = 0;
        List<RunLock> locks = new ArrayList<>();
        for (Future<@Nullable RunLock> contender : contenders) {
          RunLock lock = contender.get();
          if (lock != null) {
            locks.add(lock);
            acquired++;
          }
        }
        assertThat(acquired).as("seed %d", Seed.value()).isPositive();
        for (RunLock lock : locks) {
          lock.requireHeld();
          lock.close();
        }
      }
    } finally {
      pool.shutdownNow();
    }
  }
}
