package org.pointwise.plan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.pointwise.conv.Cost;
import org.pointwise.conv.KernelChoice;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.InputFiles;
import org.pointwise.format.OutputArray;
import org.pointwise.format.OutputFormats;
import org.pointwise.format.OutputRequest;
import org.pointwise.format.Storage;
import org.pointwise.format.WriteMemory;
import org.pointwise.quantise.Compression;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Grid;

/**
 * What a reduction does, unit by unit. Immutable; executors only execute it.
 *
 * <p>Output bytes follow from {@link #spec}, {@link #input} and {@link #output} alone: the number
 * and the memory of tasks are not part of it.
 */
public final class ReducePlan implements StoringPlan {
  /** Decoded input of a unit: enough to amortise a task, little enough to lose to a retry. */
  static final long LEAST_UNIT_INPUT = 64L << 20;

  private static final long MOST_UNIT_INPUT = 4L << 30;

  /** Units that even a small input is cut into, so that all cores have work. */
  private static final long UNITS_WANTED = 64;

  /** Chunks fetched at once, receipts and what else a task keeps that does not grow. */
  private static final long TASK_OVERHEAD_BYTES = 16L << 20;

  private final ReduceSpec spec;
  private final ArrayInfo input;
  private final Dequantisation dequantisation;
  private final OutputArray output;
  private final Units units;

  private ReducePlan(
      ReduceSpec spec,
      ArrayInfo input,
      Dequantisation dequantisation,
      OutputArray output,
      Units units) {
    this.spec = spec;
    this.input = input;
    this.dequantisation = dequantisation;
    this.output = output;
    this.units = units;
  }

  /**
   * Decides everything.
   *
   * @throws InvalidInputException when the parts do not fit together
   */
  public static ReducePlan of(ReduceSpec given, ArrayInfo input, Dequantisation dequantisation) {
    check(given, input);
    ReduceSpec spec = given.compressions().isEmpty() ? given.with(compressions(given)) : given;
    ElementType type = type(spec, input);
    Axes axes = spec.axes() == null ? input.axes() : spec.axes();
    List<String> names = dimensionNames(axes, input);
    long unitInput =
        Math.max(LEAST_UNIT_INPUT, Math.min(MOST_UNIT_INPUT, input.bytes() / UNITS_WANTED));
    long unitPixels = Math.max(1, unitInput / ((long) input.shape().c() * input.type().bytes()));
    Growth growth = spec.growth();
    OutputArray output =
        spec.format()
            .layout(
                new OutputRequest(
                    input,
                    type,
                    axes,
                    names,
                    mostChannels(spec),
                    spec.shardBytes(),
                    unitPixels,
                    growth == null ? null : growth.chunk(),
                    growth == null ? null : growth.shard()));
    Units units =
        spec.format().perFile()
            ? Units.files(input)
            : new Units.Shards(Grid.over(input.shape(), output.shard()));
    return new ReducePlan(spec, input, dequantisation, output, units);
  }

  /**
   * By what is compressed, as {@code scripts/bench codecs} measures: where an activation makes one
   * number of many, zstd finds them; numbers that all differ are smaller and quicker by bits.
   */
  private static List<Compression> compressions(ReduceSpec spec) {
    Compression repeating = Compression.of(Compression.Kind.ZSTD);
    Compression dense = Compression.of(Compression.Kind.BLOSC);
    boolean alike = !spec.format().compresses() || !spec.format().isUsable(dense);
    return spec.heads().stream()
        .map(head -> alike || head.layer().activation().repeats() ? repeating : dense)
        .toList();
  }

