package org.pointwise.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Runs one tile through one contender. The iterations of one fork alternate between the contenders,
 * so that disturbances of the machine affect all; {@link KernelBench} pairs them again.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class KernelBenchmark {
  @Param("256")
  public int in;

  /** Output channels of the heads, joined by plus. */
  @Param("64")
  public String out;

  /** Names of contenders, joined by commas; see {@link #contender}. */
  @Param("float32,OpenBLAS,peak")
  public String contenders;

  private final List<Contender> all = new ArrayList<>();
  private Contender current;
  private int iteration;

  @Setup(Level.Trial)
  public void prepare() throws IOException {
    KernelCase work = KernelCase.of(in, out);
    for (String name : contenders.split(",")) {
      all.add(contender(name, work));
    }
  }

  private static Contender contender(String name, KernelCase work) throws IOException {
    Limits limits = new Limits();
    return switch (name) {
      case "OpenBLAS" -> Peers.openBlas(work);
      case "netlib" -> Peers.netlib(work);
      case "ONNX Runtime" -> Peers.onnxRuntime(work);
      case "peak" -> {
        long flops = 2L * KernelCase.PIXELS * work.in() * work.out();
        yield () -> limits.multiplyAdd(flops);
      }
      case "moments" -> work.moments("float32");
      case "moments of channels-first" -> work.moments("channels-first");
      case "moments of float64" -> work.moments("float64");
      case "OpenBLAS ssyrk" -> Peers.ssyrk(work);
      case "peak of moments" -> () -> limits.multiplyAdd(work.momentFlops());
      case "read" -> {
        float[] x = work.pixels();
        yield () -> limits.read(x);
      }
      case "read a chunk" -> new Codecs(work).read();
      case "write a chunk" -> new Codecs(work).write();
      case "file and zstd-jni to read" -> new Codecs(work).readByLibrary();
      case "file and zstd-jni to write" -> new Codecs(work).writeByLibrary();
      case "one head" -> new KernelCase(work.in(), List.of(work.out())).ours("float32");
      default -> work.ours(name); // an element type or layout of the input
    };
  }

  @Setup(Level.Iteration)
  public void next() {
    current = all.get(iteration++ % all.size());
  }

  @Benchmark
  public void tile() {
    current.run();
  }
}
