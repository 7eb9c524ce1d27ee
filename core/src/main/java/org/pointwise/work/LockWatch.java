package org.pointwise.work;

import java.io.IOException;
import java.net.InetAddress;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStores;

/**
 * Checks that the mark of a live run is still in the run folder, at most once every five seconds.
 * Confined to one thread.
 */
public final class LockWatch {
  private static final long NANOS = 5_000_000_000L;

  private final String output;
  private final ByteStores stores;
  private final String run;
  private boolean observed;
  private long lastCheckNanos;

  /**
   * Watches the mark of a run.
   *
   * @param run name of the run, as the runner received it
   * @param exists whether the mark is known to exist at this moment
   */
  public LockWatch(String output, ByteStores stores, String run, boolean exists) {
    this.output = output;
    this.stores = stores;
    this.run = run;
    this.observed = exists;
    this.lastCheckNanos = System.nanoTime() - (exists ? 0 : NANOS);
  }

  /**
   * Checks that this process sees the mark, as a condition for writing.
   *
   * @throws InvalidInputException that names the host, where the mark was never seen
   * @throws IncompleteRunException where the mark has vanished
   */
  public void require() {
    if (System.nanoTime() - lastCheckNanos < NANOS) {
      return;
    }
    try {
      RunFolder folder = RunFolder.of(output, stores);
      if (observed && !exists(folder)) {
        throw new IncompleteRunException(
            "Cannot finish %s: another run has taken it over; check that run before running again"
                .formatted(output));
      }
      requireVisible(folder);
      observed = true;
    } catch (IOException e) {
      throw new IncompleteRunException(
          "Cannot read %s: %s; remove the cause and run the same command again to continue"
              .formatted(RunFolder.uri(output), e),
          e);
    }
    lastCheckNanos = System.nanoTime();
  }

  private boolean exists(RunFolder folder) throws IOException {
    return folder.store().size(RunLock.RUNS + "/" + run) >= 0;
  }

  private void requireVisible(RunFolder folder) throws IOException {
    if (!exists(folder)) {
      throw new InvalidInputException(
          "Cannot write to %s: executor %s does not see %s/%s/%s, which the driver wrote; use a path that driver and executors share (hdfs:, s3a:, a network mount), unless another run has taken the output over"
              .formatted(
                  output,
                  InetAddress.getLocalHost().getHostName(),
                  folder.store().uri(),
                  RunLock.RUNS,
                  run));
    }
  }
}
