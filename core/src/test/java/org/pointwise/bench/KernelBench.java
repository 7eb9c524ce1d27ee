package org.pointwise.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.pointwise.conv.KernelProvider;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Compares the kernel with other libraries and with the machine's limits, by {@link
 * KernelBenchmark} under JMH.
 */
@Command(
    name = "scripts/bench kernel",
    mixinStandardHelpOptions = true,
    description = {
      "One tile of 64×64 pixels, one thread, from decoded bytes to bytes to encode.",
      "Contenders take turns in one JVM; a ratio is the median of paired rounds. The limit is",
      "the multiply-add peak of one core, or for F' up to 4 a vector read of the same bytes."
    })
public final class KernelBench implements Callable<Integer> {
  private static final int[] INPUT_CHANNELS = {256, 512, 768, 1024, 2048};
  private static final int[] FEWER_INPUT_CHANNELS = {256, 768, 2048};

  private static final String CHUNK = "chunk";
  private static final String MOMENTS = "moments";

  @Option(names = "--json", paramLabel = "FILE", description = "append one JSON object a case")
  @Nullable Path json;

  @Option(
      names = "--only",
      paramLabel = "REGEX",
      description = "cases whose name matches, such as '256 → (2|64)$'")
  Pattern only = Pattern.compile("");

  @Option(names = "--rounds", paramLabel = "N", description = "paired rounds (${DEFAULT-VALUE})")
  int rounds = 5;

  @Option(names = "--millis", paramLabel = "MS", description = "of a round (${DEFAULT-VALUE})")
  int millis = 200;

  @Option(
      names = "--jvm",
      paramLabel = "FLAG",
      description = "one more flag for the JVM that is measured, such as -XX:UseAVX=2")
  List<String> jvm = List.of();

  private double maxAllocated;

  /** The project's kernels come first, then the peers, then the limit of both. */
  private record Case(int in, String out, List<String> ours, List<String> peers, String limit) {
    boolean layers() {
      return !out.equals(CHUNK) && !out.equals(MOMENTS);
    }
  }

  public static void main(String[] args) {
    System.exit(new CommandLine(new KernelBench()).execute(args));
  }

