package org.pointwise.store;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Makes many small requests to a store; {@link #MAX_CONCURRENT} at a time where each takes long.
 */
public final class ParallelRequests {
  /**
   * Below the default connection limit of object store clients, so that connections remain free.
   */
  private static final int MAX_CONCURRENT = 32;

  private ParallelRequests() {}

  /** One request. */
  @FunctionalInterface
  public interface Request<T, R> {
    R of(T item) throws IOException;
  }

  /**
   * Makes one request for each item.
   *
   * @return the answers in the order of the items
   * @throws IOException the failure of a failed item; unchecked exceptions are rethrown likewise
   */
  public static <T, R> List<R> each(ByteStore store, List<T> items, Request<T, R> request)
      throws IOException {
    int threads = store.isRemote() ? Math.min(MAX_CONCURRENT, items.size()) : 1;
    if (threads <= 1) {
      List<R> results = new ArrayList<>(items.size());
      for (T item : items) {
        results.add(request.of(item));
      }
      return results;
    }
    List<@Nullable R> results = new ArrayList<>(Collections.nCopies(items.size(), null));
    AtomicInteger next = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> workers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        workers.add(
            pool.submit(
                () -> {
                  try {
                    for (int at = next.getAndIncrement();
                        at < items.size();
                        at = next.getAndIncrement()) {
                      results.set(at, request.of(items.get(at)));
                    }
                    return true;
                  } finally {
                    next.set(items.size()); // stops the other workers after a failure
                    store.release();
                  }
                }));
      }
      Throwable failure = null;
      for (Future<?> worker : workers) {
        try {
          worker.get();
        } catch (ExecutionException e) {
          failure = failure == null ? e.getCause() : failure;
        }
      }
      if (failure instanceof IOException e) {
        throw e;
      } else if (failure instanceof RuntimeException e) {
        throw e;
      } else if (failure != null) {
        throw new IOException(failure);
      }
      List<R> whole = new ArrayList<>(items.size());
      for (R result : results) {
        whole.add(Objects.requireNonNull(result));
      }
      return whole;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } finally {
      pool.shutdownNow();
    }
  }
}
