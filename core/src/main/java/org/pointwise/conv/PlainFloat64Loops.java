package org.pointwise.conv;

import java.util.Arrays;
import org.pointwise.tensor.ElementAccess;

/** The reference implementation, also used if the JVM has no vector module. */
final class PlainFloat64Loops implements Float64Loops {
  @Override
  public boolean finite(byte[] row, int at, int count) {
    for (int i = 0; i < count; i++) {
      if (!(Math.abs(ElementAccess.float64At(row, at + i * Double.BYTES)) < BEYOND_FLOAT32)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void packCentred(
      byte[] rows,
      int at,
      int step,
      int count,
      double[] shift,
      int channel,
      double[] panel,
      int panelAt,
      Statistics statistics) {
    for (int i = 0; i < WIDTH; i++) {
      double sum = 0;
      double min = Double.POSITIVE_INFINITY;
      double max = Double.NEGATIVE_INFINITY;
      double zeros = 0;
      for (int k = 0; k < count; k++) {
        double x = ElementAccess.float64At(rows, at + k * step + i * Double.BYTES);
        double centred = x - shift[channel + i];
        panel[panelAt + k * WIDTH + i] = centred;
        sum += centred;
        min = Math.min(min, x);
        max = Math.max(max, x);
        zeros += x == 0 ? 1 : 0;
      }
      statistics.sum()[channel + i] = sum;
      statistics.min()[channel + i] = min;
      statistics.max()[channel + i] = max;
      statistics.zeros()[channel + i] = zeros;
    }
  }

  @Override
  public void multiply(
      double[] panels, int linesAt, int panelAt, int depth, double[] sums, int sumsAt) {
    double[] chains = new double[WIDTH];
    for (int r = 0; r < LINES; r++) {
      for (int first = 0; first < depth; first += CHAIN) {
        Arrays.fill(chains, 0);
        for (int k = first; k < Math.min(depth, first + CHAIN); k++) {
          double x = panels[linesAt + k * WIDTH + r];
          int columns = panelAt + k * WIDTH;
          for (int j = 0; j < WIDTH; j++) {
            chains[j] = Math.fma(x, panels[columns + j], chains[j]);
          }
        }
        for (int j = 0; j < WIDTH; j++) {
          sums[sumsAt + r * WIDTH + j] += chains[j];
        }
      }
    }
  }
}
