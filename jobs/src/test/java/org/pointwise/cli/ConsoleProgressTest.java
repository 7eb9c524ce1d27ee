package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Tests the progress lines, with a simulated clock. */
class ConsoleProgressTest {
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final AtomicLong clock = new AtomicLong(1_000_000);

  private ConsoleProgress progress(long units, long pixels, boolean terminal) {
    PrintStream err = new PrintStream(output, true, StandardCharsets.UTF_8);
    return new ConsoleProgress(units, pixels, "shards", err, terminal, clock::get);
  }

  private String takeOutput() {
    String text = output.toString(StandardCharsets.UTF_8);
    output.reset();
    return text;
  }

  @Test
  void printsLineEveryTenSecondsWithoutTerminal() {
    try (ConsoleProgress progress = progress(100, 50_000_000, false)) {
      clock.addAndGet(9_999);
      progress.done(10, 5_000_000, 1_000_000_000);
      assertThat(takeOutput()).isEmpty();
      clock.addAndGet(1);
      progress.done(10, 5_000_000, 1_000_000_000);
      // 20 of 100 in 10 s: 40 s for the rest; 2 GB in 10 s.
      assertThat(takeOutput())
          .isEqualTo("20/100 shards  10.0 of 50.0 Mpixel  200.0 MB/s  ETA 0:40\n");
      progress.done(1, 500_000, 0);
      assertThat(takeOutput()).isEmpty();
    }
    assertThat(takeOutput()).isEmpty();
  }

  @Test
  void redrawsOnTerminalAndClearsAtEnd() {
    try (ConsoleProgress progress = progress(4, 4_000_000, true)) {
      clock.addAndGet(200);
      progress.done(1, 1_000_000, 1_000_000);
      assertThat(takeOutput())
          .isEqualTo("\r1/4 shards  1.0 of 4.0 Mpixel  5.0 MB/s  ETA 0:00\033[K");
    }
    assertThat(takeOutput()).isEqualTo("\r\033[K");
  }

  @Test
  void unknownFiguresAreOmitted() {
    try (ConsoleProgress units = progress(10, 0, false)) {
      clock.addAndGet(120_000);
      units.done(5, 0, 0);
      assertThat(takeOutput()).isEqualTo("5/10 shards  ETA 2:00\n");
    }
    try (ConsoleProgress count = progress(0, 0, false)) {
      clock.addAndGet(10_000);
      count.done(7, 0, 0);
      assertThat(takeOutput()).isEqualTo("7 shards\n");
    }
  }
}
