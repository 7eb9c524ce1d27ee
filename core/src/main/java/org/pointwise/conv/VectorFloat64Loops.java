package org.pointwise.conv;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.pointwise.tensor.ElementAccess;

/**
 * Implements the loops with the Vector API, for little-endian machines. Register tiles have the
 * shape that {@link VectorTiles} gives reasons for: one local variable for each accumulator, and no
 * helper methods.
 */
final class VectorFloat64Loops implements Float64Loops {
  private static final VectorSpecies<Double> SPECIES = DoubleVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  @Override
  public boolean finite(byte[] row, int at, int count) {
    int i = 0;
    boolean finite = true;
    for (; i + LANES <= count; i += LANES) {
      DoubleVector x =
          ByteVector.fromArray(BYTES, row, at + i * Double.BYTES).reinterpretAsDoubles();
      finite &= x.abs().compare(VectorOperators.LT, BEYOND_FLOAT32).allTrue();
    }
    for (; i < count; i++) {
      finite &= Math.abs(ElementAccess.float64At(row, at + i * Double.BYTES)) < BEYOND_FLOAT32;
    }
    return finite;
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
    for (int i = 0; i < WIDTH; i += LANES) {
      DoubleVector shifts = DoubleVector.fromArray(SPECIES, shift, channel + i);
      DoubleVector sum = DoubleVector.zero(SPECIES);
      DoubleVector min = DoubleVector.broadcast(SPECIES, Double.POSITIVE_INFINITY);
      DoubleVector max = DoubleVector.broadcast(SPECIES, Double.NEGATIVE_INFINITY);
      DoubleVector zeros = DoubleVector.zero(SPECIES);
      for (int k = 0; k < count; k++) {
        DoubleVector x =
            ByteVector.fromArray(BYTES, rows, at + k * step + i * Double.BYTES)
                .reinterpretAsDoubles();
        DoubleVector centred = x.sub(shifts);
        centred.intoArray(panel, panelAt + k * WIDTH + i);
        sum = sum.add(centred);
        min = min.min(x);
        max = max.max(x);
        zeros = zeros.add(1, x.compare(VectorOperators.EQ, 0));
      }
      sum.intoArray(statistics.sum(), channel + i);
      min.intoArray(statistics.min(), channel + i);
      max.intoArray(statistics.max(), channel + i);
      zeros.intoArray(statistics.zeros(), channel + i);
    }
  }

  @Override
  public void multiply(
      double[] panels, int linesAt, int panelAt, int depth, double[] sums, int sumsAt) {
    for (int k = 0; k < depth; k += CHAIN) {
      int pixels = Math.min(CHAIN, depth - k);
      int lines = linesAt + k * WIDTH;
      int columns = panelAt + k * WIDTH;
      if (2 * LANES == WIDTH) {
        eightByTwo(panels, lines, columns, pixels, sums, sumsAt);
        continue;
      }
      for (int j = 0; j < WIDTH; j += 2 * LANES) {
        fourByTwo(panels, lines, columns + j, pixels, sums, sumsAt + j);
        fourByTwo(panels, lines + 4, columns + j, pixels, sums, sumsAt + 4 * WIDTH + j);
      }
    }
  }

