package org.pointwise.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParallelRequestsTest {
  @TempDir Path folder;

  private final AtomicInteger released = new AtomicInteger();

  /** A local store that reports that it is remote. */
  private ByteStore isRemote() {
    ByteStore store = ByteStores.LOCAL.open(folder.toString());
    return (ByteStore)
        Proxy.newProxyInstance(
            ByteStore.class.getClassLoader(),
            new Class<?>[] {ByteStore.class},
            (proxy, method, args) -> {
              if (method.getName().equals("isRemote")) {
                return true;
              }
              if (method.getName().equals("release")) {
                return released.incrementAndGet() < 0 ? true : null;
              }
              try {
                return method.invoke(store, args);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void resultsKeepItemOrderAndRequestsRunConcurrently() throws Exception {
    List<Integer> items = IntStream.range(0, 500).boxed().toList();
    CountDownLatch eight = new CountDownLatch(8); // the first requests wait for seven others
    List<String> answers =
        ParallelRequests.each(
            isRemote(),
            items,
            item -> {
              eight.countDown();
              try {
                eight.await();
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
              return "answer " + item;
            });
    assertThat(answers).isEqualTo(items.stream().map(item -> "answer " + item).toList());
    assertThat(released.get()).isEqualTo(32);
  }

  @Test
  void failureStopsRequestsAndIsThrown() {
    List<Integer> items = IntStream.range(0, 100_000).boxed().toList();
    AtomicInteger made = new AtomicInteger();
    for (Exception failure : List.of(new IOException("gone"), new IllegalStateException("bad"))) {
      made.set(0);
      assertThatThrownBy(
              () ->
                  ParallelRequests.each(
                      isRemote(),
                      items,
                      item -> {
                        made.incrementAndGet();
                        if (failure instanceof IOException e) {
                          throw e;
                        }
                        throw (RuntimeException) failure;
                      }))
          .isSameAs(failure);
      assertThat(made.get()).isLessThanOrEqualTo(32);
    }
  }
}
