package org.pointwise;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.pointwise.job.Evaluator;
import org.pointwise.job.Evaluator.PixelListener;
import org.pointwise.learn.EvaluationSums;
import org.pointwise.plan.EvaluationPlan;
import org.pointwise.plan.SplitTiles;
import org.pointwise.tensor.Box;

/** A held-out tile, to be looked at. Valid while its page is drawn; confined to one thread. */
public final class TileView {
  private static final int MOST = 4;
  private static final long CELLS_LOOKED_AT = 100_000; // for each view

  private final EvaluationPlan plan;
  private final Evaluator evaluator;
  private final Box cell;
  private final Box image;
  private final String name;
  private final double brightestError;

  private TileView(
      EvaluationPlan plan,
      Evaluator evaluator,
      Box cell,
      long n,
      boolean worst,
      double brightestError) {
    this.plan = plan;
    this.brightestError = brightestError;
    this.evaluator = evaluator;
    this.cell = cell;
    this.image = image(cell, n);
    String place = String.format(Locale.ROOT, "n=%d y=%d x=%d", image.n0(), image.y0(), image.x0());
    this.name = worst ? "with the worst tile, " + place : place;
  }

  private static Box image(Box cell, long n) {
    return new Box(n, n + 1, cell.y0(), cell.y1(), cell.x0(), cell.x1());
  }

  /** Where it lies, for people. */
  public String name() {
    return name;
  }

  /** A part of one image; some of its pixels may not be held out. */
  public Box box() {
    return image;
  }

  /** Of the first reduced channels: their means. */
  public double[] centres() {
    return plan.centres().clone();
  }

  /** Of the first reduced channels: four standard deviations each. */
  public double[] spreads() {
    return plan.spreads().clone();
  }

  /**
   * |x − x̂| to draw brightest, of all tiles of a page: three times the root of the mean square.
   */
  public double brightestError() {
    return brightestError;
  }

  /** Reads the tile, and sends each held-out pixel that can be used to the layer and back. */
  public void each(PixelListener pixels) {
    evaluator.evaluate(
        cell,
        plan.empty(),
        (n, y, x, reduced, error) -> {
          if (n == image.n0()) {
            pixels.pixel(n, y, x, reduced, error);
          }
        });
  }

  /** Where the worst tile is, and some others from all over the input. */
  static List<TileView> of(EvaluationPlan plan, Evaluator evaluator, EvaluationSums sums) {
    SplitTiles tiles = plan.tiles().of(plan.input());
    long[] worst = sums.worstTile();
    long cells = plan.units().cells().count();
    double brightest = 3 * Math.sqrt(sums.squaredError() / sums.pixels());
    List<TileView> found = new ArrayList<>();
    for (int i = 0; i <= MOST; i++) {
      boolean forWorst = i == 0;
      long first = forWorst ? 0 : cells * (i - 1) / MOST;
      long end = Math.min(cells, first + CELLS_LOOKED_AT);
      boolean sought = true;
      for (long cell = first; cell < end && sought && found.size() < MOST; cell++) {
        Box box = plan.units().cells().box(cell);
        for (Box tile : tiles.in(box)) {
          boolean isWorst = tile.n0() == worst[0] && tile.y0() == worst[1] && tile.x0() == worst[2];
          Box image = image(box, tile.n0());
          boolean fresh = found.stream().noneMatch(view -> view.image.equals(image));
          if (sought && isWorst == forWorst && fresh) {
            found.add(new TileView(plan, evaluator, box, tile.n0(), found.isEmpty(), brightest));
            sought = false;
          }
        }
      }
    }
    return found;
  }
}
