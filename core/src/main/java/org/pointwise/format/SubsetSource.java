package org.pointwise.format;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.IndexList;
import org.pointwise.tensor.PixelMask;
import org.pointwise.tensor.Tile;

/**
 * A part of an array as an array of its own. Its tiles are the parts of the array's tiles, so that
 * no pixel is copied. Objects that hold no pixel and no channel of the part are not read if the
 * format stores them apart.
 */
final class SubsetSource extends SourceView {
  private final FeatureSource whole;
  private final Subset subset;

  private SubsetSource(FeatureSource whole, Subset subset, ArrayInfo info) {
    super(whole, info);
    this.whole = whole;
    this.subset = subset;
  }

  /** Returns a part of an array. */
  static FeatureSource of(FeatureSource whole, Subset subset) {
    return new SubsetSource(
        whole, subset, subset.of(whole.info(), whole.memory(subset.channels())));
  }

  /** Returns a part of an array with the description from a plan. */
  static FeatureSource reopened(FeatureSource whole, Subset subset, ArrayInfo planned) {
    return new SubsetSource(whole, subset, planned);
  }

  @Override
  public MissingCount missing(Box tile, IndexList channels) throws IOException {
    return whole.missing(subset.boxes(tile).get(0), subset.channels());
  }

  @Override
  public Companions companions(List<String> dimensions) throws IOException {
    return whole.companions(dimensions).part(whole.info(), subset);
  }

  @Override
  public List<String> objects(Box box) {
    Set<String> keys = new LinkedHashSet<>();
    for (Box part : subset.boxes(box)) {
      keys.addAll(whole.objects(part, subset.channels()));
    }
    return List.copyOf(keys);
  }

  @Override
  public Reader reader() {
    return new PartReader(whole.reader(subset.channels()));
  }

  /** Reads parts of the array's tiles, under the coordinates of this part. */
  private final class PartReader implements Reader {
    private final Reader reader;

    PartReader(Reader reader) {
      this.reader = reader;
    }

    @Override
    public void prefetch(List<Box> tiles) {
      reader.prefetch(tiles.stream().flatMap(box -> subset.boxes(box).stream()).toList());
    }

    @Override
    public Tile read(Box box) throws IOException {
      List<Box> stored = subset.boxes(box);
      if (stored.size() > 1) {
        throw new IllegalArgumentException(
            "Cannot read %s at once: its images are apart in %s".formatted(box, info().uri()));
      }
      Tile tile = reader.read(stored.get(0));
      PixelMask mask = tile.mask();
      return new Tile(
          box,
          blocks(tile.blocks()),
          tile.storedBytes(),
          tile.chunks(),
          tile.missingChunks(),
          tile.unreadable(),
          mask == null ? null : new PixelMask(box, mask.hidden()));
    }

    private List<ChannelBlock> blocks(List<ChannelBlock> stored) {
      if (stored.isEmpty() || subset.channels().isAll(whole.info().shape().c())) {
        return stored;
      }
      List<ChannelBlock> blocks = new ArrayList<>();
      int count = Math.toIntExact(subset.channels().count());
      for (int c = 0; c < count; ) {
        ChannelBlock block = holding(stored, (int) subset.channels().get(c));
        c += add(block, c, count, blocks);
      }
      return blocks;
    }

    /**
     * Adds the channels from {@code first} of this part on that lie in one stored block at equal,
     * positive distances. Returns their number.
     */
    private int add(ChannelBlock stored, int first, int count, List<ChannelBlock> blocks) {
      int channel = (int) subset.channels().get(first);
      int end = stored.firstChannel() + stored.channels();
      int step = 1;
      int length = 1;
      while (first + length < count) {
        int next = (int) subset.channels().get(first + length);
        int distance = next - (int) subset.channels().get(first + length - 1);
        if (distance < 1 || next >= end || (length > 1 && distance != step)) {
          break;
        }
        step = distance;
        length++;
      }
      blocks.add(stored.channels(channel - stored.firstChannel(), step, length, first));
      return length;
    }

    private ChannelBlock holding(List<ChannelBlock> stored, int channel) {
      for (ChannelBlock block : stored) {
        if (block.firstChannel() <= channel && channel < block.firstChannel() + block.channels()) {
          return block;
        }
      }
      throw new IllegalStateException("No block holds channel " + channel);
    }

    @Override
    public void close() {
      reader.close();
    }
  }
}
