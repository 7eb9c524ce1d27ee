package org.pointwise.format;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.IndexList;
import org.pointwise.tensor.PixelMask;
import org.pointwise.tensor.Tile;

/**
 * The images of an array after images that are stored elsewhere. No object of this source holds the
 * images before them, and they cannot be read.
 */
final class AppendedSource extends SourceView {
  private final FeatureSource added;
  private final long past;

  private AppendedSource(FeatureSource added, ArrayInfo info) {
    super(added, info);
    this.added = added;
    this.past = info.past();
  }

  /** As {@link Formats#appended}. */
  static FeatureSource of(
      FeatureSource added,
      boolean any,
      long past,
      List<ArrayInfo.ImageFile> pastFiles,
      String identity) {
    ArrayInfo of = added.info();
    List<ArrayInfo.ImageFile> images = new ArrayList<>();
    FeatureShape shape = of.shape();
    if (of.storage() == Storage.IMAGES) {
      images.addAll(pastFiles);
      images.addAll(any ? of.images() : List.of());
    }
    ArrayInfo info =
        new ArrayInfo(
            of.format(),
            of.uri(),
            of.description(),
            of.axes(),
            of.dimensionNames(),
            new FeatureShape(
                Math.addExact(past, any ? shape.n() : 0),
                images.stream().mapToLong(ArrayInfo.ImageFile::y).max().orElse(shape.y()),
                images.stream().mapToLong(ArrayInfo.ImageFile::x).max().orElse(shape.x()),
                shape.c()),
            of.quantisation(),
            of.missing(),
            of.tile(),
            of.channelsPerChunk(),
            of.codecs(),
            of.storage(),
            images,
            of.memory(),
            identity,
            new ArrayView.Appended(of, past));
    return new AppendedSource(added, info);
  }

  /** Returns the same source with the description from a plan. */
  static FeatureSource reopened(FeatureSource added, ArrayInfo planned) {
    return new AppendedSource(added, planned);
  }

  /** Returns the box of the added array; null if it has no pixel of {@code box}. */
  private @Nullable Box inAdded(Box box) {
    return box.n1() <= past
        ? null
        : new Box(
            Math.max(box.n0(), past) - past,
            box.n1() - past,
            box.y0(),
            box.y1(),
            box.x0(),
            box.x1());
  }

  @Override
  public MissingCount countMissing(int max) throws IOException {
    return added.countMissing(max);
  }

  @Override
  public MissingCount missing(Box tile, IndexList channels) throws IOException {
    Box box = inAdded(tile);
    return box == null ? new MissingCount(0, 0, 0) : added.missing(box, channels);
  }

  /** Returns the companions of the added array alone. */
  @Override
  public Companions companions(List<String> dimensions) throws IOException {
    return added.companions(dimensions);
  }

  @Override
  public List<String> objects(Box box) {
    Box own = inAdded(box);
    return own == null ? List.of() : added.objects(own);
  }

  @Override
  public List<String> objects(Box box, IndexList channels) {
    Box own = inAdded(box);
    return own == null ? List.of() : added.objects(own, channels);
  }

  @Override
  public @Nullable ObjectsOfMask mask() {
    ObjectsOfMask mask = added.mask();
    return mask == null
        ? null
        : new ObjectsOfMask(
            mask.store(),
            box -> {
              Box own = inAdded(box);
              return own == null ? List.of() : mask.keys().apply(own);
            });
  }

  @Override
  public ReadMemory memory(IndexList channels) {
    return added.memory(channels);
  }

  @Override
  public Reader reader(IndexList channels) {
    return new AddedReader(added.reader(channels));
  }

  @Override
  public Reader reader() {
    return new AddedReader(added.reader());
  }

  private final class AddedReader implements Reader {
    private final Reader reader;

    AddedReader(Reader reader) {
      this.reader = reader;
    }

    @Override
    public void prefetch(List<Box> tiles) {
      reader.prefetch(tiles.stream().map(this::withinAdded).toList());
    }

    @Override
    public Tile read(Box box) throws IOException {
      Tile tile = reader.read(withinAdded(box));
      PixelMask mask = tile.mask();
      return new Tile(
          box,
          tile.blocks(),
          tile.storedBytes(),
          tile.chunks(),
          tile.missingChunks(),
          tile.unreadable(),
          mask == null ? null : new PixelMask(box, mask.hidden()));
    }

    private Box withinAdded(Box box) {
      if (box.n0() < past) {
        throw new InvalidInputException(
            "Cannot read image %d of %s: its images are those from %d on; the images before them are stored elsewhere"
                .formatted(box.n0(), info().uri(), past));
      }
      return new Box(box.n0() - past, box.n1() - past, box.y0(), box.y1(), box.x0(), box.x1());
    }

    @Override
    public void close() {
      reader.close();
    }
  }
}