  private static void eightByTwo(
      double[] x, int lines, int columns, int depth, double[] sums, int at) {
    DoubleVector s00 = DoubleVector.zero(SPECIES);
    DoubleVector s01 = DoubleVector.zero(SPECIES);
    DoubleVector s10 = DoubleVector.zero(SPECIES);
    DoubleVector s11 = DoubleVector.zero(SPECIES);
    DoubleVector s20 = DoubleVector.zero(SPECIES);
    DoubleVector s21 = DoubleVector.zero(SPECIES);
    DoubleVector s30 = DoubleVector.zero(SPECIES);
    DoubleVector s31 = DoubleVector.zero(SPECIES);
    DoubleVector s40 = DoubleVector.zero(SPECIES);
    DoubleVector s41 = DoubleVector.zero(SPECIES);
    DoubleVector s50 = DoubleVector.zero(SPECIES);
    DoubleVector s51 = DoubleVector.zero(SPECIES);
    DoubleVector s60 = DoubleVector.zero(SPECIES);
    DoubleVector s61 = DoubleVector.zero(SPECIES);
    DoubleVector s70 = DoubleVector.zero(SPECIES);
    DoubleVector s71 = DoubleVector.zero(SPECIES);
    for (int k = 0; k < depth; k++) {
      DoubleVector w0 = DoubleVector.fromArray(SPECIES, x, columns + k * WIDTH);
      DoubleVector w1 = DoubleVector.fromArray(SPECIES, x, columns + k * WIDTH + LANES);
      DoubleVector l = DoubleVector.broadcast(SPECIES, x[lines + k * WIDTH]);
      s00 = l.fma(w0, s00);
      s01 = l.fma(w1, s01);
      l = DoubleVector.broadcast(SPECIES, x[lines + k * WIDTH + 1]);
      s10 = l.fma(w0, s10);
      s11 = l.fma(w1, s11);
      l = DoubleVector.broadcast(SPECIES, x[lines + k * WIDTH + 2]);
      s20 = l.fma(w0, s20);
      s21 = l.fma(w1, s21);
      l = DoubleVector.broadcast(SPECIES, x[lines + k * WIDTH + 3]);
      s30 = l.fma(w0, s30);
      s31 = l.fma(w1, s31);
      l = DoubleVector.broadcast(SPECIES, x[lines + k * WIDTH + 4]);
      s40 = l.fma(w0, s40);
      s41 = l.fma(w1, s41);
      l = DoubleVector.broadcast(SPECIES, x[lines + k * WIDTH + 5]);
      s50 = l.fma(w0, s50);
      s51 = l.fma(w1, s51);
      l = DoubleVector.broadcast(SPECIES, x[lines + k * WIDTH + 6]);
      s60 = l.fma(w0, s60);
      s61 = l.fma(w1, s61);
      l = DoubleVector.broadcast(SPECIES, x[lines + k * WIDTH + 7]);
      s70 = l.fma(w0, s70);
      s71 = l.fma(w1, s71);
    }
    s00.add(DoubleVector.fromArray(SPECIES, sums, at)).intoArray(sums, at);
    s01.add(DoubleVector.fromArray(SPECIES, sums, at + LANES)).intoArray(sums, at + LANES);
    s10.add(DoubleVector.fromArray(SPECIES, sums, at + WIDTH)).intoArray(sums, at + WIDTH);
    s11.add(DoubleVector.fromArray(SPECIES, sums, at + WIDTH + LANES))
        .intoArray(sums, at + WIDTH + LANES);
    s20.add(DoubleVector.fromArray(SPECIES, sums, at + 2 * WIDTH)).intoArray(sums, at + 2 * WIDTH);
    s21.add(DoubleVector.fromArray(SPECIES, sums, at + 2 * WIDTH + LANES))
        .intoArray(sums, at + 2 * WIDTH + LANES);
    s30.add(DoubleVector.fromArray(SPECIES, sums, at + 3 * WIDTH)).intoArray(sums, at + 3 * WIDTH);
    s31.add(DoubleVector.fromArray(SPECIES, sums, at + 3 * WIDTH + LANES))
        .intoArray(sums, at + 3 * WIDTH + LANES);
    s40.add(DoubleVector.fromArray(SPECIES, sums, at + 4 * WIDTH)).intoArray(sums, at + 4 * WIDTH);
    s41.add(DoubleVector.fromArray(SPECIES, sums, at + 4 * WIDTH + LANES))
        .intoArray(sums, at + 4 * WIDTH + LANES);
    s50.add(DoubleVector.fromArray(SPECIES, sums, at + 5 * WIDTH)).intoArray(sums, at + 5 * WIDTH);
    s51.add(DoubleVector.fromArray(SPECIES, sums, at + 5 * WIDTH + LANES))
        .intoArray(sums, at + 5 * WIDTH + LANES);
    s60.add(DoubleVector.fromArray(SPECIES, sums, at + 6 * WIDTH)).intoArray(sums, at + 6 * WIDTH);
    s61.add(DoubleVector.fromArray(SPECIES, sums, at + 6 * WIDTH + LANES))
        .intoArray(sums, at + 6 * WIDTH + LANES);
    s70.add(DoubleVector.fromArray(SPECIES, sums, at + 7 * WIDTH)).intoArray(sums, at + 7 * WIDTH);
    s71.add(DoubleVector.fromArray(SPECIES, sums, at + 7 * WIDTH + LANES))
        .intoArray(sums, at + 7 * WIDTH + LANES);
  }

  private static void fourByTwo(
      double[] x, int lines, int columns, int depth, double[] sums, int at) {
    DoubleVector s00 = DoubleVector.zero(SPECIES);
    DoubleVector s01 = DoubleVector.zero(SPECIES);
    DoubleVector s10 = DoubleVector.zero(SPECIES);
    DoubleVector s11 = DoubleVector.zero(SPECIES);
    DoubleVector s20 = DoubleVector.zero(SPECIES);
    DoubleVector s21 = DoubleVector.zero(SPECIES);
    DoubleVector s30 = DoubleVector.zero(SPECIES);
    DoubleVector s31 = DoubleVector.zero(SPECIES);
    for (int k = 0; k < depth; k++) {
      DoubleVector w0 = DoubleVector.fromArray(SPECIES, x, columns + k * WIDTH);
      DoubleVector w1 = DoubleVector.fromArray(SPECIES, x, columns + k * WIDTH + LANES);
      DoubleVector l = DoubleVector.broadcast(SPECIES, x[lines + k * WIDTH]);
      s00 = l.fma(w0, s00);
      s01 = l.fma(w1, s01);
      l = DoubleVector.broadcast(SPECIES, x[lines + k * WIDTH + 1]);
      s10 = l.fma(w0, s10);
      s11 = l.fma(w1, s11);
      l = DoubleVector.broadcast(SPECIES, x[lines + k * WIDTH + 2]);
      s20 = l.fma(w0, s20);
      s21 = l.fma(w1, s21);
      l = DoubleVector.broadcast(SPECIES, x[lines + k * WIDTH + 3]);
      s30 = l.fma(w0, s30);
      s31 = l.fma(w1, s31);
    }
    s00.add(DoubleVector.fromArray(SPECIES, sums, at)).intoArray(sums, at);
    s01.add(DoubleVector.fromArray(SPECIES, sums, at + LANES)).intoArray(sums, at + LANES);
    s10.add(DoubleVector.fromArray(SPECIES, sums, at + WIDTH)).intoArray(sums, at + WIDTH);
    s11.add(DoubleVector.fromArray(SPECIES, sums, at + WIDTH + LANES))
        .intoArray(sums, at + WIDTH + LANES);
    s20.add(DoubleVector.fromArray(SPECIES, sums, at + 2 * WIDTH)).intoArray(sums, at + 2 * WIDTH);
    s21.add(DoubleVector.fromArray(SPECIES, sums, at + 2 * WIDTH + LANES))
        .intoArray(sums, at + 2 * WIDTH + LANES);
    s30.add(DoubleVector.fromArray(SPECIES, sums, at + 3 * WIDTH)).intoArray(sums, at + 3 * WIDTH);
    s31.add(DoubleVector.fromArray(SPECIES, sums, at + 3 * WIDTH + LANES))
        .intoArray(sums, at + 3 * WIDTH + LANES);
  }
}
