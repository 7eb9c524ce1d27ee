package org.pointwise.differential;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The kinds of differential tests. */
enum Kind {
  /** A reduction that is verified, damaged and repaired. */
  REDUCE(new ReduceTrial()) {
    @Override
    Case testCase(long number) {
      return Cases.testCase(number);
    }
  },
  /** A reduction that is stopped and continued. */
  STOP(new StopTrial()) {
    @Override
    Case testCase(long number) {
      List<String> shards = List.of("small", "bare", "default");
      return Cases.withForced(number, Map.of("shard", any(shards, number)));
    }
  },
  /** A reduction of which one head is reconstructed. */
  RECONSTRUCT(new ReconstructTrial()) {
    @Override
    Case testCase(long number) {
      return Cases.testCase(number);
    }
  },
  /** An output that grows with its input. */
  APPEND(new AppendTrial()) {
    @Override
    Case testCase(long number) {
      List<String> layouts = List.of("zarr3", "zarr2", "npy-folder", "npy-mixed");
      String mask = any(List.of("none", "none", "shared"), number + 1);
      return Cases.withForced(
          number,
          Map.of("layout", any(layouts, number), "axes", "all", "images", "all", "mask", mask));
    }
  },
  /** An output that grows by the images of further inputs. */
  APPEND_NEW(new AppendNewTrial()) {
    @Override
    Case testCase(long number) {
      List<String> layouts = List.of("zarr3", "zarr2", "npy-folder");
      Map<String, String> values = new HashMap<>();
      values.put("layout", any(layouts, number));
      values.put("axes", "all");
      values.put("images", "all");
      values.put("mask", any(List.of("none", "none", "shared"), number + 1));
      values.put("missing-chunks", "default"); // their meaning depends on the chunks
      values.put("format", any(List.of("zarr3", "zarr2"), number + 2));
      return Cases.withForced(number, values);
    }
  },
  /** An output of several nights: inputs that are damaged, restored or changed, and killed runs. */
  NIGHTS(new NightsTrial()) {
    @Override
    Case testCase(long number) {
      return NightsCase.draw(number);
    }
  };

  private final Trial trial;

  Kind(Trial trial) {
    this.trial = trial;
  }

  Trial trial() {
    return trial;
  }

  /** Returns the case of that number. */
  abstract Case testCase(long number);

  private static String any(List<String> values, long number) {
    return values.get(new Random(number).nextInt(values.size()));
  }

  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
