package org.pointwise.conv;

import java.util.ArrayList;
import java.util.List;

/**
 * The weights of all heads in the order the microkernels read them. Immutable.
 *
 * <p>Wide heads are laid side by side and cut into panels of two vectors of output channels; within
 * a slice of input channels, {@code panels[slice][panel][k][column]}. A last column group of at
 * most one vector makes a half panel. Narrow heads keep their rows, zero-padded to whole {@link
 * #DOT_LANES}.
 */
final class PackedHeads {
  /** At most this many outputs are computed as dot products over lanes. */
  static final int NARROW = 4;

  /** Partial sums of a dot product: the same on every machine, whatever its vectors. */
  static final int DOT_LANES = 16;

  /** Input channels taken at a time; a multiple of {@link #DOT_LANES}. */
  static final int SLICE = 256;

  /** One head's place: its first column among the wide ones, or its rows among the narrow ones. */
  record Place(PointwiseLayer layer, int firstColumn, boolean narrow) {}

  private final int inChannels;
  private final int lanes;
  private final List<Place> places = new ArrayList<>();
  private final int wideColumns;
  private final int narrowRows;
  private final float[] panels;
  private final float[] rows; // [narrowRows][paddedIn]

  PackedHeads(List<PointwiseLayer> heads, int lanes) {
    this.inChannels = heads.get(0).inChannels();
    this.lanes = lanes;
    int wide = 0;
    int narrow = 0;
    for (PointwiseLayer head : heads) {
      if (head.inChannels() != inChannels) {
        throw new IllegalArgumentException("Heads must read the same channels");
      }
      boolean isNarrow = head.outChannels() <= NARROW;
      places.add(new Place(head, isNarrow ? narrow : wide, isNarrow));
      if (isNarrow) {
        narrow += head.outChannels();
      } else {
        wide += head.outChannels();
      }
    }
    this.wideColumns = wide;
    this.narrowRows = narrow;
    this.panels = new float[Math.multiplyExact(inChannels, paddedColumns())];
    this.rows = new float[Math.multiplyExact(narrow, paddedIn())];
    for (Place place : places) {
      pack(place);
    }
  }

  private void pack(Place place) {
    PointwiseLayer layer = place.layer();
    for (int o = 0; o < layer.outChannels(); o++) {
      int column = place.firstColumn() + o;
      for (int k = 0; k < inChannels; k++) {
        if (place.narrow()) {
          rows[column * paddedIn() + k] = layer.weight(o, k);
        } else {
          int panel = column / (2 * lanes);
          int first = panel * 2 * lanes;
          int width = Math.min(2 * lanes, paddedColumns() - first);
          int slice = k / SLICE * SLICE;
          int depth = Math.min(SLICE, inChannels - slice);
          panels[slice * paddedColumns() + first * depth + (k - slice) * width + column - first] =
              layer.weight(o, k);
        }
      }
    }
  }

  List<Place> places() {
    return places;
  }

  int inChannels() {
    return inChannels;
  }

  /** Columns of all wide heads, rounded up to whole vectors: the row length of their sums. */
  int paddedColumns() {
    return (wideColumns + lanes - 1) / lanes * lanes;
  }

  int narrowRows() {
    return narrowRows;
  }

  int paddedIn() {
    return paddedIn(inChannels);
  }

  static int paddedIn(int channels) {
    return (channels + DOT_LANES - 1) / DOT_LANES * DOT_LANES;
  }

  float[] panels() {
    return panels;
  }

  /** Where the panel that begins at {@code column} lies for the slice that begins at {@code k}. */
  int panelAt(int k, int depth, int column) {
    return k * paddedColumns() + column * depth;
  }

  float[] rows() {
    return rows;
  }
}
