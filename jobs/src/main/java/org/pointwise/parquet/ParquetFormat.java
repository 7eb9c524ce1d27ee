package org.pointwise.parquet;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureFormat;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Location;
import org.pointwise.format.ReadOptions;
import org.pointwise.format.Storage;
import org.pointwise.store.ByteStores;

/**
 * Reads a column of vectors of a table: {@code TABLE.parquet#COLUMN}. The table is a Parquet file
 * or a folder of them, also in folders of partitions; {@code FOLDER/*.parquet} names a folder whose
 * name has another ending.
 */
public final class ParquetFormat implements FeatureFormat {
  static final String NAME = "parquet";
  private static final String ENDING = ".parquet";
  static final List<String> ENDINGS = List.of(ENDING, ".geoparquet", ".gpq");

  /** The name that stands for all files of a folder. */
  static final String ALL_FILES = "*" + ENDING;

  /**
   * Returns the path or URI of a column.
   *
   * @param table the path or URI of a file or a folder
   */
  public static String uri(String table, String column) {
    String whole = table.endsWith("/") ? table.substring(0, table.length() - 1) : table;
    return (isTable(whole) ? whole : whole + "/" + ALL_FILES) + "#" + column;
  }

  /** Returns whether a name is that of a file or a folder of Parquet. */
  static boolean isTable(String name) {
    return ENDINGS.stream().anyMatch(name::endsWith);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String inputs() {
    return "a Parquet file or a folder of them (table.parquet#column)";
  }

  @Override
  public boolean recognisesName(String name) {
    return isTable(name);
  }

  @Override
  public boolean hasNulls() {
    return true;
  }

  @Override
  public boolean hasMembers(String name) {
    return isTable(name);
  }

  @Override
  public @Nullable Storage recognises(Location location) throws IOException {
    if (location.name().equals(ALL_FILES)) {
      return Storage.IMAGES;
    }
    if (isTable(location.name()) && location.isFile()) {
      return Storage.FILE;
    }
    boolean isFolder =
        isTable(location.name()) ? !location.list().isEmpty() : TableFolder.isTable(location);
    return isFolder ? Storage.IMAGES : null;
  }

  @Override
  public FeatureSource open(Location location, ReadOptions options) throws IOException {
    return recognises(location) == Storage.IMAGES
        ? ParquetSource.openFolder(location, options)
        : ParquetSource.openFile(location, options);
  }

  @Override
  public FeatureSource reopen(ByteStores stores, ArrayInfo info) {
    return ParquetSource.reopen(new Location(stores, info.uri()), info);
  }
}