  private static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    List<String> float32 = List.of("float32");
    List<String> openBlas = List.of("OpenBLAS");
    for (int in : INPUT_CHANNELS) {
      for (String out : List.of("64", "128", "256")) {
        cases.add(new Case(in, out, float32, openBlas, "peak"));
      }
    }
    for (int in : FEWER_INPUT_CHANNELS) {
      for (String out : List.of("8", "16", "24", "32", "48")) {
        cases.add(new Case(in, out, float32, openBlas, "peak"));
      }
    }
    for (int in : INPUT_CHANNELS) {
      for (String out : List.of("1", "2", "4")) {
        cases.add(new Case(in, out, float32, openBlas, "read"));
      }
    }
    List<String> others = List.of("netlib", "ONNX Runtime");
    cases.add(new Case(256, "64", float32, others, ""));
    cases.add(new Case(768, "256", float32, others, ""));
    for (String out : List.of("64", "16", "2")) {
      cases.add(new Case(256, out, List.of("channels-first"), float32, ""));
    }
    cases.add(
        new Case(
            256,
            "64",
            List.of("float16", "bfloat16", "uint8", "uint16", "float32-big-endian"),
            float32,
            ""));
    cases.add(new Case(256, "64+96+16+32", float32, List.of("one head"), ""));
    for (int in : INPUT_CHANNELS) {
      cases.add(
          new Case(
              in,
              MOMENTS,
              List.of("moments", "moments of channels-first"),
              List.of("OpenBLAS ssyrk"),
              "peak of moments"));
    }
    for (int in : INPUT_CHANNELS) {
      cases.add(new Case(in, MOMENTS, List.of("moments of float64"), List.of("moments"), ""));
    }
    for (String operation : List.of("read", "write")) {
      cases.add(
          new Case(
              256,
              CHUNK,
              List.of(operation + " a chunk"),
              List.of("file and zstd-jni to " + operation),
              ""));
    }
    return cases;
  }

  @Override
  public Integer call() throws Exception {
    System.out.println(Machine.describe() + ", " + KernelProvider.forThisJvm().reason());
    System.out.println(Result.header());
    for (Case work : cases()) {
      if (only.matcher(work.in + " → " + work.out).find()) {
        List<Result> results = run(work);
        results.forEach(result -> System.out.println(result.line()));
        Result.append(json, results);
      }
    }
    System.out.printf(
        "Our kernel allocates at most %.0f bytes a tile, the harness included%n", maxAllocated);
    return 0;
  }

  private List<Result> run(Case work) throws RunnerException {
    List<String> contenders = new ArrayList<>(work.ours);
    contenders.addAll(work.peers);
    if (!work.limit.isEmpty()) {
      contenders.add(work.limit);
    }
    RunResult run = new Runner(options(work, contenders).build()).runSingle();
    double[][] scores = new double[contenders.size()][rounds];
    double allocated = 0;
    int i = 0;
    for (IterationResult iteration :
        run.getBenchmarkResults().iterator().next().getIterationResults()) {
      int contender = i % contenders.size();
      scores[contender][i / contenders.size()] = iteration.getPrimaryResult().getScore();
      if (contender == 0) {
        allocated += iteration.getSecondaryResults().get("gc.alloc.rate.norm").getScore() / rounds;
      }
      i++;
    }
    boolean chunk = work.out.equals(CHUNK);
    double amount = workAmount(work);
    List<Result> results = new ArrayList<>();
    for (int ours = 0; ours < work.ours.size(); ours++) {
      String name = "%d → %s, %s".formatted(work.in, work.out, work.ours.get(ours));
      double limit =
          work.limit.isEmpty() ? Double.NaN : ratio(scores[ours], scores[contenders.size() - 1]);
      for (int peer = 0; peer < work.peers.size(); peer++) {
        double[] theirs = scores[work.ours.size() + peer];
        results.add(
            new Result(
                name,
                chunk ? "GB/s" : "GFLOP/s",
                Result.median(scores[ours]) * amount,
                Result.median(theirs) * amount,
                work.peers.get(peer),
                ratio(scores[ours], theirs),
                limit));
      }
    }
    if (!work.ours.get(0).contains("chunk")) {
      maxAllocated = Math.max(maxAllocated, allocated);
    }
    return results;
  }

  /** Gigabytes of a chunk, or billions of operations of a tile. */
  private static double workAmount(Case work) {
    KernelCase tile = kernelCase(work);
    double gigaBytes = 1e-9 * KernelCase.PIXELS * work.in * Float.BYTES;
    return switch (work.out) {
      case CHUNK -> gigaBytes;
      case MOMENTS -> 1e-9 * tile.momentFlops();
      default -> gigaBytes / 2 * tile.out();
    };
  }

  private static KernelCase kernelCase(Case work) {
    return KernelCase.of(work.in, work.layers() ? work.out : "1");
  }

  private OptionsBuilder options(Case work, List<String> contenders) {
    OptionsBuilder options = new OptionsBuilder();
    List<String> flags = new ArrayList<>(List.of("-Xmx2g", "--add-modules=jdk.incubator.vector"));
    flags.addAll(jvm);
    options
        .include(KernelBenchmark.class.getSimpleName())
        .param("in", String.valueOf(work.in))
        .param("out", work.layers() ? work.out : "1")
        .param("contenders", String.join(",", contenders))
        .addProfiler(GCProfiler.class)
        .forks(1)
        .jvmArgs(flags.toArray(String[]::new))
        .warmupIterations(2 * contenders.size())
        .warmupTime(TimeValue.milliseconds(2L * millis))
        .measurementIterations(rounds * contenders.size())
        .measurementTime(TimeValue.milliseconds(millis))
        .verbosity(VerboseMode.SILENT);
    return options;
  }

  private static double ratio(double[] ours, double[] theirs) {
    double[] ratios = new double[ours.length];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = ours[i] / theirs[i];
    }
    return Result.median(ratios);
  }
}
