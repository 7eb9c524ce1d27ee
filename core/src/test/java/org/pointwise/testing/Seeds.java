package org.pointwise.testing;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectUniqueId;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.UniqueId;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs test classes under many random seeds in one JVM, for {@code scripts/seeds}. Tests that draw
 * no numbers run under the first seed only.
 */
public final class Seeds {
  private Seeds() {}

  /** Arguments: FIRST COUNT CLASS…. Exits with 1 if a test failed under a seed. */
  public static void main(String[] args) {
    long first = Long.parseLong(args[0]);
    long count = Long.parseLong(args[1]);
    List<DiscoverySelector> tests =
        Arrays.stream(args).skip(2).map(name -> (DiscoverySelector) selectClass(name)).toList();
    long failed = 0;
    for (long seed = first; seed < first + count; seed++) {
      Seed.set(seed);
      Drawing drawing = new Drawing();
      if (fails(seed, tests, drawing)) {
        failed++;
      }
      if (seed == first) {
        tests = drawing.selected();
      }
    }
    System.out.printf("%d seeds, %d failed%n", count, failed);
    System.exit(failed == 0 ? 0 : 1); // tests may leave threads running
  }

  private static boolean fails(long seed, List<DiscoverySelector> tests, Drawing drawing) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request().selectors(tests).build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request, listener, drawing);
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
    return summary.getTotalFailureCount() > 0;
  }

  /** The tests that drew numbers. Their fields are initialised before {@code executionStarted}. */
  private static final class Drawing implements TestExecutionListener {
    private final Set<UniqueId> randomTests = new LinkedHashSet<>();

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      if (test.isTest() && Seed.wasUsed()) {
        randomTests.add(method(test.getUniqueIdObject()));
      }
    }

    /** Returns the whole method, since its cases may depend on the seed. */
    private static UniqueId method(UniqueId test) {
      UniqueId found = test;
      while (found.getLastSegment().getType().endsWith("-invocation")
          || found.getLastSegment().getType().startsWith("dynamic-")) {
        found = found.removeLastSegment();
      }
      return found;
    }

    List<DiscoverySelector> selected() {
      return randomTests.stream().map(id -> (DiscoverySelector) selectUniqueId(id)).toList();
    }
  }
}
