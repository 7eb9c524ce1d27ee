package org.pointwise.plan;

import java.util.ArrayList;
import java.util.List;
import org.pointwise.conv.Cost;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Compression;
import org.pointwise.format.InputFiles;
import org.pointwise.format.OutputArray;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.Grid;

/**
 * What a reduction does, unit by unit. Immutable; executors only execute it.
 *
 * <p>Output bytes follow from {@link #spec}, {@link #input}, {@link #quantisations} and {@link
 * #output} alone: the number and the memory of tasks are not part of it.
 */
public final class ReducePlan implements StoringPlan {
  private final Reduction spec;
  private final ArrayInfo input;
  private final List<Quantisation> quantisations;
  private final OutputArray output;
  private final Units units;

  private ReducePlan(
      Reduction spec,
      ArrayInfo input,
      List<Quantisation> quantisations,
      OutputArray output,
      Units units) {
    this.spec = spec;
    this.input = input;
    this.quantisations = quantisations;
    this.output = output;
    this.units = units;
  }

  /**
   * Decides everything.
   *
   * @throws InvalidInputException when the parts do not fit together
   */
  public static ReducePlan of(Reduction given, ArrayInfo input) {
    ReduceChecks.require(given, input);
    Reduction spec = ReduceLayout.compressed(given);
    List<Quantisation> quantisations = ReduceLayout.quantisations(spec, input);
    OutputArray output = ReduceLayout.of(spec, input, quantisations);
    Units units =
        spec.format().perFile()
            ? Units.files(input)
            : new Units.Shards(Grid.over(input.shape(), output.shard()));
    return new ReducePlan(spec, input, quantisations, output, units);
  }

  /**
   * Names of an array's dimensions. Where heads differ in their number of channels, each has a
   * channel dimension of its own, {@code channel_HEAD}: readers such as xarray hold that dimensions
   * of one name have one length.
   */
  public List<String> dimensionNames(Head head) {
    long sizes =
        spec.heads().stream().mapToInt(other -> other.layer().outChannels()).distinct().count();
    List<String> names = new ArrayList<>(output.dimensionNames());
    if (sizes > 1) {
      names.set(output.axes().indexOf(Axis.C), Axis.CHANNEL_PREFIX + head.name());
    }
    return names;
  }

  public Reduction spec() {
    return spec;
  }

  @Override
  public ArrayInfo input() {
    return input;
  }

  /** How the features of each head become stored numbers. */
  public List<Quantisation> quantisations() {
    return quantisations;
  }

  public OutputArray output() {
    return output;
  }

  @Override
  public String destination() {
    return spec.output();
  }

  @Override
  public long unitCount() {
    return units.count();
  }

  @Override
  public long firstUnit() {
    return spec.policy().past() ? 0 : keptUnits();
  }

  /** Units whose objects stay as they are: those before what is appended. */
  public long keptUnits() {
    AppendLayout appendLayout = spec.appendLayout();
    if (appendLayout == null || !(units instanceof Units.Shards shards)) {
      return 0;
    }
    // Images come first in the order of shards.
    long whole = appendLayout.kept() / appendLayout.shard().n();
    return Math.min(unitCount(), whole * shards.grid().down() * shards.grid().across());
  }

  /** Whether a unit that is stored may lack images that the input has now. */
  public boolean mayLackImages(Box box) {
    AppendLayout appendLayout = spec.appendLayout();
    return appendLayout != null && appendLayout.mayLack(box);
  }

  /** Whether a box of the input holds images that came after an earlier run, and others. */
  public boolean mayHaveGrown(Box box, Extent object) {
    AppendLayout appendLayout = spec.appendLayout();
    return appendLayout != null && appendLayout.mayHaveGrown(box, object, input.shape().n());
  }

  public Units units() {
    return units;
  }

  public List<PointwiseLayer> layers() {
    return spec.heads().stream().map(Head::layer).toList();
  }

  /** Files of the output, all heads'; 0 where it is no folder of files. */
  public long files() {
    if (!spec.format().perFile()) {
      return 0;
    }
    long each = spec.format().fileNames(InputFiles.of(input), 0).size();
    return Math.multiplyExact(units.boxes(), Math.multiplyExact(each, (long) spec.heads().size()));
  }

  /** The boxes in which an object, or several that share cells of the input, are written. */
  public Extent chunkStep(Box object) {
    return spec.format()
        .chunkStep(
            output, maxPixelBytes(), new Extent(object.n(), object.y(), object.x()), input.tile());
  }

  /** Multiply-adds of all heads, twice: floating-point operations of the whole run. */
  public double flops() {
    double perPixel = 0;
    for (Head head : spec.heads()) {
      Cost cost = Cost.pointwise(head.layer().inChannels(), head.layer().outChannels());
      perPixel += 2.0 * cost.multiplyAddsPerPixel();
    }
    return perPixel * input.pixels();
  }

  /** Decoded bytes of all output arrays; stored ones are fewer by what compression saves. */
  public long outputBytes() {
    long pixelBytes = 0;
    for (int head = 0; head < quantisations.size(); head++) {
      pixelBytes += pixelBytes(head);
    }
    return Math.multiplyExact(input.pixels(), pixelBytes);
  }

  @Override
  public long bytesPerTask() {
    return new ReduceMemory(this).heapBytes();
  }

  @Override
  public long nativeBytesPerTask() {
    return new ReduceMemory(this).nativeBytes();
  }

  /** Decoded bytes of a pixel of a head. */
  long pixelBytes(int head) {
    return ReduceLayout.pixelBytes(spec, quantisations, head);
  }

  /** The same of the head where they are most. */
  long maxPixelBytes() {
    return ReduceLayout.maxPixelBytes(spec, quantisations);
  }

  /** How chunks are compressed: one text, or one for each head where they differ. */
  public String compression() {
    return oneOrEach(spec.compressions().stream().map(Compression::toString).toList());
  }

  /** As what features are stored, likewise; the type where that says all. */
  public String types() {
    return oneOrEach(quantisations.stream().map(Quantisation::describe).toList());
  }

  private static String oneOrEach(List<String> texts) {
    return texts.stream().distinct().count() == 1 ? texts.get(0) : String.join(", ", texts);
  }

  @Override
  public void requireFits(Resources resources) {
    new ReduceMemory(this).requireFits(resources);
  }

  @Override
  public List<String> fingerprintInputs() {
    return FingerprintInputs.of(this);
  }

  @Override
  public List<String> lineageInputs() {
    return FingerprintInputs.ofLineage(this);
  }
}
