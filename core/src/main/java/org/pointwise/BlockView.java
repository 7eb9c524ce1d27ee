package org.pointwise;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.pointwise.job.Evaluator;
import org.pointwise.job.Evaluator.PixelListener;
import org.pointwise.learn.EvaluationSums;
import org.pointwise.plan.EvaluationPlan;
import org.pointwise.plan.HoldoutBlocks;
import org.pointwise.plan.TileGrid;
import org.pointwise.tensor.Box;

/**
 * The part of a tile that lies in one image and contains held-out pixels, for the pictures of a
 * report. Valid while its page is drawn. Confined to one thread.
 */
public final class BlockView {
  private static final int MAX = 4;
  private static final long MAX_EXAMINED_TILES = 100_000; // per view

  private final EvaluationPlan plan;
  private final Evaluator evaluator;
  private final Box tileBox;
  private final Box image;
  private final String name;
  private final double maxShownError;

  private BlockView(
      EvaluationPlan plan,
      Evaluator evaluator,
      Box tileBox,
      long n,
      boolean worst,
      double maxShownError) {
    this.plan = plan;
    this.maxShownError = maxShownError;
    this.evaluator = evaluator;
    this.tileBox = tileBox;
    this.image = image(tileBox, n);
    String position =
        String.format(Locale.ROOT, "n=%d y=%d x=%d", image.n0(), image.y0(), image.x0());
    this.name = worst ? "with the worst block, " + position : position;
  }

  private static Box image(Box tileBox, long n) {
    return new Box(n, n + 1, tileBox.y0(), tileBox.y1(), tileBox.x0(), tileBox.x1());
  }

  /** Returns the position in the input, for display. */
  public String name() {
    return name;
  }

  /** Returns the box of this view, within one image. Some of its pixels may not be held out. */
  public Box box() {
    return image;
  }

  /** Returns the means of the first reduced channels over the held-out pixels. */
  public double[] centres() {
    return plan.centres().clone();
  }

  /**
   * Returns four standard deviations of each of the first reduced channels over the held-out
   * pixels.
   */
  public double[] spreads() {
    return plan.spreads().clone();
  }

  /**
   * Returns the error |x − x̂| that is drawn brightest: three times the root mean square error. It
   * is the same for all views of a page.
   */
  public double maxShownError() {
    return maxShownError;
  }

  /**
   * Reads the tile and passes each usable held-out pixel of this image to the listener, with its
   * reduced channels and its reconstruction error.
   */
  public void each(PixelListener pixels) {
    evaluator.evaluate(
        tileBox,
        plan.empty(),
        (n, y, x, reduced, error) -> {
          if (n == image.n0()) {
            pixels.pixel(n, y, x, reduced, error);
          }
        });
  }

  /**
   * Returns at most four views: one that contains the worst block, then others from all over the
   * input.
   */
  static List<BlockView> of(EvaluationPlan plan, Evaluator evaluator, EvaluationSums sums) {
    HoldoutBlocks blocks = plan.holdout().of(plan.input());
    long[] worst = sums.worstBlock();
    TileGrid grid = plan.units().tiles();
    long tiles = grid.count();
    double maxShownError = 3 * Math.sqrt(sums.squaredError() / sums.pixels());
    List<BlockView> views = new ArrayList<>();
    for (int i = 0; i <= MAX; i++) {
      boolean forWorst = i == 0;
      long first = forWorst ? grid.firstOf(worst[0]) : tiles * (i - 1) / MAX;
      long end =
          forWorst ? grid.countOf(worst[0] + 1) : Math.min(tiles, first + MAX_EXAMINED_TILES);
      boolean isSearching = true;
      for (long ordinal = first; ordinal < end && isSearching && views.size() < MAX; ordinal++) {
        Box box = grid.box(ordinal);
        for (Box block : blocks.in(box)) {
          boolean isWorst =
              block.n0() == worst[0] && block.y0() == worst[1] && block.x0() == worst[2];
          Box image = image(box, block.n0());
          boolean isNew = views.stream().noneMatch(view -> view.image.equals(image));
          if (isSearching && isWorst == forWorst && isNew) {
            views.add(new BlockView(plan, evaluator, box, block.n0(), forWorst, maxShownError));
            isSearching = false;
          }
        }
      }
    }
    return views;
  }
}
