package org.pointwise.learn;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Minimises a function of many variables by L-BFGS: the two-loop recursion of Nocedal and Wright,
 * "Numerical Optimization" (2nd edition, 2006), algorithm 7.4, with a line search for the strong
 * Wolfe conditions, algorithms 3.5 and 3.6. An evaluation is assumed to be expensive (a pass over
 * all pixels): nearly every step needs only one.
 *
 * <p>Functions with kinks, such as a loss after a ReLU, are minimised as long as a descending step
 * is found. A value that is not finite counts as too large. Equal functions lead to equal steps.
 * Heap: {@code 2·MEMORY + 6} vectors of all variables.
 *
 * @param <T> the additional result of an evaluation
 */
final class Lbfgs<T> {
  /** Number of steps whose curvature is stored. */
  static final int MEMORY = 10;

  private static final double DECREASE = 1e-4; // c₁ and c₂ of the Wolfe conditions
  private static final double CURVATURE = 0.9;
  private static final double MAX_STEP = 1e10;
  private static final int MAX_TRIALS = 30;

  /** Number of steps that together must reduce the value by more than the requested part of it. */
  private static final int WINDOW = 5;

  /** A predicted decrease below this part of the value is lost in rounding. */
  private static final double MIN_RELATIVE_DECREASE = 1e-10;

  /**
   * The function at one point.
   *
   * @param x the point
   * @param value of the function
   * @param gradient d value ÷ d x
   * @param auxiliary the additional result
   */
  record Point<T>(double[] x, double value, double[] gradient, T auxiliary) {}

  /**
   * The result of a minimisation.
   *
   * @param best the point of the last step, which has the smallest value
   * @param values after each step, descending; the first is that of the start
   * @param converged false when the steps were exhausted
   */
  record Result<T>(Point<T> best, List<Double> values, boolean converged) {}

  /** A step, and the change of the slope along it. */
  private record Pair(double[] step, double[] change, double product) {}

  private final Function<double[], Point<T>> function;
  private final Consumer<Point<T>> steps;
  private final double tolerance;
  private final Deque<Pair> memory = new ArrayDeque<>(); // newest first

  /**
   * @param function the function to minimise
   * @param steps called at the start and after every step
   * @param tolerance the part of the value by which {@value #WINDOW} steps together must reduce it
   */
  Lbfgs(Function<double[], Point<T>> function, Consumer<Point<T>> steps, double tolerance) {
    this.function = function;
    this.steps = steps;
    this.tolerance = tolerance;
  }

  /**
   * Steps downhill until the steps gain little or no descending step is found.
   *
   * @param start a point of finite value
   * @param max the largest number of steps
   */
  Result<T> minimize(Point<T> start, int max) {
    Point<T> current = start;
    steps.accept(current);
    List<Double> values = new ArrayList<>(List.of(current.value()));
    memory.clear();
    while (values.size() <= max) {
      LineSearch line = new LineSearch(current);
      if (line.isFlat()) {
        return new Result<>(current, values, true);
      }
      Point<T> next = line.step();
      if (next == null && !memory.isEmpty()) {
        memory.clear(); // stored curvature may point uphill where the function is not convex
        next = new LineSearch(current).step();
      }
      if (next == null) {
        return new Result<>(current, values, true);
      }
      remember(current, next);
      current = next;
      values.add(current.value());
      steps.accept(current);
      if (isConverged(values)) {
        return new Result<>(current, values, true);
      }
    }
    return new Result<>(current, values, false);
  }

  private boolean isConverged(List<Double> values) {
    int last = values.size() - 1;
    return last >= WINDOW
        && values.get(last - WINDOW) - values.get(last) < tolerance * Math.abs(values.get(last));
  }

  /** Returns −H·slope, where H is the inverse of the stored curvature. */
  private double[] direction(double[] gradient) {
    double[] q = gradient.clone();
    double[] part = new double[memory.size()];
    int i = 0;
    for (Pair pair : memory) {
      part[i] = LinearAlgebra.dot(pair.step(), q) / pair.product();
      add(q, -part[i++], pair.change());
    }
    Pair newest = memory.peekFirst();
    double scale =
        newest == null ? 1 : newest.product() / LinearAlgebra.dot(newest.change(), newest.change());
    for (int k = 0; k < q.length; k++) {
      q[k] *= scale;
    }
    for (Iterator<Pair> oldest = memory.descendingIterator(); oldest.hasNext(); ) {
      Pair pair = oldest.next();
      double beta = LinearAlgebra.dot(pair.change(), q) / pair.product();
      add(q, part[--i] - beta, pair.step());
    }
    for (int k = 0; k < q.length; k++) {
      q[k] = -q[k];
    }
    return q;
  }

