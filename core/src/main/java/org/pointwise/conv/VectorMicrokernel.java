package org.pointwise.conv;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Implements the inner loops with the Vector API, for little-endian machines. Methods longer than
 * one loop are static methods of other classes. {@link KernelProvider} loads this class by name
 * only, because a class that links to the vector module cannot be loaded without the module.
 */
final class VectorMicrokernel implements Microkernel {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  @Override
  public int lanes() {
    return LANES;
  }

  @Override
  public void multiply(
      byte[] lines,
      int linesAt,
      int count,
      float[] panel,
      int panelAt,
      int width,
      int depth,
      float[] sums,
      int sumsAt) {
    VectorTiles.multiply(lines, linesAt, count, panel, panelAt, width, depth, sums, sumsAt);
  }

  @Override
  public void multiplyLine(
      byte[] line,
      int lineAt,
      float[] panel,
      int panelAt,
      int width,
      int depth,
      float[] sums,
      int sumsAt) {
    VectorLine.multiply(line, lineAt, panel, panelAt, width, depth, sums, sumsAt);
  }

  @Override
  public void dot(
      byte[] x,
      int at,
      int step,
      int pixels,
      byte[] rows,
      int rowsAt,
      int rowStep,
      int outs,
      int depth,
      float[] partials,
      int partialsAt,
      int stride) {
    VectorDots.dot(
        x, at, step, pixels, rows, rowsAt, rowStep, outs, depth, partials, partialsAt, stride);
  }

  @Override
  public void dotPlanes(
      byte[] x,
      int at,
      int step,
      int planes,
      int pixels,
      byte[] weights,
      int weightsAt,
      int weightsStep,
      float[] partials,
      int partialsAt) {
    VectorPlaneDots.dot(
        x, at, step, planes, pixels, weights, weightsAt, weightsStep, partials, partialsAt);
  }

  @Override
  public void addPartials(float[] partials, int groups, float[] sums, int sumsAt) {
    VectorPartials.add(partials, groups, sums, sumsAt);
  }

  @Override
  public void addPartialPlanes(
      float[] partials, int partialsAt, int stride, int pixels, float[] sums, int sumsAt) {
    VectorPlaneDots.addPartials(partials, partialsAt, stride, pixels, sums, sumsAt);
  }

  @Override
  public void addWidened(float[] values, int at, int count, double[] sums, int sumsAt) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, values, at + i);
      DoubleVector low = (DoubleVector) v.convertShape(VectorOperators.F2D, DOUBLES, 0);
      DoubleVector high = (DoubleVector) v.convertShape(VectorOperators.F2D, DOUBLES, 1);
      int to = sumsAt + i;
      low.add(DoubleVector.fromArray(DOUBLES, sums, to)).intoArray(sums, to);
      to += LANES / 2;
      high.add(DoubleVector.fromArray(DOUBLES, sums, to)).intoArray(sums, to);
    }
  }

  @Override
  public boolean anySuspect(float[] values, int at, int count, float limit) {
    IntVector max = IntVector.zero(INTS);
    for (int i = at; i < at + count; i += LANES) {
      max =
          FloatVector.fromArray(SPECIES, values, i)
              .reinterpretAsInts()
              .and(Integer.MAX_VALUE)
              .max(max);
    }
    return max.reduceLanes(VectorOperators.MAX) >= Float.floatToRawIntBits(limit);
  }

  @Override
  public void activate(float[] values, int at, int count, Activation activation) {
    VectorEpilogue.activate(values, at, count, activation);
  }

  @Override
  public void epilogue(
      float[] values,
      int at,
      int lineStep,
      int lines,
      int count,
      float[] bias,
      int biasAt,
      Activation activation) {
    VectorEpilogue.epilogue(values, at, lineStep, lines, count, bias, biasAt, activation);
  }

  @Override
  public void epilogue(float[] values, int at, int count, float bias, Activation activation) {
    VectorEpilogue.epilogue(values, at, count, bias, activation);
  }

  @Override
  public void epilogueTo(
      float[] values,
      int at,
      int lineStep,
      int lines,
      int count,
      float[] bias,
      int biasAt,
      Activation activation,
      byte[] out,
      int outAt,
      int outLineStep) {
    VectorEpilogue.epilogueTo(
        values, at, lineStep, lines, count, bias, biasAt, activation, out, outAt, outLineStep);
  }
}
