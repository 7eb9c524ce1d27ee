package org.pointwise.format;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.store.Hashes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.IndexList;
import org.pointwise.tensor.PixelMask;
import org.pointwise.tensor.Tile;

/**
 * An array of which a second array hides pixels: where the mask is 0, pixels are nodata. A mask
 * without images applies to each image. Tiles whose pixels are all hidden are not read.
 */
final class MaskedSource extends SourceView {
  private final FeatureSource source;
  private final FeatureSource mask;

  private MaskedSource(FeatureSource source, FeatureSource mask, ArrayInfo info) {
    super(source, info);
    this.source = source;
    this.mask = mask;
  }

  /** Returns an array with a mask of the same images, rows and columns. */
  static FeatureSource of(FeatureSource source, FeatureSource mask) {
    ArrayInfo features = source.info();
    ReadMemory read = features.memory();
    ReadMemory more = mask.info().memory();
    ArrayInfo info =
        features.as(
            new ReadMemory(
                read.heap() + more.heap() + features.tile().pixels() / Byte.SIZE,
                read.nativeBytes() + more.nativeBytes()),
            Hashes.sha256(features.identity() + "\nmask " + mask.info().identity()),
            new ArrayView.Masked(features, mask.info()));
    return new MaskedSource(source, mask, info);
  }

  /** Returns an array with a mask, with the description from a plan. */
  static FeatureSource reopened(FeatureSource source, FeatureSource mask, ArrayInfo planned) {
    return new MaskedSource(source, mask, planned);
  }

  @Override
  public MissingCount missing(Box tile, IndexList channels) throws IOException {
    return source.missing(tile, channels);
  }

  @Override
  public Companions companions(List<String> dimensions) throws IOException {
    return source.companions(dimensions);
  }

  @Override
  public List<String> objects(Box box) {
    return source.objects(box);
  }

  @Override
  public @Nullable ObjectsOfMask mask() {
    return new ObjectsOfMask(mask.store(), box -> mask.objects(inMask(box)));
  }

  /** Returns the box of the mask that applies to a box. */
  private Box inMask(Box box) {
    return mask.info().axes().has(Axis.N) || mask.info().storage() == Storage.IMAGES
        ? box
        : new Box(0, 1, box.y0(), box.y1(), box.x0(), box.x1());
  }

  @Override
  public Reader reader() {
    return new MaskedReader(source.reader(), mask.reader());
  }

  private final class MaskedReader implements Reader {
    private final Reader reader;
    private final Reader maskReader;

    MaskedReader(Reader reader, Reader maskReader) {
      this.reader = reader;
      this.maskReader = maskReader;
    }

    @Override
    public void prefetch(List<Box> tiles) {
      reader.prefetch(tiles);
    }

    @Override
    public Tile read(Box box) throws IOException {
      PixelMask hidden = new PixelMask(box, hidden(box));
      int count = hidden.hidden().cardinality();
      if (count == box.pixels()) {
        return new Tile(box, List.of(), 0, 0, 0);
      }
      Tile tile = reader.read(box);
      PixelMask own = tile.mask();
      if (own != null) {
        hidden.hidden().or(own.hidden());
      }
      return count == 0 ? tile : tile.withMask(hidden);
    }

    private BitSet hidden(Box box) throws IOException {
      Box maskBox = inMask(box);
      BitSet once = new BitSet(Math.toIntExact(maskBox.pixels()));
      try {
        mask.info().split(maskBox, part -> mark(part, maskBox, once));
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
      if (maskBox.n() == box.n()) {
        return once;
      }
      BitSet each = new BitSet(Math.toIntExact(box.pixels()));
      int pixels = Math.toIntExact(maskBox.pixels());
      for (int p = once.nextSetBit(0); p >= 0; p = once.nextSetBit(p + 1)) {
        for (int n = 0; n < box.n(); n++) {
          each.set(n * pixels + p);
        }
      }
      return each;
    }

    private void mark(Box part, Box maskBox, BitSet hidden) {
      ChannelBlock block;
      try {
        block = maskReader.read(part).blocks().get(0);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      for (int n = 0; n < part.n(); n++) {
        for (int y = 0; y < part.y(); y++) {
          long line =
              ((part.n0() - maskBox.n0() + n) * maskBox.y() + part.y0() - maskBox.y0() + y)
                      * maskBox.x()
                  + part.x0()
                  - maskBox.x0();
          for (int x = 0; x < part.x(); x++) {
            if (ElementAccess.doubleAt(
                    block.bytes(), block.byteOffset(n, y, x, 0), block.type(), block.order())
                == 0) {
              hidden.set((int) line + x);
            }
          }
        }
      }
    }

    @Override
    public void close() {
      reader.close();
      maskReader.close();
    }
  }
}
