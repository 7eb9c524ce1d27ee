package org.pointwise.plan;

import java.util.ArrayList;
import java.util.List;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.OutputArray;
import org.pointwise.format.Storage;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.IndexList;

/** The lines that determine the bytes of a reduction; their hash is the fingerprint. */
final class FingerprintInputs {
  private static final String INPUT = "input ";
  private static final String SUBSET = "subset ";
  private static final String MASK = "mask ";

  private FingerprintInputs() {}

  /** All lines except the identity and the number of images, which change while the input grows. */
  static List<String> ofLineage(ReducePlan plan) {
    Reduction spec = plan.spec();
    ArrayInfo input = plan.input();
    List<String> lines = new ArrayList<>();
    lines.add("pointwise output format 2");
    List<String> source = source(plan);
    lines.add(source.get(0));
    FeatureShape shape = input.shape();
    // Images differ in size, or may do so later.
    boolean perImageFiles = spec.format().perFile() && input.storage() == Storage.IMAGES;
    lines.add(
        "axes %s y %s x %s c %d"
            .formatted(
                input.axes(),
                perImageFiles ? "any" : Long.toString(shape.y()),
                perImageFiles ? "any" : Long.toString(shape.x()),
                shape.c()));
    lines.add("dequantisation " + input.describeExactNumbers());
    lines.addAll(source.subList(1, source.size()));
    for (Head head : spec.heads()) {
      lines.add("head " + head.name() + " " + head.layer().sha256());
    }
    lines.add(
        "output " + spec.format().name() + " " + (perImageFiles ? files(plan) : arrays(plan)));
    lines.add("overflow " + spec.overflow() + " compression " + plan.compression());
    return lines;
  }

  /** The lines that name the source of the output's first images. */
  private static List<String> source(ReducePlan plan) {
    AppendLayout appendLayout = plan.spec().appendLayout();
    return appendLayout == null || appendLayout.source().isEmpty()
        ? ofSource(plan.input())
        : appendLayout.source();
  }

  /** The lines that name an input: the array, its part and its mask. */
  static List<String> ofSource(ArrayInfo input) {
    List<String> lines = new ArrayList<>();
    lines.add(INPUT + input.uri() + " " + input.type());
    if (input.subset() != null) {
      lines.add(SUBSET + input.describeSubset());
    }
    ArrayInfo mask = input.mask();
    if (mask != null) {
      lines.add(MASK + mask.uri() + " " + mask.type());
    }
    return lines;
  }

  /**
   * The rows, columns and channels in lines that name an input, and whether there is a mask.
   *
   * @param shape that of the part
   */
  static String partOf(List<String> source, FeatureShape shape) {
    String pixels =
        "rows %s columns %s"
            .formatted(IndexList.range(0, shape.y()), IndexList.range(0, shape.x()));
    String part = "";
    String mask = "without a mask";
    for (String line : source) {
      if (line.startsWith(SUBSET)) {
        part = line.substring(SUBSET.length()).replaceFirst("^images \\S+ ?", "");
      }
      mask = line.startsWith(MASK) ? "with a mask" : mask;
    }
    // A part without rows and columns has all of them, as if they had been chosen.
    String all = part.startsWith("rows ") ? part : (pixels + " " + part).strip();
    return all + " " + mask;
  }

  /** Whether a line of the lineage names the input. */
  static boolean isOfSource(String line) {
    return line.startsWith(INPUT) || line.startsWith(SUBSET) || line.startsWith(MASK);
  }

  /** For one file per image: images may have any size. */
  private static String files(ReducePlan plan) {
    Axes axes = plan.output().axes();
    return axes.equals(plan.input().axes()) ? plan.types() : plan.types() + " axes " + axes;
  }

  /** For arrays of one shape, in the wording of earlier builds, whose outputs are continued. */
  private static String arrays(ReducePlan plan) {
    OutputArray output = plan.output();
    return "OutputArray[type=%s, axes=%s, dimensionNames=%s, chunk=%s, shard=%s, sharded=%s]"
        .formatted(
            plan.types(),
            output.axes(),
            output.dimensionNames(),
            output.chunk(),
            output.shard(),
            output.sharded());
  }

  /** All lines. */
  static List<String> of(ReducePlan plan) {
    List<String> lines = ofLineage(plan);
    lines.add("input identity " + plan.input().identity() + " images " + plan.input().shape().n());
    return lines;
  }
}
