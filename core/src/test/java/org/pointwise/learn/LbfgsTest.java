package org.pointwise.learn;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.learn.Lbfgs.Point;
import org.pointwise.testing.PythonPeers;
import org.pointwise.testing.Seed;

/**
 * Compares minima of random functions with SciPy's, and tests functions without minimum or slope.
 */
class LbfgsTest {
  private static final int CASES = 60;
  private static final int STEPS = 2000;

  @TempDir Path folder;

  private enum Kind {
    QUADRATIC,
    ROSENBROCK,
    LOGISTIC
  }

  /** One function; {@code minimize.py} defines the meaning of its numbers. */
  private record Problem(Kind kind, double[][] numbers, double[] start) {
    Point<Integer> at(double[] x) {
      return switch (kind) {
        case QUADRATIC -> quadratic(x);
        case ROSENBROCK -> rosenbrock(x);
        case LOGISTIC -> logistic(x);
      };
    }

    private Point<Integer> quadratic(double[] x) {
      double[] r = LinearAlgebra.multiply(numbers, x);
      for (int i = 0; i < r.length; i++) {
        r[i] -= 1;
      }
      double[] slope = LinearAlgebra.multiply(LinearAlgebra.transpose(numbers), r);
      return new Point<>(x, 1 + LinearAlgebra.dot(r, r) / 2, slope, 0);
    }

    private Point<Integer> rosenbrock(double[] x) {
      double steep = numbers[0][0];
      double value = 1;
      double[] slope = new double[x.length];
      for (int i = 0; i + 1 < x.length; i++) {
        double bend = x[i + 1] - x[i] * x[i];
        value += steep * bend * bend + (1 - x[i]) * (1 - x[i]);
        slope[i + 1] += 2 * steep * bend;
        slope[i] -= 4 * steep * bend * x[i] + 2 * (1 - x[i]);
      }
      return new Point<>(x, value, slope, 0);
    }

    private Point<Integer> logistic(double[] x) {
      double value = 5e-4 * LinearAlgebra.dot(x, x);
      double[] slope = new double[x.length];
      for (double[] z : numbers) {
        double margin = LinearAlgebra.dot(z, x);
        value += (Math.max(0, -margin) + Math.log1p(Math.exp(-Math.abs(margin)))) / numbers.length;
        double odds = 1 / (1 + Math.exp(margin)) / numbers.length;
        for (int i = 0; i < x.length; i++) {
          slope[i] -= odds * z[i];
        }
      }
      for (int i = 0; i < x.length; i++) {
        slope[i] += 1e-3 * x[i];
      }
      return new Point<>(x, value, slope, 0);
    }
  }

  /** The input of minimize.py. */
  record Judged(
      String kind,
      double[][] numbers,
      double[] start,
      List<Double> values,
      List<Integer> evaluations) {}

  private static Problem problem(Random random, Kind kind) {
    int n = kind == Kind.ROSENBROCK ? 2 : 1 + random.nextInt(30);
    double[] start = random.doubles(n, -2, 2).toArray();
    if (kind == Kind.ROSENBROCK) {
      return new Problem(kind, new double[][] {{random.nextDouble(1, 100)}}, start);
    }
    double[][] numbers = new double[2 * n + 1 + random.nextInt(60)][n]; // not nearly singular
    double shift = random.nextGaussian();
    for (double[] row : numbers) {
      for (int i = 0; i < n; i++) {
        double scale = Math.pow(10, -1.5 * i / n); // squared, for condition numbers up to 1000
        row[i] = scale * (random.nextGaussian() + (i == 0 ? shift : 0));
      }
    }
    return new Problem(kind, numbers, start);
  }

  @Test
  void matchesSciPy() throws Exception {
    Random random = Seed.random("minimise");
    List<Judged> problems = new ArrayList<>();
    for (int i = 0; i < CASES; i++) {
      Problem problem = problem(random, Kind.values()[i % Kind.values().length]);
      int[] evaluations = {1};
      Function<double[], Point<Integer>> counted =
          x -> {
            evaluations[0]++;
            return problem.at(x);
          };
      List<Point<Integer>> steps = new ArrayList<>();
      List<Integer> evaluationsPerStep = new ArrayList<>();
      Consumer<Point<Integer>> record =
          step -> {
            steps.add(step);
            evaluationsPerStep.add(evaluations[0]);
          };
      Lbfgs.Result<Integer> found =
          new Lbfgs<Integer>(counted, record, 1e-12).minimize(problem.at(problem.start()), STEPS);
      assertThat(found.converged()).as("%d", i).isTrue();
      assertThat(steps.stream().map(Point::value)).isEqualTo(found.values());
      for (int s = 1; s < steps.size(); s++) {
        assertThat(found.values().get(s)).isLessThan(found.values().get(s - 1));
      }
      problems.add(
          new Judged(
              problem.kind().name().toLowerCase(Locale.ROOT),
              problem.numbers(),
              problem.start(),
              found.values(),
              evaluationsPerStep));
    }
    Path file = folder.resolve("problems.json");
    new ObjectMapper().writeValue(file.toFile(), problems);
    PythonPeers.run("minimize.py", file.toString());
  }

  /** The function is |x − 3| + 1, whose slope jumps at 3. */
  @Test
  void stopsAtKink() {
    Lbfgs.Result<Integer> found =
        minimise(
            x -> new Point<>(x, 1 + Math.abs(x[0] - 3), new double[] {Math.signum(x[0] - 3)}, 0));
    assertThat(found.converged()).isTrue();
    assertThat(found.best().value()).isLessThan(1.001);
  }

  @Test
  void stepsBackFromNonFiniteValues() {
    // 1 − log(1 − x²), started close to its singularity.
    Function<double[], Point<Integer>> withInfiniteRegion =
        x -> {
          double rest = 1 - x[0] * x[0];
          double value = rest > 0 ? 1 - Math.log(rest) : Double.NaN;
          return new Point<>(x, value, new double[] {2 * x[0] / rest}, 0);
        };
    Lbfgs.Result<Integer> found =
        new Lbfgs<Integer>(withInfiniteRegion, point -> {}, 1e-4)
            .minimize(withInfiniteRegion.apply(new double[] {0.999}), 100);
    assertThat(found.converged()).isTrue();
    assertThat(found.best().value()).isBetween(1.0, 1.001);
  }

  @Test
  void stationaryStartIsReturned() {
    Lbfgs.Result<Integer> found = minimise(x -> new Point<>(x, 1, new double[] {0}, 0));
    assertThat(found.converged()).isTrue();
    assertThat(found.values()).containsExactly(1.0);
  }

  @Test
  void stopsAtStepLimitWithoutMinimum() {
    Lbfgs.Result<Integer> found = minimise(x -> new Point<>(x, -x[0], new double[] {-1}, 0));
    assertThat(found.best().value()).isLessThan(-1e5);
  }

  private static Lbfgs.Result<Integer> minimise(Function<double[], Point<Integer>> function) {
    return new Lbfgs<Integer>(function, point -> {}, 1e-4)
        .minimize(function.apply(new double[] {0}), 100);
  }
}
