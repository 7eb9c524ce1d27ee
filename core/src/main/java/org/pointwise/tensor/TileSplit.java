package org.pointwise.tensor;

/**
 * Tells the tiles that are learned from and those that are held out to evaluate on. A tile is the
 * part of a stored cell that lies in one image.
 *
 * @param heldOut tiles that are held out
 * @param taken which of the two are taken
 */
public record TileSplit(PixelSample heldOut, Part taken) {
  /** A part of all tiles. */
  public enum Part {
    ALL,
    LEARNED_FROM,
    HELD_OUT
  }

  /** Nothing is held out. */
  public static final TileSplit ALL = new TileSplit(new PixelSample(0, 0), Part.ALL);

  /** The same tiles, another part of them; all of them where none is held out. */
  public TileSplit taking(Part part) {
    return heldOut.fraction() == 0 ? ALL : new TileSplit(heldOut, part);
  }

  /** Whether a tile is taken. */
  public boolean takes(Box tile) {
    return switch (taken) {
      case ALL -> true;
      case LEARNED_FROM -> !heldOut.contains(tile);
      case HELD_OUT -> heldOut.contains(tile);
    };
  }
}
