package org.pointwise.testing;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.pointwise.format.Compression;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.OutputFormats;
import org.pointwise.job.ReduceRun;
import org.pointwise.job.VerificationFindings;
import org.pointwise.job.Verifier;
import org.pointwise.plan.Existing;
import org.pointwise.plan.Head;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.Reduction;
import org.pointwise.quantise.Overflow;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Tile;
import org.pointwise.work.LocalRunner;
import org.pointwise.work.Progress;

/** Runs whole reductions in this JVM, and reads feature arrays as float32. */
public final class Reductions {
  private Reductions() {}

  /** Zarr v3 float32, the default of the command line. */
  public static Reduction spec(String output, Head... heads) {
    return new Reduction(
        output,
        OutputFormats.named("zarr3"),
        List.of(heads),
        null,
        Overflow.REFUSE,
        new Compression(Compression.Kind.ZSTD, 1),
        null,
        Reduction.CHOOSE);
  }

  public static Reduction with(
      Reduction spec, OutputFormat format, ElementType type, Axes axes, long shardBytes) {
    return new Reduction(
        spec.output(),
        format,
        spec.heads(),
        type,
        spec.overflow(),
        spec.compressions().get(0),
        axes,
        shardBytes);
  }

  /** Runs the reduction; returns the report. */
  public static ObjectNode run(Reduction spec, FeatureSource source, int threads) {
    ReducePlan plan = ReducePlan.of(spec, source.info());
    return new ReduceRun(ByteStores.LOCAL, plan, source, null, "test")
        .run(
            new LocalRunner(ByteStores.LOCAL, threads),
            Existing.CONTINUE,
            Progress.SILENT,
            System.nanoTime());
  }

  /** Reads and checks the whole output. */
  public static VerificationFindings verify(String output) {
    LocalRunner runner = new LocalRunner(ByteStores.LOCAL, 2);
    return new Verifier(ByteStores.LOCAL, runner, true, false, false)
        .verify(output, Progress.SILENT);
  }

  public static FeatureSource open(String uri) {
    return Formats.open(ByteStores.LOCAL, uri, null, null);
  }

  /** Returns all elements as float32, in the order n, y, x, c, whatever the stored order. */
  public static float[] read(FeatureSource source) throws IOException {
    FeatureShape shape = source.info().shape();
    float[] values = new float[Math.toIntExact(shape.pixels() * shape.c())];
    List<Box> tiles = new ArrayList<>();
    shape.box().split(source.info().tile(), tiles::add);
    FeatureSource.Reader reader = source.reader();
    for (Box tileBox : tiles) {
      copy(reader.read(tileBox), shape, values);
    }
    return values;
  }

  private static void copy(Tile tile, FeatureShape shape, float[] values) {
    Box box = tile.box();
    for (long n = box.n0(); n < box.n1(); n++) {
      for (long y = box.y0(); y < box.y1(); y++) {
        for (long x = box.x0(); x < box.x1(); x++) {
          int pixel = (int) (((n * shape.y() + y) * shape.x() + x) * shape.c());
          for (int c = 0; c < shape.c() && tile.nodata(); c++) {
            values[pixel + c] = Float.NaN;
          }
          for (ChannelBlock block : tile.blocks()) {
            for (int c = 0; c < block.channels(); c++) {
              int at = block.byteOffset(n - box.n0(), y - box.y0(), x - box.x0(), c);
              values[pixel + block.firstChannel() + c] =
                  ElementAccess.floatAt(block.bytes(), at, block.type(), block.order());
            }
          }
        }
      }
    }
  }

  /** Returns the largest difference as a fraction of the largest magnitude of {@code expected}. */
  public static double error(float[] found, float[] expected) {
    if (found.length != expected.length) {
      throw new AssertionError(found.length + " values but " + expected.length);
    }
    double worst = 0;
    double largest = 0;
    for (int i = 0; i < found.length; i++) {
      double difference = Math.abs((double) found[i] - expected[i]);
      worst = Math.max(worst, Double.isNaN(difference) ? Double.MAX_VALUE : difference);
      largest = Math.max(largest, Math.abs(expected[i]));
    }
    return worst / largest;
  }
}
