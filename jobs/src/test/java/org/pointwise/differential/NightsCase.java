package org.pointwise.differential;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Options of a case of {@link NightsTrial}. */
record NightsCase(Case drawn) {
  static Case draw(long number) {
    Random random = new Random(number * 0x9E3779B97F4A7C15L);
    Map<String, String> values = new LinkedHashMap<>();
    values.put("layout", any(random, "zarr3", "zarr3", "zarr2", "npy-folder"));
    values.put("damage", any(random, "halves", "images"));
    values.put("paths", any(random, "one", "new", "mixed"));
    values.put("coordinates", any(random, "no", "yes"));
    values.put("heads", any(random, "1", "2", "3"));
    values.put("format", any(random, "zarr3", "zarr3", "zarr2"));
    values.put("shard", any(random, "default", "0", "1KiB", "4KiB"));
    values.put("chunk", any(random, "default", "n=1", "n=2", "n=3,y=4", "n=4"));
    values.put("codec", any(random, "none", "none", "zstd"));
    values.put("runner", any(random, "local", "local", "local", "spark"));
    return new Case(number, random.nextLong() >>> 16, values);
  }

  private static String any(Random random, String... values) {
    return values[random.nextInt(values.length)];
  }

  /** Whether inputs are folders of files, whose names the output records. */
  boolean named() {
    return layout().equals("npy-folder");
  }

  String layout() {
    return drawn.value("layout");
  }

  boolean damagesHalves() {
    return !named() && drawn.value("damage").equals("halves");
  }

  boolean hasCoordinates() {
    return !named() && drawn.value("coordinates").equals("yes");
  }

  int heads() {
    return Integer.parseInt(drawn.value("heads"));
  }

  String paths() {
    return drawn.value("paths");
  }

  /** Returns all options of the command but those that name the layers. */
  List<String> arguments() {
    List<String> arguments =
        new ArrayList<>(List.of("--on-bad-input", "nodata", "--nodata", "nan", "--no-sync"));
    Collections.addAll(arguments, "--format", drawn.value("format"));
    Collections.addAll(arguments, "--compressor", drawn.value("codec"));
    if (!drawn.value("shard").equals("default")) {
      Collections.addAll(arguments, "--shard-size", drawn.value("shard"));
    }
    if (!drawn.value("chunk").equals("default")) {
      Collections.addAll(arguments, "--chunk", drawn.value("chunk"));
    }
    if (named()) {
      Collections.addAll(arguments, "--axes", "n,y,x,c");
    }
    if (drawn.value("runner").equals("spark")) {
      Collections.addAll(arguments, "--runner", "spark", "--master", Commands.MASTER);
    } else {
      Collections.addAll(arguments, "--runner", "local", "--threads", "2");
    }
    return arguments;
  }
}
