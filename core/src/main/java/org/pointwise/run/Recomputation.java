package org.pointwise.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.Normalisation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.InputFiles;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.OutputFormats;
import org.pointwise.format.ReadOptions;
import org.pointwise.format.Storage;
import org.pointwise.plan.Cells;
import org.pointwise.plan.ChangedInput;
import org.pointwise.plan.Resources;
import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Scaling;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;

/**
 * Recomputes sampled tiles of an output in float64 and compares all their pixels. An error beyond
 * the bound of float32 arithmetic ({@link RecomputedPixel}) is a problem, as is an output of other
 * pixels than its input's. Confined to one thread.
 */
public final class Recomputation {

  /**
   * What to compare.
   *
   * @param tiles of the input, drawn without replacement; all where there are fewer
   * @param pixelsPerTile likewise
   * @param seed of the draw
   */
  public record Sample(int tiles, long pixelsPerTile, long seed) {
    /** All pixels of so many tiles. */
    public Sample(int tiles, long seed) {
      this(tiles, Long.MAX_VALUE, seed);
    }
  }

  /** What a comparison keeps that does not grow. */
  private static final long OVERHEAD_BYTES = 16L << 20;

  private final String output;
  private final FeatureSource input;
  private final long images;
  private final Sample sample;
  private final ByteStores stores;
  private final List<Box> tiles = new ArrayList<>();
  private final long allTiles;
  private @Nullable RecordedInputs recorded;

  /**
   * @param output the group or folder
   * @param input opened with the output's own order of files
   * @param images of the input that the output has: it may be older
   */
  public Recomputation(
      String output, FeatureSource input, long images, Sample sample, ByteStores stores) {
    this.output = output;
    this.input = input;
    this.images = Math.min(images, input.info().shape().n());
    this.sample = sample;
    this.stores = stores;
    Cells cells = Cells.of(input.info());
    this.allTiles = cells.countOf(this.images);
    LongStream ordinals =
        allTiles <= sample.tiles()
            ? LongStream.range(0, allTiles)
            : new Random(sample.seed())
                .longs(0, allTiles)
                .distinct()
                .limit(sample.tiles())
                .sorted();
    ordinals.mapToObj(cells::box).map(this::ofOutput).forEach(tiles::add);
  }

  private Box ofOutput(Box cell) {
    return new Box(
        cell.n0(), Math.min(cell.n1(), images), cell.y0(), cell.y1(), cell.x0(), cell.x1());
  }

  /** Layers, normalised as the output's heads are recorded to be. */
  public List<PointwiseLayer> asRecorded(List<PointwiseLayer> layers) throws IOException {
    JsonNode heads = Objects.requireNonNullElse(described(), JsonText.object()).path("heads");
    List<PointwiseLayer> made = new ArrayList<>();
    for (PointwiseLayer layer : layers) {
      String text = heads.path(made.size()).path(RunFolder.NORMALISE).asText();
      made.add(
          text.isEmpty()
              ? layer
              : layer.withNormalisation(Normalisation.valueOf(text.toUpperCase(Locale.ROOT))));
    }
    return made;
  }

  /**
   * Refuses what cannot be compared, before anything is.
   *
   * @param layers of the heads, in the order of {@link OutputManifest#headNames}
   * @param changed what to do where the input of a tile changed since the output was made
   * @param resources of this process, where it runs alone
   * @return whether it is known what the output was made of, so that a change would have been seen
   * @throws InvalidInputException where the input changed, the layers are not those that the output
   *     was made with, or a tile does not fit into memory
   */
  public boolean require(List<PointwiseLayer> layers, ChangedInput changed, Resources resources)
      throws IOException {
    ObjectNode plan = Objects.requireNonNullElse(described(), JsonText.object());
    requireScaling();
    for (int i = 0; i < layers.size(); i++) {
      requireRecorded(plan.path("heads").path(i), layers.get(i));
    }
    requireFits(resources);
    recorded = RecordedInputs.read(output, input, stores);
    if (recorded != null) {
      for (Box tile : tiles) {
        recorded.requireSame(tile, changed);
      }
    }
    return recorded != null && recorded.known();
  }

  /** Compares all heads, in the order of {@link OutputManifest#headNames}. */
  public void compare(List<PointwiseLayer> layers, Verification found) throws IOException {
    RecordedInputs made = recorded;
    HeadComparison.Unreadable unreadable =
        (box, reason) -> {
          if (made == null || !made.bad(box)) {
            throw new CorruptDataException(reason);
          }
          return true;
        };
    List<String> names = OutputManifest.read(output, stores).headNames();
    for (int i = 0; i < Math.min(names.size(), layers.size()); i++) {
      compare(names.get(i), layers.get(i), tiles, unreadable, found);
    }
  }

  /**
   * Compares one head, but for what could not be decoded when the output was made.
   *
   * @param tolerant whether to leave out what cannot be decoded now, too
   */
  void comparePast(
      String name, PointwiseLayer layer, List<Box> bad, boolean tolerant, Verification found) {
    List<Box> good =
        tiles.stream()
            .filter(tile -> bad.stream().allMatch(box -> box.intersection(tile) == null))
            .toList();
    HeadComparison.Unreadable unreadable =
        (box, reason) -> {
          if (!tolerant) {
            throw new CorruptDataException(reason);
          }
          return false;
        };
    compare(name, layer, good, unreadable, found);
  }

