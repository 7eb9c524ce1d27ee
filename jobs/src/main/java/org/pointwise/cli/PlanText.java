package org.pointwise.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.stream.Collectors;
import org.pointwise.ReduceJob;
import org.pointwise.ReduceReport;
import org.pointwise.errors.Count;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.FeatureSource.MissingCount;
import org.pointwise.job.RunEstimate;
import org.pointwise.plan.Head;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.Resources;
import org.pointwise.plan.TileReads;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Grid;

/** Prints plans and reports of reductions for users. */
final class PlanText {
  private PlanText() {}

  /** Prints the plan of a reduction, its missing input chunks and the notes on its input. */
  static void print(ReduceJob job, Resources resources, PrintWriter out) {
    String existing = job.existing();
    MissingCount missing = job.missing();
    ReducePlan plan = job.plan();
    ArrayInfo input = plan.input().added();
    line(out, "Input", "%s", input.uri());
    line(
        out,
        "",
        "%s, %s %s, %s, tiles of n,y,x = %s, codecs %s",
        input.description(),
        shape(input, input.shape().c()),
        input.type(),
        Sizes.text(input.bytes()),
        input.tile(),
        input.codecs());
    if (input.subset() != null) {
      line(
          out,
          "Part",
          "%s of %s",
          Shortened.part(input.describeSubset()),
          shape(input.whole(), input.whole().shape().c()));
    }
    if (input.mask() != null) {
      line(out, "Mask", "%s", input.mask().uri());
    }
    for (Head head : plan.spec().heads()) {
      line(out, "Head", "%s: %s from %s", head.name(), head.layer(), head.source());
    }
    line(out, "Output", "%s", plan.spec().output());
    Extent shard = plan.output().shard();
    line(
        out,
        "",
        "%s, %s %s, at most %s before %s",
        plan.spec().format().name(),
        shape(plan),
        plan.types(),
        Sizes.text(plan.outputBytes()),
        plan.spec().format().compresses() ? plan.compression() : "headers");
    if (!existing.isEmpty()) {
      line(out, "Existing", "output: %s", existing);
    }
    if (job.readsDigests()) {
      line(
          out,
          "Digests",
          "all images of the input were read once to recognise those that the output has; the run reads those that it stores again");
    }
    if (plan.spec().format().perFile()) {
      line(out, "Work", "%s of whole files", Count.of(plan.units().count(), "unit"));
    } else {
      Extent chunk = plan.output().chunk();
      TileReads reads = plan.tileReads();
      long tilesPerShard =
          Grid.ceil(shard.n(), input.tile().n())
              * Grid.ceil(shard.y(), input.tile().y())
              * Grid.ceil(shard.x(), input.tile().x());
      line(
          out,
          "Work",
          "%s%s of n,y,x = %s in chunks of %s; up to %s each%s",
          input(plan),
          Count.of(plan.units().count(), plan.output().sharded() ? "shard" : "chunk"),
          shard,
          chunk,
          Count.of(tilesPerShard, "tile"),
          reads.average() == 1
              ? ", every input chunk read once"
              : "; an input chunk is decoded %.1f times on average".formatted(reads.average()));
      if (reads.average() >= 2) {
        line(
            out,
            "",
            "output chunks or shards end within input chunks; %s",
            plan.spec().appendLayout() == null
                ? "give --chunk %s or a larger --shard-size".formatted(reads.chunk())
                : "the output keeps its layout");
      }
      long shardSize = plan.spec().layout().shardBytes();
      if (shardSize > 0 && plan.objectBytes() > shardSize) {
        line(
            out,
            "",
            "%s each, more than --shard-size %s: %s",
            Sizes.text(plan.objectBytes()),
            Sizes.text(shardSize),
            plan.spec().appendLayout() == null
                ? "an object holds whole chunks of the input"
                : "the output keeps its layout");
      }
      long chunks =
          Grid.ceil(input.shape().y(), chunk.y()) * Grid.ceil(input.shape().x(), chunk.x());
      line(
          out,
          "Reading",
          "one image decodes %s of %s, %s in all",
          Count.of(chunks, "chunk"),
          Count.of(chunk.n(), "image"),
          Sizes.text(plan.bytesPerImageRead()));
    }
    line(
        out,
        "Cost",
        "%.2f GFLOP; up to %s at once, each needs at most %d MiB and has %d MiB",
        plan.flops() / 1e9,
        Count.of(resources.tasks(), "task"),
        (plan.bytesPerTask() >> 20) + 1,
        resources.bytesPerTask() >> 20);
    print(job.source(), missing, out);
  }

  /** Returns how many units have images that the plan reads, where others have none. */
  private static String input(ReducePlan plan) {
    long count = plan.units().count();
    long first = plan.unitsBefore(plan.input().past());
    return first == 0 ? "" : "%d of ".formatted(count - first);
  }

