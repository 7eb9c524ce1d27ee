package org.pointwise.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** dev */
public final class KernelBench {
  private KernelBench() {}

  public static void main(String[] args) throws RunnerException {
    int rounds = Integer.getInteger("rounds", 5);
    for (String arg : args) {
      String[] parts = arg.split("/");
      String[] names = parts[2].split(",");
      RunResult result =
          new Runner(
                  new OptionsBuilder()
                      .include(KernelBenchmark.class.getSimpleName())
                      .param("in", parts[0])
                      .param("out", parts[1])
                      .param("contenders", parts[2])
                      .forks(1)
                      .jvmArgs(
                          System.getProperty("jvm", "-Xmx2g --add-modules=jdk.incubator.vector")
                              .split(" "))
                      .warmupIterations(2 * names.length)
                      .warmupTime(TimeValue.milliseconds(500))
                      .measurementIterations(rounds * names.length)
                      .measurementTime(TimeValue.milliseconds(200))
                      .verbosity(VerboseMode.SILENT)
                      .build())
              .runSingle();
      List<IterationResult> iterations =
          new ArrayList<>(result.getBenchmarkResults().iterator().next().getIterationResults());
      double[][] scores = new double[names.length][rounds];
      for (int i = 0; i < iterations.size(); i++) {
        scores[i % names.length][i / names.length] =
            iterations.get(i).getPrimaryResult().getScore();
      }
      KernelCase work = KernelCase.of(Integer.parseInt(parts[0]), parts[1]);
      double flops = 2.0 * KernelCase.PIXELS * work.in() * work.out();
      double bytes = 4.0 * KernelCase.PIXELS * work.in();
      StringBuilder line = new StringBuilder("%5d %-14s".formatted(work.in(), parts[1]));
      for (int n = 0; n < names.length; n++) {
        double[] ratios = new double[rounds];
        for (int r = 0; r < rounds; r++) {
          ratios[r] = scores[0][r] / scores[n][r];
        }
        Arrays.sort(ratios);
        double[] own = scores[n].clone();
        Arrays.sort(own);
        line.append(
            " | %s %.1f GF %.1f GB/s (%.2f)"
                .formatted(
                    names[n],
                    own[rounds / 2] * flops / 1e9,
                    own[rounds / 2] * bytes / 1e9,
                    ratios[rounds / 2]));
      }
      System.out.println(line);
    }
  }
}
