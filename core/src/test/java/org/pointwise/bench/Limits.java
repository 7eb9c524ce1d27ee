package org.pointwise.bench;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Measures the upper limits of one core of this machine. */
final class Limits {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  private float sink;

  /** Performs {@code flops} / 2 multiply-adds, all in registers. */
  void multiplyAdd(long flops) {
    FloatVector x = FloatVector.broadcast(SPECIES, 0.999f);
    FloatVector y = FloatVector.broadcast(SPECIES, 1e-3f);
    FloatVector a = x;
    FloatVector b = y;
    FloatVector c = x;
    FloatVector d = y;
    FloatVector e = x;
    FloatVector f = y;
    FloatVector g = x;
    FloatVector h = y;
    FloatVector i = x;
    FloatVector j = y;
    FloatVector k = x;
    FloatVector l = y;
    int rounds = (int) (flops / (12L * 2 * LANES));
    for (int r = 0; r < rounds; r++) {
      a = a.fma(x, y);
      b = b.fma(x, y);
      c = c.fma(x, y);
      d = d.fma(x, y);
      e = e.fma(x, y);
      f = f.fma(x, y);
      g = g.fma(x, y);
      h = h.fma(x, y);
      i = i.fma(x, y);
      j = j.fma(x, y);
      k = k.fma(x, y);
      l = l.fma(x, y);
    }
    FloatVector sum =
        a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j).add(k).add(l);
    sink += sum.lane(0);
  }

  /** Reads every float of {@code x} once. */
  void read(float[] x) {
    FloatVector a = FloatVector.zero(SPECIES);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    for (int i = 0; i < x.length; i += 4 * LANES) {
      a = a.add(FloatVector.fromArray(SPECIES, x, i));
      b = b.add(FloatVector.fromArray(SPECIES, x, i + LANES));
      c = c.add(FloatVector.fromArray(SPECIES, x, i + 2 * LANES));
      d = d.add(FloatVector.fromArray(SPECIES, x, i + 3 * LANES));
    }
    sink += a.add(b).add(c.add(d)).lane(0);
  }

  @Override
  public String toString() {
    return "sink " + sink;
  }
}
