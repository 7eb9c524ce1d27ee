package org.pointwise.differential;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.pointwise.spark.HeldSpark;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs any range of cases, and continues where it was stopped. */
@Command(name = "differential", mixinStandardHelpOptions = true)
final class Main implements Callable<Integer> {
  private static final int REPORT_INTERVAL = 100;

  @Option(
      names = "--seeds",
      required = true,
      paramLabel = "FROM:TO",
      description = "Numbers of cases, without the last; or one number.")
  String seeds = "";

  @Option(
      names = "--kind",
      paramLabel = "reduce|stop|reconstruct|append|append_new|nights",
      description = "What to do with each case (default: ${DEFAULT-VALUE}).")
  Kind kind = Kind.REDUCE;

  @Option(
      names = "--state",
      paramLabel = "FILE",
      description = "Where the next number is kept; begins anew where the file is not there.")
  Path state;

  @Option(
      names = "--folder",
      required = true,
      paramLabel = "FOLDER",
      description = "For what cases write; the first case of each kind of finding stays there.")
  Path folder;

  @Option(
      names = "--record",
      paramLabel = "FILE",
      description = "Only write hashes of what is stored: for the cases that FILE has, else these.")
  Path record;

  @Option(names = "--most-failures", paramLabel = "N", description = "Stop after so many.")
  int max = Integer.MAX_VALUE;

  @Override
  public Integer call() throws Exception {
    String[] bounds = seeds.split(":", 2);
    long from = Long.parseLong(bounds[0]);
    long to = bounds.length == 1 ? from + 1 : Long.parseLong(bounds[1]);
    if (state != null && Files.exists(state)) {
      from = Math.max(from, Long.parseLong(Files.readString(state).strip()));
    }
    try (Reference reference = Reference.start();
        HeldSpark spark = new HeldSpark(Commands.MASTER)) {
      if (record != null) {
        List<Case> cases = LongStream.range(from, to).mapToObj(kind::testCase).toList();
        ReferenceOutputs.record(record, cases, folder, reference);
        return 0;
      }
      Session session = new Session(kind, reference, folder);
      run(session, from, to);
      System.out.printf("%s%n%s", session.summary(), session.findings());
      return session.failed() == 0 ? 0 : 1;
    }
  }

  private void run(Session session, long from, long to) throws Exception {
    long begun = System.nanoTime();
    for (long number = from; number < to && session.failed() < max; number++) {
      session.run(kind.testCase(number));
      keep(number + 1);
      if ((number + 1) % REPORT_INTERVAL == 0 || number + 1 == to) {
        long millis = (System.nanoTime() - begun) / 1_000_000 / (number + 1 - from);
        System.err.printf("%d of %d: %s, %d ms each%n", number + 1, to, session.summary(), millis);
      }
    }
  }

  private void keep(long next) throws IOException {
    if (state != null) {
      Files.writeString(state, Long.toString(next));
    }
  }

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }
}