  /** Prints the estimated effort of a run. */
  static void print(RunEstimate estimate, PrintWriter out) {
    if (estimate instanceof RunEstimate.Unavailable unavailable) {
      line(out, "Estimate", "none: %s", unavailable.reason());
    } else if (estimate instanceof RunEstimate.Figures figures) {
      line(
          out,
          "Estimate",
          "about %s for %s: reads %s in %s (and %d for status), writes %s in %s",
          duration(figures.seconds()),
          Count.of(figures.units(), "unit"),
          Sizes.text(figures.bytesRead()),
          Count.of(figures.readRequests(), "request"),
          figures.statusRequests(),
          Sizes.text(figures.bytesWritten()),
          Count.of(figures.objectsWritten(), "object"));
      line(out, "", "%s", figures.assumption());
    }
  }

  private static String duration(double seconds) {
    return seconds < 120
        ? String.format(Locale.ROOT, seconds < 10 ? "%.2f s" : "%.0f s", seconds)
        : seconds < 7200
            ? String.format(Locale.ROOT, "%.0f min", seconds / 60)
            : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
  }

  private static void print(FeatureSource source, MissingCount count, PrintWriter out) {
    if (count.missing() > 0) {
      line(
          out,
          "Missing",
          "%d of %s%s are not stored; they stand for %s",
          count.missing(),
          Count.of(count.examined(), "input chunk"),
          count.examined() < count.chunks() ? " looked at (of %d)".formatted(count.chunks()) : "",
          switch (source.info().missing()) {
            case FILL -> "the fill value";
            case NODATA -> "no data";
            case FAIL -> "damage: the run will fail";
          });
    }
    for (String note : source.notes()) {
      line(out, "Note", "%s", note);
    }
  }

  private static String shape(ArrayInfo input, int channels) {
    return shape(input.axes(), input.shape(), String.valueOf(channels));
  }

  /** Returns the shape of the output, with the channels of each head where they differ. */
  private static String shape(ReducePlan plan) {
    String channels =
        plan.layers().stream()
            .map(layer -> String.valueOf(layer.outChannels()))
            .distinct()
            .collect(Collectors.joining(","));
    return shape(plan.output().axes(), plan.input().shape(), channels);
  }

  private static String shape(Axes axes, FeatureShape shape, String channels) {
    return axes.order().stream()
        .map(axis -> axis.letter() + "=" + (axis == Axis.C ? channels : shape.length(axis)))
        .collect(Collectors.joining(" "));
  }

  static void printReport(ReduceReport report, PrintWriter out) {
    long bytesIn = report.bytesIn();
    long bytesOut = report.bytesOut();
    double tileSeconds = report.tileSeconds();
    line(out, "Done", "%s", report.output());
    if (!report.decoder().isEmpty()) {
      line(out, "Decoder", "%s", report.decoder());
    }
    line(
        out,
        "Shards",
        "%d: %d written, %d already stored, %d empty",
        report.shards(),
        report.shardsWritten(),
        report.shardsAlreadyStored(),
        report.shardsEmpty());
    line(
        out,
        "Pixels",
        "%d; %d masked, %d not finite; %s overflowed; %s missing",
        report.pixels(),
        report.maskedPixels(),
        report.nonFinitePixels(),
        Count.of(report.overflowedValues(), "value"),
        Count.of(report.missingChunks(), "input chunk"));
    line(
        out,
        "Bytes",
        "%s decoded in, %s stored out%s",
        Sizes.text(bytesIn),
        Sizes.text(bytesOut),
        bytesIn > 0 && bytesOut > 0 ? ", " + ratio(bytesIn, bytesOut) : "");
    line(
        out,
        "Time",
        "%.2f s, tiles %.2f s%s",
        report.seconds(),
        tileSeconds,
        tileSeconds > 0
            ? " (" + Sizes.text((long) (report.bytesInOfThisRun() / tileSeconds)) + "/s of input)"
            : "");
    if (report.badPixels() > 0) {
      line(
          out,
          "Warning",
          "%s no data since their input is damaged; report.json lists where, the first: %s",
          Count.of(report.badPixels(), "pixel is", "pixels are"),
          report.unreadable().stream().findFirst().orElse(""));
    }
    if (report.nonFinitePixels() > 0) {
      line(
          out,
          "Warning",
          "%s NaN or infinite: the input holds such values, or sums overflow float32",
          Count.of(report.nonFinitePixels(), "pixel is", "pixels are"));
    }
  }

  private static void line(PrintWriter out, String label, String format, Object... values) {
    out.printf(Locale.ROOT, "%-9s %s%n", label, String.format(Locale.ROOT, format, values));
  }

  /** Prints what the operator of a run should correct. */
  static void warn(ReduceReport report, PrintWriter err) {
    long plain = report.tasksWithoutSimd();
    if (plain > 0) {
      err.printf(
          "Warning: %s ran the plain kernel, several times slower; submit with scripts/submit, or add --add-modules=jdk.incubator.vector to spark.executor.extraJavaOptions%n",
          Count.of(plain, "task"));
    }
  }

  /** How an output compares with its input. */
  private static String ratio(long bytesIn, long bytesOut) {
    double smaller = (double) bytesIn / bytesOut;
    return smaller >= 1
        ? String.format(Locale.ROOT, "%.1f× smaller", smaller)
        : String.format(Locale.ROOT, "%.1f× larger", 1 / smaller);
  }
}