  private void remember(Point<T> from, Point<T> to) {
    double[] step = difference(to.x(), from.x());
    double[] change = difference(to.gradient(), from.gradient());
    double product = LinearAlgebra.dot(step, change);
    if (product > 1e-10 * LinearAlgebra.norm(step) * LinearAlgebra.norm(change)) {
      memory.addFirst(new Pair(step, change, product));
      if (memory.size() > MEMORY) {
        memory.removeLast();
      }
    }
  }

  private static double[] difference(double[] a, double[] b) {
    double[] difference = a.clone();
    add(difference, -1, b);
    return difference;
  }

  private static void add(double[] to, double times, double[] addend) {
    for (int i = 0; i < to.length; i++) {
      to[i] += times * addend[i];
    }
  }

  /** Searches along the direction that follows from the stored curvature. */
  private final class LineSearch {
    /** A point on the line; the slope is that along the line. */
    private final class Trial {
      final double length;
      final double slope;
      final Point<T> point;

      Trial(double length, double slope, Point<T> point) {
        this.length = length;
        this.slope = slope;
        this.point = point;
      }

      double value() {
        return point.value();
      }
    }

    private final double[] direction;
    private final Trial start;
    private int trials;

    LineSearch(Point<T> point) {
      direction = direction(point.gradient());
      start = new Trial(0, LinearAlgebra.dot(point.gradient(), direction), point);
    }

    /** Returns whether the decrease that the stored curvature predicts is lost in rounding. */
    boolean isFlat() {
      return !memory.isEmpty()
          && start.slope <= 0
          && -start.slope <= MIN_RELATIVE_DECREASE * Math.abs(start.value());
    }

    /** Returns the point found; null when no lower one is found. */
    @Nullable Point<T> step() {
      if (!(start.slope < 0)) {
        return null;
      }
      // Without stored curvature, the scale of the step is unknown.
      Point<T> found = search(memory.isEmpty() ? Math.min(1, 1 / Math.sqrt(-start.slope)) : 1);
      return found.value() < start.value() ? found : null;
    }

    private Trial evaluate(double length) {
      trials++;
      double[] x = start.point.x().clone();
      add(x, length, direction);
      Point<T> point = function.apply(x);
      double slope = LinearAlgebra.dot(point.gradient(), direction);
      if (!Double.isFinite(point.value()) || !Double.isFinite(slope)) {
        point = new Point<>(x, Double.POSITIVE_INFINITY, point.gradient(), point.auxiliary());
      }
      return new Trial(length, slope, point);
    }

    private boolean descends(Trial trial) {
      return trial.value() <= start.value() + DECREASE * trial.length * start.slope;
    }

    private boolean flattens(Trial trial) {
      return Math.abs(trial.slope) <= -CURVATURE * start.slope;
    }

    /**
     * Returns a point that meets the conditions or, where none is found, the lowest point found.
     */
    private Point<T> search(double length) {
      Trial previous = start;
      Trial trial = evaluate(length);
      while (true) {
        if (!descends(trial) || (previous != start && trial.value() >= previous.value())) {
          return zoom(previous, trial);
        }
        if (flattens(trial) || trials >= MAX_TRIALS || trial.length >= MAX_STEP) {
          return trial.point;
        }
        if (trial.slope >= 0) {
          return zoom(trial, previous);
        }
        previous = trial;
        trial = evaluate(Math.min(MAX_STEP, 4 * trial.length));
      }
    }

    /** Narrows the interval that contains such a point; {@code low} is its end of smaller value. */
    private Point<T> zoom(Trial low, Trial high) {
      while (trials < MAX_TRIALS) {
        double length = interpolate(low, high);
        if (length == low.length || length == high.length) {
          break; // the interval cannot be divided further
        }
        Trial trial = evaluate(length);
        if (!descends(trial) || trial.value() >= low.value()) {
          high = trial;
          continue;
        }
        if (flattens(trial)) {
          return trial.point;
        }
        if (trial.slope * (high.length - low.length) >= 0) {
          high = low;
        }
        low = trial;
      }
      return low.point;
    }

    /**
     * Returns where the cubic through two points with their slopes is lowest (equation 3.59), at
     * least a tenth of the interval away from its ends; its middle where no such cubic exists.
     */
    private double interpolate(Trial a, Trial b) {
      double width = b.length - a.length;
      double middle = a.length + width / 2;
      if (!Double.isFinite(b.value())) {
        return a.length + width / 10; // the step was far too long
      }
      double d1 = a.slope + b.slope - 3 * (a.value() - b.value()) / (a.length - b.length);
      double root = d1 * d1 - a.slope * b.slope;
      if (!(root >= 0)) {
        return middle;
      }
      double d2 = Math.copySign(Math.sqrt(root), width);
      double lowest = b.length - width * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
      double part = (lowest - a.length) / width;
      return Double.isNaN(part) ? middle : a.length + width * Math.min(0.9, Math.max(0.1, part));
    }
  }
}
