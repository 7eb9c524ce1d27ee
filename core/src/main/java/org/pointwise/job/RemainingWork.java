package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.FeatureSource;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.TileReads;
import org.pointwise.tensor.Box;

/**
 * The units of a reduction that are still to be computed. Of many units, an evenly spread sample is
 * examined, and the totals are scaled.
 *
 * @param sample ordinals of examined units that are to be computed, in ascending order
 * @param units number of units to compute
 * @param pixels pixels of these units
 * @param tiles tiles of the input that are read for them
 * @param tilePixels pixels of these tiles
 * @param inputs objects of the input that are read for them, counted once for each unit
 * @param objects boxes that become an object, or a group of objects, for each head
 * @param outputs objects to store
 */
record RemainingWork(
    List<Long> sample,
    long units,
    double pixels,
    double tiles,
    double tilePixels,
    double inputs,
    double objects,
    double outputs) {
  private static final long UNITS_EXAMINED = 256;

  /**
   * Examines the units of a plan.
   *
   * @param completed finds the units that a previous run completed; null if there was none
   */
  static RemainingWork of(
      ReducePlan plan,
      FeatureSource source,
      List<FeatureSink> sinks,
      @Nullable CompletedUnits completed)
      throws IOException {
    long first = plan.input().past() > 0 ? plan.keptUnits() : plan.firstUnit();
    long count = plan.unitCount() - first;
    long examined = Math.min(count, UNITS_EXAMINED);
    List<Long> sample = new ArrayList<>();
    long pixels = 0;
    TileReads tiles = plan.tileReads();
    long inputs = 0;
    long boxes = 0;
    long outputs = 0;
    for (long i = 0; i < examined; i++) {
      long ordinal = first + (long) ((i + 0.5) * ((double) count / examined));
      List<List<Box>> groups = plan.units().groups(ordinal);
      if (groups.stream().flatMap(List::stream).allMatch(box -> readable(box, plan) == null)) {
        continue; // stored, of another source
      }
      if (completed != null && completed.appearsComplete(ordinal, groups)) {
        continue;
      }
      sample.add(ordinal);
      Set<String> objects = new HashSet<>();
      for (List<Box> group : groups) {
        boxes += group.size();
        for (Box box : group) {
          Box part = readable(box, plan);
          if (part != null) {
            pixels += part.pixels();
          }
          objects.addAll(source.objects(box));
          outputs += sinks.stream().mapToInt(sink -> sink.keys(box).size()).sum();
        }
        tiles.add(group);
      }
      inputs += objects.size();
    }
    double scale = examined == 0 ? 0 : (double) count / examined;
    return new RemainingWork(
        sample,
        Math.round(sample.size() * scale),
        pixels * scale,
        tiles.tiles() * scale,
        tiles.tilePixels() * scale,
        inputs * scale,
        boxes * scale,
        outputs * scale);
  }

  /** Returns the part of a box with images that the plan can read; null if it has none. */
  static @Nullable Box readable(Box box, ReducePlan plan) {
    long first = Math.max(box.n0(), plan.input().past());
    return first >= box.n1()
        ? null
        : new Box(first, box.n1(), box.y0(), box.y1(), box.x0(), box.x1());
  }
}