  private @Nullable ObjectNode described() throws IOException {
    OutputManifest manifest = OutputManifest.read(output, stores);
    return manifest.ours() != null ? manifest.ours() : manifest.plan();
  }

  /** Numbers that mean something else would all be found wrong. */
  private void requireScaling() throws IOException {
    ObjectNode plan = RunFolder.of(output, stores).plan();
    Scaling read = input.dequantisation().scaling();
    for (JsonNode fact : plan == null ? JsonText.object() : plan.path("seriesFacts")) {
      String made = fact.asText();
      if (made.startsWith("dequantisation ") && !made.contains("[" + read + ",")) {
        throw new InvalidInputException(
            "Cannot verify %s: it was made with %s but the input is read with %s; give the --scale and --offset that it was made with"
                .formatted(output, made.replaceAll(".*\\[(scale=.*), nodata=.*", "$1"), read));
      }
    }
  }

  private void requireRecorded(JsonNode head, PointwiseLayer layer) {
    String then = head.path("weightsSha256").asText();
    if (!then.isEmpty() && !then.equals(layer.sha256())) {
      throw new InvalidInputException(
          "Cannot verify %s: its array %s was made by another layer than is given (%d → %d %s of %s, SHA-256 %.12s; given is %d → %d %s, %.12s); give the --weights, --bias and --activation that it was made with"
              .formatted(
                  output,
                  head.path("name").asText(),
                  head.path("inChannels").asInt(),
                  head.path("outChannels").asInt(),
                  head.path("activation").asText(),
                  head.path("weights").asText(),
                  then,
                  layer.inChannels(),
                  layer.outChannels(),
                  layer.activation(),
                  layer.sha256()));
    }
  }

  private void compare(
      String name,
      PointwiseLayer layer,
      List<Box> chosen,
      HeadComparison.Unreadable unreadable,
      Verification found) {
    FeatureSource reduced;
    try {
      reduced = open(output, name);
      requirePixels(reduced.info(), layer, images);
    } catch (InvalidInputException e) {
      found.addProblem(name + ": " + e.getMessage());
      return;
    } catch (IOException e) {
      throw new IncompleteRunException("Cannot verify %s: %s".formatted(output, e), e);
    }
    found.addTiles(allTiles);
    try (HeadComparison comparison =
        new HeadComparison(input, reduced, layer, name, sample, found, unreadable)) {
      chosen.forEach(comparison::compareTile);
    }
  }

  /** Proves that a tile of each head fits, of those that can be opened. */
  void requireFits(Resources resources) throws IOException {
    for (String name : OutputManifest.read(output, stores).headNames()) {
      ArrayInfo reduced;
      try {
        reduced = open(output, name).info();
      } catch (InvalidInputException e) {
        continue; // found, and named, by who looks at the objects
      }
      requireFits(reduced, resources);
    }
  }

  /** One decoded cell of the input and one of the output, as a task that reads them has. */
  private void requireFits(ArrayInfo reduced, Resources resources) {
    long bytes = OVERHEAD_BYTES + input.info().memory().heap() + reduced.memory().heap();
    resources.requireHeap("Cannot recompute tiles of " + output, bytes, "");
  }

  private FeatureSource open(String output, String name) throws IOException {
    OutputManifest manifest = OutputManifest.read(output, stores);
    Axes axes = manifest.axes();
    if (manifest.inside() != null) {
      return Formats.open(stores, output + "/" + name, axes, Nodata.NONE);
    }
    OutputFormat format = OutputFormats.named(manifest.format());
    String folder = manifest.headNames().size() > 1 ? output + "/" + name : output;
    InputFiles from = InputFiles.of(input.info());
    if (from.storage() == Storage.FILE) {
      // A copy may have another name than what the output's file is named after.
      InputFiles made =
          InputFiles.ofFile(manifest.record().path("input").asText(input.info().uri()));
      return Formats.open(stores, folder + "/" + format.fileName(made, 0), axes, Nodata.NONE);
    }
    List<Axis> order = new ArrayList<>(axes.order());
    order.remove(Axis.N); // a folder's files are the images
    order.add(0, Axis.N);
    List<String> files =
        LongStream.range(0, images).mapToObj(image -> format.fileName(from, image)).toList();
    return Formats.open(stores, folder, ReadOptions.features(new Axes(order), Nodata.NONE, files));
  }

  /** The output has a pixel for each of the input's, and no other; image by image. */
  private void requirePixels(ArrayInfo reduced, PointwiseLayer layer, long past) {
    FeatureShape in = input.info().shape();
    FeatureShape out = reduced.shape();
    FeatureShape expected = new FeatureShape(past, in.y(), in.x(), layer.outChannels());
    if (!out.equals(expected)) {
      throw new CorruptDataException(
          "it has n,y,x,c = %s but needs %s".formatted(lengths(out), lengths(expected)));
    }
    for (int image = 0; image < past && !(input.info().uniform() && reduced.uniform()); image++) {
      Extent wanted = size(input.info(), image);
      Extent found = size(reduced, image);
      if (!wanted.equals(found)) {
        throw new CorruptDataException(
            "image %d is %d×%d but needs %d×%d"
                .formatted(image, found.y(), found.x(), wanted.y(), wanted.x()));
      }
    }
  }

  private static String lengths(FeatureShape shape) {
    return "%d,%d,%d,%d".formatted(shape.n(), shape.y(), shape.x(), shape.c());
  }

  private static Extent size(ArrayInfo info, int image) {
    Box box = info.image(image);
    return new Extent(1, box.y(), box.x());
  }
}