  private static void check(ReduceSpec spec, ArrayInfo input) {
    for (Head head : spec.heads()) {
      if (head.layer().inChannels() != input.shape().c()) {
        throw new InvalidInputException(
            "Cannot reduce %s: it has %d channels but %s reads %d; choose the layer that fits, or check --axes"
                .formatted(
                    input.uri(), input.shape().c(), head.source(), head.layer().inChannels()));
      }
      boolean ofHead =
          spec.heads().stream()
              .anyMatch(other -> head.name().equals(Axis.CHANNEL_PREFIX + other.name()));
      if (ofHead || input.dimensionNames().contains(head.name())) {
        throw new InvalidInputException(
            "Cannot name an array '%s': a dimension has that name; choose another with --head-names"
                .formatted(head.name()));
      }
    }
    if (!input.uniform() && !spec.format().perFile()) {
      throw new InvalidInputException(
          "Cannot make one array of %s: its images differ in size; use --format %s, one file out for one in"
              .formatted(input.uri(), String.join(" or ", OutputFormats.names(true))));
    }
    requireFileNames(spec, input);
    Axes axes = spec.axes();
    if (axes != null
        && (axes.rank() != input.axes().rank()
            || !axes.order().containsAll(input.axes().order()))) {
      throw new InvalidInputException(
          "Cannot order the output's axes as %s: the input has %s; name the same axes with --output-axes"
              .formatted(axes, input.axes()));
    }
  }

  private static void requireFileNames(ReduceSpec spec, ArrayInfo input) {
    if (!spec.format().perFile()) {
      return;
    }
    InputFiles files = InputFiles.of(input);
    Set<String> names = new HashSet<>();
    for (int image = 0; image < files.names().size(); image++) {
      if (!names.add(files.stem(image))) {
        throw new InvalidInputException(
            "Cannot write a file for each of %s: two of its files are called %s, with other endings; rename one"
                .formatted(input.uri(), files.stem(image)));
      }
    }
  }

  private static ElementType type(ReduceSpec spec, ArrayInfo input) {
    ElementType type =
        spec.type() != null
            ? spec.type()
            : input.type().floating() && input.type() != ElementType.FLOAT64
                ? input.type()
                : ElementType.FLOAT32; // the arithmetic gives no more digits
    if (!type.floating()) {
      throw new InvalidInputException(
          "Cannot store features as %s: use --dtype float32, float16, bfloat16 or float64"
              .formatted(type));
    }
    return type;
  }

  private static long mostChannels(ReduceSpec spec) {
    return spec.heads().stream().mapToInt(head -> head.layer().outChannels()).max().orElse(1);
  }

