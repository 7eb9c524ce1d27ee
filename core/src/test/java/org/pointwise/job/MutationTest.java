package org.pointwise.job;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.PointwiseException;
import org.pointwise.format.zarr.ZarrArray;
import org.pointwise.format.zarr.ZarrNodes;
import org.pointwise.store.ByteStores;
import org.pointwise.store.LocalByteStore;
import org.pointwise.store.npy.NpyArray;
import org.pointwise.testing.Seed;
import org.pointwise.testing.SharedData;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsWriter;

/**
 * Reads randomly altered files. The readers must return data or throw one of the project's
 * exceptions, never another one. {@code -Dtests.mutations=N} sets the number of alterations.
 */
class MutationTest {
  private static final int MUTATIONS = Integer.getInteger("tests.mutations", 3000);

  @TempDir Path folder;

  private final Random random = Seed.random("mutations");

  /** Reads a file or a store. */
  private interface Reading {
    void read() throws IOException;
  }

  private byte[] mutate(byte[] bytes) {
    byte[] changed = bytes.clone();
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes && changed.length > 0; i++) {
      int at = random.nextInt(changed.length);
      switch (random.nextInt(5)) {
        case 0 -> changed[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> changed[at] = (byte) random.nextInt(256);
        case 2 -> changed = Arrays.copyOf(changed, at);
        case 3 -> changed[at] = (byte) ('0' + random.nextInt(10));
        default -> {
          int length = Math.min(8, changed.length - at);
          Arrays.fill(changed, at, at + length, (byte) (random.nextBoolean() ? -1 : 0));
        }
      }
    }
    return changed;
  }

  private void readsOrRefuses(String label, Reading reading) {
    try {
      reading.read();
    } catch (PointwiseException | IOException e) {
      // an expected failure
    } catch (RuntimeException | Error e) {
      fail("%s, seed %d: %s".formatted(label, Seed.value(), e), e);
    }
  }

  @Test
  void alteredZarrStoresAreReadOrRefused() throws Exception {
    List<Path> stores = new ArrayList<>();
    for (String root : List.of("zarrita_js_fixtures", "zarrs_testdata", "zarr_java_testdata")) {
      try (Stream<Path> found = Files.walk(SharedData.path("formats/zarr/" + root))) {
        found
            .filter(
                path ->
                    Files.exists(path.resolve("zarr.json"))
                        || Files.exists(path.resolve(".zarray")))
            .sorted()
            .forEach(stores::add);
      }
    }
    List<List<Path>> files = new ArrayList<>();
    for (int i = 0; i < stores.size(); i++) {
      files.add(copy(stores.get(i), folder.resolve("store" + i)));
    }
    for (int i = 0; i < MUTATIONS; i++) {
      int store = random.nextInt(stores.size());
      Path target = files.get(store).get(random.nextInt(files.get(store).size()));
      byte[] bytes = Files.readAllBytes(target);
      Files.write(target, mutate(bytes));
      readsOrRefuses(
          stores.get(store) + " " + target.getFileName(),
          () -> {
            String copy = folder + "/store" + store;
            ZarrArray array = ZarrNodes.open(ByteStores.LOCAL, copy);
            if (Arrays.stream(array.shape()).reduce(1, (a, b) -> Math.max(1, a) * b) < 1 << 20) {
              array.readWhole();
            }
          });
      Files.write(target, bytes);
    }
  }

  /** Copies a store, or enough files of a large one; returns the copies. */
  private static List<Path> copy(Path from, Path to) throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.walk(from)) {
      files = found.filter(Files::isRegularFile).sorted().limit(40).toList();
    }
    List<Path> copies = new ArrayList<>();
    for (Path file : files) {
      Path target = to.resolve(from.relativize(file).toString());
      Files.createDirectories(target.getParent());
      copies.add(Files.copy(file, target));
    }
    return copies;
  }

  @Test
  void alteredNpyFilesAreReadOrRefused() throws Exception {
    List<Path> files;
    try (Stream<Path> found = Files.walk(SharedData.path("formats/npy"))) {
      files = found.filter(path -> path.toString().endsWith(".npy")).sorted().toList();
    }
    LocalByteStore store = new LocalByteStore(folder);
    for (int i = 0; i < MUTATIONS; i++) {
      Path file = files.get(random.nextInt(files.size()));
      Files.write(folder.resolve("x.npy"), mutate(Files.readAllBytes(file)));
      readsOrRefuses(file.toString(), () -> NpyArray.read(store, "x.npy"));
    }
  }

  @Test
  void alteredWeightsAreReadOrRefused() throws Exception {
    PointwiseLayer layer =
        PointwiseLayer.of(new float[] {1, 2, 3, 4, 5, 6}, new float[2], Activation.RELU6);
    for (String ending : List.of("safetensors", "onnx")) {
      String whole = folder + "/whole." + ending;
      WeightsWriter.write(ByteStores.LOCAL, whole, layer, java.util.Map.of("a", "b"));
      byte[] bytes = Files.readAllBytes(Path.of(whole));
      String changed = folder + "/changed." + ending;
      for (int i = 0; i < MUTATIONS; i++) {
        Files.write(Path.of(changed), mutate(bytes));
        readsOrRefuses(ending, () -> Weights.list(ByteStores.LOCAL, changed));
      }
    }
  }
}
