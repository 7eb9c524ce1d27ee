package org.pointwise.testing;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.Arrays;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs test classes under many seeds in one JVM; for {@code scripts/seeds}. */
public final class Seeds {
  private Seeds() {}

  /** FIRST COUNT CLASS…; ends with 1 if a test failed under a seed. */
  public static void main(String[] args) {
    long first = Long.parseLong(args[0]);
    long count = Long.parseLong(args[1]);
    LauncherDiscoveryRequest classes =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(Arrays.stream(args).skip(2).map(name -> selectClass(name)).toList())
            .build();
    long failed = 0;
    for (long seed = first; seed < first + count; seed++) {
      Seed.set(seed);
      SummaryGeneratingListener listener = new SummaryGeneratingListener();
      LauncherFactory.create().execute(classes, listener);
      TestExecutionSummary summary = listener.getSummary();
      System.out.printf(
          "seed %d: %d tests passed, %d failed, %d skipped, %.1f s%n",
          seed,
          summary.getTestsSucceededCount(),
          summary.getTotalFailureCount(),
          summary.getTestsSkippedCount() + summary.getTestsAbortedCount(),
          (summary.getTimeFinished() - summary.getTimeStarted()) / 1e3);
      summary
          .getFailures()
          .forEach(
              failure ->
                  System.out.printf(
                      "  %s: %s%n",
                      failure.getTestIdentifier().getUniqueId(), failure.getException()));
      failed += Math.min(1, summary.getTotalFailureCount());
    }
    System.out.printf("%d seeds, %d failed%n", count, failed);
    System.exit(failed == 0 ? 0 : 1); // what a test started may still have threads
  }
}
