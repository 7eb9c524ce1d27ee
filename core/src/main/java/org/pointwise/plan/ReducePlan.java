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
 * The plan of a reduction, with all its units. Immutable. Executors take no further decisions.
 *
 * <p>{@link #spec}, {@link #input}, {@link #quantisations} and {@link #output} alone determine the
 * output bytes; the number and the memory of tasks do not affect them.
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
   * Makes the plan, with all decisions.
   *
   * @throws InvalidInputException when the parts do not fit together
   */
  public static ReducePlan of(Reduction requested, ArrayInfo input) {
    ReduceChecks.require(requested, input);
    Reduction spec = ReduceLayout.compressed(requested);
    List<Quantisation> quantisations = ReduceLayout.quantisations(spec, input);
    OutputArray output = ReduceLayout.of(spec, input, quantisations);
    Units units =
        spec.format().perFile()
            ? Units.files(input)
            : new Units.Shards(Grid.over(input.shape(), output.shard()));
    return new ReducePlan(spec, input, quantisations, output, units);
  }

  /**
   * Names of the dimensions of a head's array. Where heads differ in their number of channels, each
   * has its own channel dimension, {@code channel_HEAD}, because readers such as xarray require
   * that dimensions of the same name have the same length.
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

  /** The conversion of the features of each head to stored numbers. */
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
    return spec.policy().checksPast() ? 0 : keptUnits();
  }

  /**
   * Number of leading units whose objects stay unchanged, because they lie before the appended
   * images.
   */
  public long keptUnits() {
    AppendLayout appendLayout = spec.appendLayout();
    return appendLayout == null ? 0 : unitsBefore(appendLayout.completeImages());
  }

  /** Number of leading units of an output of arrays that have none of the images from an index. */
  public long unitsBefore(long image) {
    if (!(units instanceof Units.Shards shards)) {
      return 0;
    }
    // Shards are ordered by image first.
    long whole = image / output.shard().n();
    return Math.min(unitCount(), whole * shards.grid().down() * shards.grid().across());
  }

  /** As {@link AppendLayout#storedImages}; 0 where nothing is appended. */
  public long storedImages() {
    AppendLayout appendLayout = spec.appendLayout();
    return appendLayout == null ? 0 : appendLayout.storedImages();
  }

  /** Whether the stored object of a box may lack images that the input has. */
  public boolean mayLackImages(Box box) {
    AppendLayout appendLayout = spec.appendLayout();
    return appendLayout != null && appendLayout.mayLack(box);
  }

  /** Whether the output was about to hold more images, which an append that has not ended added. */
  public boolean dropsImages() {
    AppendLayout appendLayout = spec.appendLayout();
    return appendLayout != null
        && appendLayout.lengths().stream().anyMatch(length -> length > input.shape().n());
  }

  /** Whether the stored object of a box may also hold images that {@link #dropsImages}. */
  public boolean mayHoldDropped(Box box) {
    return dropsImages() && box.n1() == input.shape().n() && box.n1() % output.shard().n() != 0;
  }

  /** Whether an input object that holds pixels of a box may have grown since a previous run. */
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

  /** Number of output files of all heads; 0 where the output is not a folder of files. */
  public long files() {
    if (!spec.format().perFile()) {
      return 0;
    }
    long each = spec.format().fileNames(InputFiles.of(input), 0).size();
    return Math.multiplyExact(units.boxes(), Math.multiplyExact(each, (long) spec.heads().size()));
  }

  /**
   * The extent of the boxes in which an object, or a group of objects that share input tiles, is
   * written.
   */
  public Extent chunkStep(Box object) {
    return spec.format()
        .chunkStep(
            output, maxPixelBytes(), new Extent(object.n(), object.y(), object.x()), input.tile());
  }

  /**
   * Returns a warning if the output grows and has another layout than is requested; else nothing.
   *
   * @param requested the reduction for a new output
   */
  public List<String> layoutWarnings(Reduction requested) {
    if (spec.appendLayout() == null || requested.layout().open()) {
      return List.of();
    }
    OutputArray other = of(requested, input).output();
    return output.chunk().equals(other.chunk()) && output.shard().equals(other.shard())
        ? List.of()
        : List.of(
            "the output keeps its chunks of n,y,x = %s in objects of %s; --chunk and --shard-size, by which they would be %s in %s, apply to a new output"
                .formatted(output.chunk(), output.shard(), other.chunk(), other.shard()));
  }

  /** How often the tiles of the input are decoded. Not for outputs of one file per file. */
  public TileReads tileReads() {
    return new TileReads(this);
  }

  /** Decoded bytes of the chunks of all heads that hold pixels of one image. */
  public long bytesPerImageRead() {
    Extent chunk = output.chunk();
    long chunks = Grid.ceil(input.shape().y(), chunk.y()) * Grid.ceil(input.shape().x(), chunk.x());
    long bytes = 0;
    for (int head = 0; head < quantisations.size(); head++) {
      bytes += pixelBytes(head);
    }
    return Math.multiplyExact(Math.multiplyExact(chunks, chunk.pixels()), bytes);
  }

  /** Decoded bytes of an object of the head with the largest pixels. */
  public long objectBytes() {
    return Math.multiplyExact(output.shard().pixels(), maxPixelBytes());
  }

  /**
   * Floating-point operations of all images that the input has: two per multiply-add of all heads.
   */
  public double flops() {
    double perPixel = 0;
    for (Head head : spec.heads()) {
      Cost cost = Cost.pointwise(head.layer().inChannels(), head.layer().outChannels());
      perPixel += 2.0 * cost.multiplyAddsPerPixel();
    }
    return perPixel * input.added().pixels();
  }

  /** Decoded bytes of all output arrays; compression makes the stored bytes fewer. */
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

  /** Decoded bytes of a pixel of the head with the largest pixels. */
  long maxPixelBytes() {
    return ReduceLayout.maxPixelBytes(spec, quantisations);
  }

  /** The compression of chunks: one text, or one per head where they differ. */
  public String compression() {
    return oneOrEach(spec.compressions().stream().map(Compression::toString).toList());
  }

  /** The stored types of the features: one text, or one per head where they differ. */
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
