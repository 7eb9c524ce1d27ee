package org.pointwise.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.stream.Collectors;
import org.pointwise.ReduceJob;
import org.pointwise.ReduceReport;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.FeatureSource.MissingCount;
import org.pointwise.job.RunEstimate;
import org.pointwise.plan.Head;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.Resources;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.Grid;

/** Prints plans and reports of reductions for users. */
final class PlanText {
  private PlanText() {}

  /** Prints the plan of a reduction, its missing input chunks and the notes on its input. */
  static void print(ReduceJob job, Resources resources, PrintWriter out) {
    String existing = job.existing();
    MissingCount missing = job.missing();
    ReducePlan plan = job.plan();
    ArrayInfo input = plan.input();
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
          input.describeSubset(),
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
        plan.output().axes(),
        plan.types(),
        Sizes.text(plan.outputBytes()),
        plan.spec().format().compresses() ? plan.compression() : "headers");
    if (!existing.isEmpty()) {
      line(out, "Existing", "output: %s", existing);
    }
    if (plan.spec().format().perFile()) {
      line(out, "Work", "%d units of whole files", plan.units().count());
    } else {
      Extent chunk = plan.output().chunk();
      long tilesPerShard =
          Grid.ceil(shard.n(), input.tile().n())
              * Grid.ceil(shard.y(), input.tile().y())
              * Grid.ceil(shard.x(), input.tile().x());
      line(
          out,
          "Work",
          "%d %s of n,y,x = %s in chunks of %s; up to %d tiles each%s",
          plan.units().count(),
          plan.output().sharded() ? "shards" : "chunks",
          shard,
          chunk,
          tilesPerShard,
          plan.decodesOnce()
              ? ", every input chunk read once"
              : "; output chunks end within input chunks, so some are decoded several times");
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
          "one image decodes %d %s of %d %s, %s in all",
          chunks,
          chunks == 1 ? "chunk" : "chunks",
          chunk.n(),
          chunk.n() == 1 ? "image" : "images",
          Sizes.text(plan.bytesPerImageRead()));
    }
    line(
        out,
        "Cost",
        "%.2f GFLOP; %d tasks at once, each with at most %d MiB of the %d MiB it has",
        plan.flops() / 1e9,
        Math.min(resources.tasks(), plan.units().count()),
        (plan.bytesPerTask() >> 20) + 1,
        resources.bytesPerTask() >> 20);
    print(job.source(), missing, out);
  }

  /** Prints the estimated effort of a run. */
  static void print(RunEstimate estimate, PrintWriter out) {
    if (estimate instanceof RunEstimate.Unavailable unavailable) {
      line(out, "Estimate", "none: %s", unavailable.reason());
    } else if (estimate instanceof RunEstimate.Figures figures) {
      line(
          out,
          "Estimate",
          "about %s for %d units: reads %s in %d requests (and %d for status), writes %s in %d objects",
          duration(figures.seconds()),
          figures.units(),
          Sizes.text(figures.bytesRead()),
          figures.readRequests(),
          figures.statusRequests(),
          Sizes.text(figures.bytesWritten()),
          figures.objectsWritten());
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
          "%d of %d input chunks%s are not stored; they stand for %s",
          count.missing(),
          count.examined(),
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
    return input.axes().order().stream()
        .map(axis -> axis.letter() + "=" + (axis == Axis.C ? channels : input.shape().length(axis)))
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
        "%d; %d masked, %d not finite; %d values overflowed; %d input chunks missing",
        report.pixels(),
        report.maskedPixels(),
        report.nonFinitePixels(),
        report.overflowedValues(),
        report.missingChunks());
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
          "%d pixels are no data since their input is damaged; report.json lists where, the first: %s",
          report.badPixels(),
          report.unreadable().stream().findFirst().orElse(""));
    }
    if (report.nonFinitePixels() > 0) {
      line(
          out,
          "Warning",
          "%d pixels are NaN or infinite: the input holds such values, or sums overflow float32",
          report.nonFinitePixels());
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
          "Warning: %d tasks ran the plain kernel, several times slower; submit with scripts/submit, or add --add-modules=jdk.incubator.vector to spark.executor.extraJavaOptions%n",
          plain);
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