  private static List<String> dimensionNames(Axes axes, ArrayInfo input) {
    return axes.order().stream()
        .map(axis -> input.dimensionNames().get(input.axes().indexOf(axis)))
        .toList();
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

  public ReduceSpec spec() {
    return spec;
  }

  @Override
  public ArrayInfo input() {
    return input;
  }

  public Dequantisation dequantisation() {
    return dequantisation;
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
    return spec.conduct().past() ? 0 : keptUnits();
  }

  /** Units whose objects stay as they are: those before what is appended. */
  public long keptUnits() {
    Growth growth = spec.growth();
    if (growth == null || !(units instanceof Units.Shards shards)) {
      return 0;
    }
    // Images come first in the order of shards.
    long whole = growth.kept() / growth.shard().n();
    return Math.min(unitCount(), whole * shards.grid().down() * shards.grid().across());
  }

  /** Whether a unit that is stored may lack images that the input has now. */
  public boolean mayLackImages(Box box) {
    Growth growth = spec.growth();
    return growth != null && growth.mayLack(box);
  }

  /** Whether a box of the input holds images that came after an earlier run, and others. */
  public boolean mayHaveGrown(Box box, Extent object) {
    Growth growth = spec.growth();
    return growth != null && growth.mayHaveGrown(box, object, input.shape().n());
  }

  public Units units() {
    return units;
  }

  public List<PointwiseLayer> layers() {
    return spec.heads().stream().map(Head::layer).toList();
  }

  /** Files of the output, all heads'; 0 where it is no folder of files. */
  public long files() {
    return spec.format().perFile()
        ? Math.multiplyExact(units.boxes(), (long) spec.heads().size())
        : 0;
  }

  /** The boxes in which an object, or several that share cells of the input, are written. */
  public Extent chunkStep(Box object) {
    return spec.format()
        .chunkStep(
            output,
            Math.toIntExact(mostChannels(spec)),
            new Extent(object.n(), object.y(), object.x()),
            input.cell());
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
    long channels = spec.heads().stream().mapToLong(head -> head.layer().outChannels()).sum();
    return Math.multiplyExact(input.pixels(), channels * output.type().bytes());
  }

  /**
   * Bytes that one task needs at most: one input tile, the kernel, and what of an object is held
   * for each head.
   */
  @Override
  public long bytesPerTask() {
    long total = Math.addExact(input.memory().heap(), TASK_OVERHEAD_BYTES);
    for (Head head : spec.heads()) {
      WriteMemory memory = writeMemory(head.layer().outChannels());
      total = Math.addExact(total, Math.multiplyExact(memory.heap(), (long) objectsAtOnce()));
    }
    return Math.addExact(total, KernelChoice.scratchBytes(layers()));
  }

  /** Files that are assembled together, since their images lie in the same cells of the input. */
  private int objectsAtOnce() {
    return spec.format().perFile() && output.chunk().n() == 1 ? input.cell().n() : 1;
  }

  /** Pixels that are written at once. */
  private Extent largestStep() {
    Extent object = output.shard();
    return chunkStep(new Box(0, object.n(), 0, object.y(), 0, object.x()));
  }

  private WriteMemory writeMemory(int channels) {
    return spec.format().memory(output, channels, largestStep());
  }

  @Override
  public long nativeBytesPerTask() {
    long longest =
        Math.max(
            input.memory().nativeBytes(),
            writeMemory(Math.toIntExact(mostChannels(spec))).nativeBytes());
    return Math.addExact(longest, spec.format().compresses() ? contextBytes() : 0);
  }

  private long contextBytes() {
    return spec.compressions().stream().mapToLong(Compression::contextBytes).max().orElse(0);
  }

  /** How chunks are compressed: one text, or one for each head where they differ. */
  public String compression() {
    List<String> texts = spec.compressions().stream().map(Compression::toString).toList();
    return texts.stream().distinct().count() == 1 ? texts.get(0) : String.join(", ", texts);
  }

  @Override
  public void requireFits(Resources resources) {
    long chunkBytes =
        Math.multiplyExact(largestStep().pixels(), mostChannels(spec) * output.type().bytes());
    if (chunkBytes > Integer.MAX_VALUE / 2) {
      throw new InvalidInputException(
          "Cannot encode chunks of %d MiB: at most 1023 MiB are supported; use a smaller --shard-mib, or store the input in smaller chunks"
              .formatted(chunkBytes >> 20));
    }
    resources.requireHeap(
        "Cannot run",
        bytesPerTask(),
        spec.format().perFile()
            ? ", or fewer tasks at once"
            : ", fewer tasks at once, or a smaller --shard-mib");
    resources.requireNative(nativeBytesPerTask());
  }

  @Override
  public List<String> facts() {
    List<String> facts = new ArrayList<>(seriesFacts());
    facts.add("input identity " + input.identity() + " images " + input.shape().n());
    return facts;
  }

  @Override
  public List<String> seriesFacts() {
    List<String> facts = new ArrayList<>();
    facts.add("pointwise output format 2");
    facts.add("input " + input.uri() + " " + input.type());
    FeatureShape shape = input.shape();
    boolean unlike = spec.format().perFile() && input.storage() == Storage.IMAGES; // or may become
    facts.add(
        "axes %s y %s x %s c %d"
            .formatted(
                input.axes(),
                unlike ? "any" : Long.toString(shape.y()),
                unlike ? "any" : Long.toString(shape.x()),
                shape.c()));
    facts.add("dequantisation " + dequantisation.describe(input.type()));
    for (Head head : spec.heads()) {
      facts.add("head " + head.name() + " " + head.layer().sha256());
    }
    facts.add("output " + spec.format().name() + " " + (unlike ? output.type() : output));
    facts.add("overflow " + spec.overflow() + " compression " + compression());
    return facts;
  }
}
