package org.pointwise.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.Location;
import org.pointwise.format.Storage;
import org.pointwise.store.ByteStores;

/** Tests which files of a folder are those of a table. */
class TableFolderTest {
  @TempDir Path folder;

  private void create(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.createFile(file);
  }

  private List<String> files() throws IOException {
    return TableFolder.files(ByteStores.LOCAL, ByteStores.LOCAL.open(folder.toString()));
  }

  private void requireRefused(String message) {
    assertThatThrownBy(this::files)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message);
  }

  /** Spark reads partitions whose names begin with a line, and hides other such names. */
  @Test
  void hiddenNamesAreThoseOfSpark() throws Exception {
    for (String name : List.of("_SUCCESS", "_c.parquet", ".a.parquet.crc", "_t/0/c.parquet")) {
      create(name);
    }
    create("_year=1/m=2/b.parquet");
    create("year=1/a.geoparquet");
    create("year=1/_t/c.parquet");
    Files.createDirectories(folder.resolve("year=2"));
    assertThat(files()).containsExactly("_year=1/m=2/b.parquet", "year=1/a.geoparquet");
    assertThat(new ParquetFormat().recognises(new Location(ByteStores.LOCAL, folder.toString())))
        .isEqualTo(Storage.IMAGES);
  }

  @ParameterizedTest
  @ValueSource(strings = {"b.PARQUET", "c.parq", "data", "README.md", "year=1/a.orc"})
  void otherFilesAreRefused(String name) throws Exception {
    create("a.parquet");
    create(name);
    requireRefused(
        "Cannot read %s as a part of its folder: its name does not end with .parquet, .geoparquet, .gpq; rename it"
            .formatted(folder.resolve(name)));
  }

  /** Such as the heads of an output, whose rows are the same. */
  @Test
  void otherFoldersAreRefused() throws Exception {
    create("a/p.parquet");
    create("b/p.parquet");
    requireRefused(
        "Cannot read %s/a as a part of %s: it is neither a file nor a partition"
            .formatted(folder, folder));
  }

  @Test
  void linkWithoutTargetIsRefused() throws Exception {
    create("a.parquet");
    Files.createSymbolicLink(folder.resolve("b.parquet"), folder.resolve("gone"));
    requireRefused("Cannot read %s/b.parquet as a part".formatted(folder));
  }

  @Test
  void linkToFolderAroundIsRefused() throws Exception {
    create("year=1/a.parquet");
    Files.createSymbolicLink(folder.resolve("year=1/m=1"), folder);
    requireRefused(
        "Cannot read %s/year=1/m=1: it is a link to a folder around it".formatted(folder));
  }

  @ParameterizedTest
  @ValueSource(strings = {"_delta_log", ".hoodie"})
  void tableWithLogIsRefused(String log) throws Exception {
    create("a.parquet");
    create(log + "/0.json");
    requireRefused("its log %s determines which files belong to the table; read it".formatted(log));
  }
}
