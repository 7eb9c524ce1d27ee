package org.pointwise.differential;

import java.util.ArrayList;
import java.util.List;

/**
 * An image of a night.
 *
 * @param version of its pixels; 0 has no data
 * @param damage bits of the parts that cannot be decoded
 */
record NightImage(int name, int version, int damage) {
  NightImage withDamage(int other) {
    return new NightImage(name, version, other);
  }

  NightImage withVersion(int other) {
    return new NightImage(name, other, damage);
  }

  boolean isWhole() {
    return damage == 0;
  }

  /** Returns whether digests distinguish it from other images. */
  boolean isRecognisable() {
    return damage == 0 && version > 0;
  }

  boolean hasPixelsOf(NightImage other) {
    return name == other.name && version == other.version;
  }

  /**
   * Returns what may be stored of it where it is computed again from another state of its input.
   */
  List<NightImage> orRecomputed(NightImage again) {
    List<NightImage> all = new ArrayList<>(List.of(this));
    if (!isWhole()) { // what is stored whole stays
      for (int damage : new int[] {again.damage, damage & again.damage, damage | again.damage}) {
        if (!all.contains(again.withDamage(damage))) {
          all.add(again.withDamage(damage));
        }
      }
    }
    return all;
  }

  @Override
  public String toString() {
    return name + (version == 1 ? "" : "v" + version) + (damage == 0 ? "" : "d" + damage);
  }
}
