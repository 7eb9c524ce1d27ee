package org.pointwise.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.errors.InvalidInputException;

class LocalByteStoreTest {
  @TempDir Path folder;

  private ByteStore store;
  private final Bytes bytes = new Bytes();

  @BeforeEach
  void open() {
    store = ByteStores.LOCAL.open(folder.resolve("store").toString());
  }

  @Test
  void storedBytesAreRead() throws Exception {
    store.put("a/b", new byte[] {1, 2, 3, 4, 5});
    store.put("a/b", new byte[] {9, 1, 2, 3, 9}, 1, 3);
    assertThat(store.get("a/b")).containsExactly(1, 2, 3);
    assertThat(store.read("a/b", 1, 2, bytes)).isTrue();
    assertThat(bytes.toArray()).containsExactly(2, 3);
    assertThat(store.size("a/b")).isEqualTo(3);
    assertThat(store.list("a")).as("no temporary files").containsExactly("b");
    assertThatThrownBy(() -> store.read("a/b", 1, 5, bytes))
        .isInstanceOf(ByteStore.TruncatedException.class)
        .hasMessageContaining("ends at byte 3 but bytes 1 to 6 were expected");
    assertThatThrownBy(() -> store.read("a/b", bytes, 2)).isInstanceOf(IOException.class);
  }

  @Test
  void missingKeysAreNoError() throws Exception {
    Files.createDirectories(folder.resolve("store"));
    Files.writeString(folder.resolve("store/file"), "x");
    for (String key : List.of("none", "none/none", "file/none", "file/none/none")) {
      assertThat(store.get(key)).as(key).isNull();
      assertThat(store.size(key)).as(key).isEqualTo(-1);
      assertThat(store.read(key, 0, 1, bytes)).as(key).isFalse();
      assertThat(store.list(key)).as(key).isEmpty();
      store.delete(key);
    }
    assertThat(store.size("")).isEqualTo(-1);
  }

  @Test
  void keysOutsideStoreAreRefused() throws Exception {
    Files.writeString(folder.resolve("secret"), "x");
    for (String key : List.of("../secret", "a/../../secret", "/etc/passwd", "a\\..\\b", "..")) {
      assertThatThrownBy(() -> store.get(key))
          .as(key)
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("it leaves its store");
      assertThatThrownBy(() -> store.put(key, new byte[1]))
          .isInstanceOf(InvalidInputException.class);
      assertThatThrownBy(() -> store.delete(key)).isInstanceOf(InvalidInputException.class);
      assertThatThrownBy(() -> store.size(key)).isInstanceOf(InvalidInputException.class);
      assertThatThrownBy(() -> store.list(key)).isInstanceOf(InvalidInputException.class);
    }
    assertThat(folder.resolve("secret")).hasContent("x");
  }

  @Test
  void putBelowFileFailsAndLeavesNothing() throws Exception {
    store.put("a", new byte[] {1});
    assertThatThrownBy(() -> store.put("a/b", new byte[] {2})).isInstanceOf(IOException.class);
    assertThat(store.list("")).containsExactly("a");
  }

  @Test
  void parsesUrisAndPaths() {
    assertThat(ByteStores.isLocal("data/x.zarr")).isTrue();
    assertThat(ByteStores.isLocal("/data/2026:01/x")).isTrue();
    assertThat(ByteStores.isLocal("file:/data/x")).isTrue();
    assertThat(ByteStores.isLocal("hdfs://host/x")).isFalse();
    assertThat(ByteStores.isLocal("s3a://bucket/x")).isFalse();
    assertThat(ByteStores.absolute("file:///data/a%20b/")).isEqualTo("/data/a b");
    assertThat(ByteStores.absolute("file:///data/a.npz#b")).isEqualTo("/data/a.npz#b");
    assertThat(ByteStores.absolute("file:/data/a?b")).isEqualTo("/data/a?b");
    assertThat(ByteStores.absolute("s3a://bucket/x.zarr/")).isEqualTo("s3a://bucket/x.zarr");
    assertThat(ByteStores.parent("s3a://bucket/x.zarr")).isEqualTo("s3a://bucket");
    assertThat(ByteStores.name("/data/x.zarr")).isEqualTo("x.zarr");
  }
}
