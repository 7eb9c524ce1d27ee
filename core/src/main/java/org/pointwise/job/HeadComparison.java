package org.pointwise.job;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Storage;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Tile;

/**
 * Compares tiles of one head with their recomputation, up to the first problem. Confined to one
 * thread.
 */
final class HeadComparison implements AutoCloseable {
  /** Decides how to treat pixels of the input that cannot be decoded. */
  interface Unreadable {
    /**
     * Returns whether the pixels are nodata and must be nodata in the output too. If not, they are
     * not compared.
     *
     * @throws CorruptDataException if undecodable pixels are not accepted
     */
    boolean isNodata(Box box, String reason);
  }

  private final String inputUri;
  private final FeatureSource reduced;
  private final TolerantReader inputs;
  private final FeatureSource.Reader outputs;
  private final ArrayInfo output;
  private final Unreadable unreadable;
  private final PointwiseLayer layer;
  private final String name;
  private final SpotCheck.Sample sample;
  private final Random random;
  private final VerificationFindings findings;
  private final ElementType type;
  private final ReferencePixel pixel;
  private boolean failed;

  HeadComparison(
      FeatureSource input,
      FeatureSource reduced,
      PointwiseLayer layer,
      String name,
      SpotCheck.Sample sample,
      VerificationFindings findings,
      Unreadable unreadable) {
    this.inputUri = input.info().uri();
    this.inputs = new TolerantReader(input.reader());
    this.reduced = reduced;
    this.outputs = reduced.reader();
    this.output = reduced.info();
    this.unreadable = unreadable;
    this.type = reduced.info().type();
    this.layer = layer;
    this.name = name;
    this.sample = sample;
    this.random = new Random(sample.seed());
    this.findings = findings;
    this.pixel = new ReferencePixel(input.info().quantisation(), layer);
  }

  @Override
  public void close() {
    inputs.close();
    outputs.close();
  }

  void compareTile(Box tile) {
    if (output.storage() == Storage.GRID) {
      output.split(tile, this::comparePart); // the reduction reads chunk by chunk of its output
    } else {
      comparePart(tile);
    }
    findings.addComparedTiles(failed ? 0 : 1);
  }

  /** Compares a part of a tile of the input that the reduction read at once. */
  private void comparePart(Box part) {
    if (failed) {
      return;
    }
    Tile in;
    try {
      in = inputs.read(part);
    } catch (IOException e) {
      throw new IncompleteRunException(
          "Cannot verify: reading %s failed: %s".formatted(inputUri, e), e);
    }
    if (in.unreadable().isEmpty() || unreadable.isNodata(part, in.unreadable())) {
      output.split(part, box -> compare(in.crop(box)));
    }
  }

  private void compare(Tile in) {
    if (failed) {
      return;
    }
    Box box = in.box();
    Tile out;
    try {
      out = outputs.read(box);
    } catch (CorruptDataException e) {
      failUndecodable(box, String.valueOf(e.getMessage()));
      return;
    } catch (IOException e) {
      throw new IncompleteRunException("Cannot verify %s: %s".formatted(name, e), e);
    }
    int pixels = Math.toIntExact(box.pixels());
    IntStream chosen =
        pixels <= sample.pixelsPerTile()
            ? IntStream.range(0, pixels)
            : random.ints(0, pixels).distinct().limit(sample.pixelsPerTile());
    chosen.forEach(ordinal -> compare(in, out, ordinal));
  }

  private void compare(Tile in, Tile out, int ordinal) {
    if (failed) {
      return;
    }
    Box box = in.box();
    int n = ordinal / box.x() / box.y();
    int y = ordinal / box.x() % box.y();
    int x = ordinal % box.x();
    pixel.read(in, n, y, x);
    ChannelBlock stored = out.blocks().get(0);
    double worst = 0;
    for (int o = 0; o < layer.outChannels(); o++) {
      ChannelBlock block = stored.channels() > o ? stored : block(out, o);
      int at = block.byteOffset(n, y, x, o - block.firstChannel());
      double value = ElementAccess.doubleAt(block.bytes(), at, block.type(), block.order());
      double error = pixel.error(o, value, type);
      worst = Math.max(worst, error);
      if (error > 1) {
        fail(
            "n=%d y=%d x=%d channel %d in %s holds %s, which recomputation does not confirm"
                .formatted(
                    box.n0() + n,
                    box.y0() + y,
                    box.x0() + x,
                    o,
                    String.join(", ", reduced.objects(box)),
                    value));
        break;
      }
    }
    findings.addCompared(1, layer.outChannels(), type, worst);
  }

  private void failUndecodable(Box box, String reason) {
    List<String> keys = output.storage() == Storage.GRID ? reduced.objects(box) : List.of();
    if (keys.size() == 1 && findings.recount(keys.get(0), reason)) {
      failed = true;
    } else {
      fail(reason);
    }
  }

  private void fail(String problem) {
    findings.addProblem(name + ": " + problem);
    failed = true;
  }

  private static ChannelBlock block(Tile tile, int channel) {
    for (ChannelBlock block : tile.blocks()) {
      if (channel < block.firstChannel() + block.channels()) {
        return block;
      }
    }
    throw new IllegalStateException("No block of channel " + channel);
  }
}
