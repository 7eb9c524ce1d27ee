package org.pointwise.parquet;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.pointwise.store.ByteStore;

/** The files of a table, also in folders of partitions. */
final class TableFolder {
  private TableFolder() {}

  /** Returns whether an entry of a table's folder is one of its files, unless it is a folder. */
  static boolean isPart(String name) {
    return ParquetFormat.isTable(name) && !isHidden(name);
  }

  private static boolean isHidden(String name) {
    return name.startsWith(".") || name.startsWith("_");
  }

  /** Returns the paths of all files below a folder, sorted. */
  static List<String> files(ByteStore store) throws IOException {
    List<String> found = new ArrayList<>();
    collect(store, "", found);
    Collections.sort(found);
    return found;
  }

  private static void collect(ByteStore store, String folder, List<String> found)
      throws IOException {
    Set<String> objects = store.statuses(folder).keySet();
    for (String name : store.list(folder)) {
      String key = ByteStore.join(folder, name);
      if (!objects.contains(name) && !isHidden(name)) {
        collect(store, key, found);
      } else if (isPart(name)) {
        found.add(key);
      }
    }
  }
}
