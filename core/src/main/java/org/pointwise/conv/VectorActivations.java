package org.pointwise.conv;

import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Computes {@link PlainActivations} with vectors, bit-identically. The result for NaN is
 * unspecified; the caller restores NaN.
 */
final class VectorActivations {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private VectorActivations() {}

  static FloatVector apply(FloatVector y, Activation activation) {
    float a = activation.a();
    return switch (activation.kind()) {
      case NONE -> y;
      case CLIP -> clip(y, a, activation.b());
      case PRELU -> throw new IllegalArgumentException("each channel has its own slope");
      case LEAKYRELU -> y.blend(y.mul(a), y.compare(LT, 0f));
      case SIGMOID -> sigmoid(y);
      case TANH -> tanh(y);
      case HARDSIGMOID -> unit(y.fma(of(a), of(activation.b())));
      case HARDSWISH -> bounded(y).mul(unit(bounded(y).fma(of(PlainActivations.SIXTH), of(0.5f))));
      case SILU -> bounded(y).mul(sigmoid(y));
      case GELU -> bounded(y).mul(normal(bounded(y)));
      case GELU_TANH -> geluTanh(bounded(y));
      case ELU -> y.blend(expm1(y.blend(0f, y.compare(GT, 0f))).mul(a), y.compare(LT, 0f));
      case SOFTPLUS -> of(0f).blend(y, y.compare(GT, 0f)).add(log1p(exp(y.abs().neg())));
    };
  }

  static FloatVector clip(FloatVector y, float min, float max) {
    FloatVector z = y.blend(min, y.compare(LE, min));
    return max < Float.POSITIVE_INFINITY ? z.blend(max, z.compare(GT, max)) : z;
  }

  private static FloatVector of(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }

  private static FloatVector bounded(FloatVector y) {
    return y.blend(-Float.MAX_VALUE, y.compare(LT, -Float.MAX_VALUE));
  }

  private static FloatVector unit(FloatVector y) {
    FloatVector z = y.blend(0f, y.compare(LT, 0f));
    return z.blend(1f, z.compare(GT, 1f));
  }

  private static FloatVector sigmoid(FloatVector y) {
    FloatVector e = exp(y.abs().neg());
    return of(1).blend(e, y.compare(LT, 0f)).div(e.add(1f));
  }

  private static FloatVector tanh(FloatVector y) {
    FloatVector m = expm1(y.abs().mul(-2f));
    FloatVector t = of(0).sub(m).div(m.add(2f));
    return t.blend(t.neg(), y.compare(LT, 0f));
  }

  private static FloatVector normal(FloatVector y) {
    FloatVector a = y.abs();
    FloatVector t = of(1).div(a.fma(of(PlainActivations.N), of(1)));
    FloatVector p = of(PlainActivations.N9).fma(t, of(PlainActivations.N8));
    p = p.fma(t, of(PlainActivations.N7));
    p = p.fma(t, of(PlainActivations.N6));
    p = p.fma(t, of(PlainActivations.N5));
    p = p.fma(t, of(PlainActivations.N4));
    p = p.fma(t, of(PlainActivations.N3));
    p = p.fma(t, of(PlainActivations.N2));
    p = p.fma(t, of(PlainActivations.N1));
    FloatVector tail = p.mul(t).mul(exp(a.mul(a).mul(-0.5f))).mul(0.5f);
    return of(1).sub(tail).blend(tail, y.compare(LT, 0f));
  }

  private static FloatVector geluTanh(FloatVector y) {
    FloatVector factor = y.mul(y).fma(of(PlainActivations.GELU_3), of(PlainActivations.GELU_1));
    return y.mul(sigmoid(y.mul(factor)));
  }

  private static FloatVector log1p(FloatVector u) {
    FloatVector t = u.div(u.add(2f));
    FloatVector z = t.mul(t);
    FloatVector p = of(PlainActivations.L9).fma(z, of(PlainActivations.L7));
    p = p.fma(z, of(PlainActivations.L5));
    p = p.fma(z, of(PlainActivations.L3));
    return t.mul(z).fma(p, t.add(t));
  }

  private static FloatVector exp(FloatVector x) {
    FloatVector bounded = atLeast(x);
    FloatVector n = rounded(bounded);
    FloatVector e = scale(n).fma(fraction(bounded, n), scale(n));
    return e.blend(0f, x.compare(LT, PlainActivations.MIN));
  }

  private static FloatVector expm1(FloatVector x) {
    FloatVector bounded = atLeast(x);
    FloatVector n = rounded(bounded);
    return scale(n).fma(fraction(bounded, n), scale(n).sub(1f));
  }

  private static FloatVector atLeast(FloatVector x) {
    return x.blend(PlainActivations.MIN, x.compare(LT, PlainActivations.MIN));
  }

  private static FloatVector rounded(FloatVector x) {
    return x.fma(of(PlainActivations.LOG2_E), of(PlainActivations.ROUND));
  }

  private static FloatVector scale(FloatVector n) {
    return n.reinterpretAsInts()
        .lanewise(LSHL, PlainActivations.EXPONENT)
        .add(PlainActivations.ONE_BITS)
        .reinterpretAsFloats();
  }

  private static FloatVector fraction(FloatVector x, FloatVector rounded) {
    FloatVector n = rounded.sub(PlainActivations.ROUND);
    FloatVector r = n.fma(of(-PlainActivations.LN2_LOW), n.fma(of(-PlainActivations.LN2_HIGH), x));
    FloatVector p = of(PlainActivations.E6).fma(r, of(PlainActivations.E5));
    p = p.fma(r, of(PlainActivations.E4));
    p = p.fma(r, of(PlainActivations.E3));
    p = p.fma(r, of(PlainActivations.E2));
    return r.mul(r).fma(p, r);
  }
}
