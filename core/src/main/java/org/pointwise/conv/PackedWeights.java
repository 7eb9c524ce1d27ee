package org.pointwise.conv;

import static org.pointwise.tensor.ElementAccess.putFloat32;

import java.util.ArrayList;
import java.util.List;

/**
 * The position of each head's outputs among those of all heads, and the weights in the forms that
 * the microkernels read: little-endian float32. Immutable.
 */
final class PackedWeights {
  /**
   * The largest number of outputs of a narrow head, which is computed as dot products. Other heads
   * are wide.
   */
  static final int NARROW = 8;

  /**
   * Partial sums of a dot product: the same number on every machine, independent of the vector
   * length.
   */
  static final int DOT_LANES = 16;

  /** Input channels processed at a time; a multiple of {@link #DOT_LANES}. */
  static final int SLICE = 256;

  /**
   * A head, and the index of its first output among the outputs of all narrow or all wide heads.
   */
  record Place(PointwiseLayer layer, int first, boolean narrow) {}

  private final int inChannels;
  private final List<Place> places = new ArrayList<>();
  private final int wide;
  private final int narrow;

  PackedWeights(List<PointwiseLayer> heads) {
    this.inChannels = heads.get(0).inChannels();
    int wideOutputs = 0;
    int narrowOutputs = 0;
    for (PointwiseLayer head : heads) {
      if (head.inChannels() != inChannels) {
        throw new IllegalArgumentException("Heads must read the same channels");
      }
      boolean isNarrow = head.outChannels() <= NARROW;
      places.add(new Place(head, isNarrow ? narrowOutputs : wideOutputs, isNarrow));
      if (isNarrow) {
        narrowOutputs += head.outChannels();
      } else {
        wideOutputs += head.outChannels();
      }
    }
    this.wide = wideOutputs;
    this.narrow = narrowOutputs;
  }

  List<Place> places() {
    return places;
  }

  int inChannels() {
    return inChannels;
  }

  /** Returns the number of outputs of all wide heads. */
  int wide() {
    return wide;
  }

  /** Returns the number of outputs of all narrow heads. */
  int narrow() {
    return narrow;
  }

  static int roundUp(int count, int multiple) {
    return (count + multiple - 1) / multiple * multiple;
  }

  /**
   * Returns the weights of wide heads side by side, cut into panels of {@code 2·lanes} outputs:
   * {@code [slice][panel][k][output]}. The last panel may have {@code lanes} outputs.
   */
  float[] panels(int lanes) {
    int columns = roundUp(wide, lanes);
    float[] panels = new float[Math.multiplyExact(inChannels, columns)];
    for (Place place : places) {
      for (int o = 0; o < place.layer().outChannels() && !place.narrow(); o++) {
        int column = place.first() + o;
        int first = column / (2 * lanes) * 2 * lanes;
        int width = Math.min(2 * lanes, columns - first);
        for (int k = 0; k < inChannels; k++) {
          int slice = k / SLICE * SLICE;
          int depth = Math.min(SLICE, inChannels - slice);
          panels[slice * columns + first * depth + (k - slice) * width + column - first] =
              place.layer().weight(o, k);
        }
      }
    }
    return panels;
  }

  /**
   * Returns the weights of wide heads one below another, one line per output: {@code
   * [slice][line][k]}.
   *
   * @param lines the number of outputs, rounded up
   */
  byte[] lines(int lines) {
    byte[] packed = new byte[bytes(roundUp(inChannels, SLICE) / SLICE * Microkernel.LINE, lines)];
    for (Place place : places) {
      for (int o = 0; o < place.layer().outChannels() && !place.narrow(); o++) {
        for (int k = 0; k < inChannels; k++) {
          int line = k / SLICE * lines + place.first() + o;
          int at = line * Microkernel.LINE_BYTES + k % SLICE * Float.BYTES;
          putFloat32(packed, at, place.layer().weight(o, k));
        }
      }
    }
    return packed;
  }

  /**
   * Returns the weights of narrow heads one below another, one row per output, zero-padded to a
   * multiple of {@link #DOT_LANES}.
   */
  byte[] rows() {
    int rowBytes = rowBytes();
    byte[] rows = new byte[bytes(roundUp(inChannels, DOT_LANES), narrow)];
    for (Place place : places) {
      for (int o = 0; o < place.layer().outChannels() && place.narrow(); o++) {
        for (int k = 0; k < inChannels; k++) {
          int at = (place.first() + o) * rowBytes + k * Float.BYTES;
          putFloat32(rows, at, place.layer().weight(o, k));
        }
      }
    }
    return rows;
  }

  int rowBytes() {
    return roundUp(inChannels, DOT_LANES) * Float.BYTES;
  }

  private static int bytes(int a, int b) {
    return Math.multiplyExact(Math.multiplyExact(a, b), Float.BYTES);
  }
}
