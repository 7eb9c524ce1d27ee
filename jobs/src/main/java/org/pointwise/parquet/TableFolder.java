package org.pointwise.parquet;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.Location;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;

/**
 * The files of a table, also in folders of partitions, such as {@code year=2024}. Names are hidden
 * as in Spark. Anything else in the folder is refused, because leaving it out would leave out rows.
 */
final class TableFolder {
  /** Logs that determine which files belong to a table. */
  private static final Set<String> LOGS = Set.of("_delta_log", ".hoodie");

  private final ByteStores stores;
  private final ByteStore store;
  private final List<String> found = new ArrayList<>();

  private TableFolder(ByteStores stores, ByteStore store) {
    this.stores = stores;
    this.store = store;
  }

  /** Returns whether a folder, or the first of its partitions, has an entry named as a file. */
  static boolean isTable(Location location) throws IOException {
    ByteStore store = location.folder();
    String folder = "";
    List<String> names = location.list();
    while (names.stream().noneMatch(name -> ParquetFormat.isTable(name) && !isHidden(name))) {
      String first = names.stream().filter(TableFolder::isPartition).findFirst().orElse("");
      if (first.isEmpty()) {
        return false;
      }
      folder = ByteStore.join(folder, first);
      names = store.list(folder);
    }
    return true;
  }

  private static boolean isHidden(String name) {
    return name.startsWith(".") || (name.startsWith("_") && !name.contains("="));
  }

  private static boolean isPartition(String name) {
    return name.contains("=") && !isHidden(name);
  }

  /**
   * Returns the paths of all files below a folder, sorted.
   *
   * @throws InvalidInputException if the folder has other entries that are not hidden
   */
  static List<String> files(ByteStores stores, ByteStore store) throws IOException {
    TableFolder folder = new TableFolder(stores, store);
    folder.collect("", List.of());
    Collections.sort(folder.found);
    return folder.found;
  }

  /**
   * @param above the canonical names of the folders around this one
   */
  private void collect(String folder, List<String> above) throws IOException {
    String uri = ByteStore.join(store.uri(), folder);
    String canonical = stores.canonical(uri);
    if (above.contains(canonical)) {
      throw new InvalidInputException(
          "Cannot read %s: it is a link to a folder around it; remove it".formatted(uri));
    }
    List<String> path = new ArrayList<>(above);
    path.add(canonical);
    Set<String> objects = store.statuses(folder).keySet();
    for (String name : store.list(folder)) {
      if (LOGS.contains(name)) {
        throw new InvalidInputException(
            "Cannot read %s as files of Parquet: its log %s determines which files belong to the table; read it with Spark and use pointwise.ml, see docs/spark.md"
                .formatted(uri, name));
      }
      String key = ByteStore.join(folder, name);
      if (objects.contains(name) && !isHidden(name)) {
        requireEnding(name, uri);
        found.add(key);
      } else if (isPartition(name)) {
        collect(key, path);
      } else if (!isHidden(name)) {
        throw new InvalidInputException(
            "Cannot read %s as a part of %s: it is neither a file nor a partition such as year=2024; name it as the input, or move it out"
                .formatted(ByteStore.join(uri, name), store.uri()));
      }
    }
  }

  private static void requireEnding(String name, String folder) {
    if (!ParquetFormat.isTable(name)) {
      throw new InvalidInputException(
          "Cannot read %s as a part of its folder: its name does not end with %s; rename it, or move it out"
              .formatted(ByteStore.join(folder, name), String.join(", ", ParquetFormat.ENDINGS)));
    }
  }
}
