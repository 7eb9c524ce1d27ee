package org.pointwise.format.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.JsonText;
import org.pointwise.store.LocalByteStore;
import org.pointwise.store.npy.NpyArray;
import org.pointwise.testing.SharedData;

/** Reads every .npy file that other software wrote, or checks that it is refused by name. */
class NpyFormatsTest {
  private static final List<String> UNSUPPORTED =
      List.of(
          "structured types",
          "pickled objects",
          "its type '|b1'",
          "its type '<c8'",
          "its type '<U",
          "its type '|S");

  @Test
  void everyFileIsReadOrRefusedByName() throws Exception {
    Path folder = SharedData.path("formats/npy");
    List<Path> files;
    try (Stream<Path> found = Files.walk(folder)) {
      files = found.filter(path -> path.toString().endsWith(".npy")).sorted().toList();
    }
    List<String> table = new ArrayList<>();
    int read = 0;
    for (Path file : files) {
      String outcome;
      try {
        NpyArray array = read(file);
        outcome = "read " + Arrays.toString(array.shape());
        read++;
      } catch (InvalidInputException e) {
        assertThat(UNSUPPORTED)
            .as("%s: %s", file, e.getMessage())
            .anyMatch(reason -> e.getMessage().contains(reason));
        outcome = "refused: " + e.getMessage().replaceAll(".*npy: ", "");
      }
      table.add("%-60s %s".formatted(folder.relativize(file), outcome));
    }
    System.out.println(String.join("\n", table));
    System.out.printf("%d files, %d read, the rest refused by name%n", files.size(), read);
    assertThat(read).isGreaterThan(170);
  }

  @Test
  void matchesValuesOfNumPy() throws Exception {
    for (String version : List.of("numpy_1.24.2_generated", "numpy_2.4.6_generated")) {
      Path folder = SharedData.path("formats/npy/" + version);
      JsonNode expected =
          JsonText.parse(Files.readAllBytes(folder.resolve("expected.json")), "expected.json")
              .path("arrays");
      int compared = 0;
      for (Map.Entry<String, JsonNode> entry : expected.properties()) {
        String type = entry.getValue().path("descr").asText();
        if (type.equals("|b1") || type.equals("<c8")) {
          continue;
        }
        NpyArray array = read(folder.resolve(entry.getKey() + ".npy"));
        JsonNode first = entry.getValue().path("first");
        for (int i = 0; i < first.size(); i++) {
          double value = first.get(i).asDouble();
          if (Double.isNaN(value)) {
            assertThat(array.values()[i]).isNaN();
          } else {
            assertThat(array.values()[i])
                .as("%s %s", version, entry.getKey())
                .isCloseTo((float) value, within(0f));
          }
        }
        compared++;
      }
      assertThat(compared).isGreaterThan(48);
    }
  }

  @Test
  void memoryAndByteOrderDoNotChangeValues() throws Exception {
    Path folder = SharedData.path("formats/npy/numpy_2.4.6_generated");
    for (String type : List.of("f2", "f4", "f8")) {
      float[] first = null;
      for (String order : List.of("le", "be")) {
        for (String layout : List.of("C", "F")) {
          for (int version = 1; version <= 3; version++) {
            String name =
                String.format(Locale.ROOT, "%s_%s_%s_v%d.npy", order, type, layout, version);
            float[] values = read(folder.resolve(name)).values();
            first = first == null ? values : first;
            assertThat(values).as(name).isEqualTo(first);
          }
        }
      }
    }
  }

  private static NpyArray read(Path file) throws Exception {
    return NpyArray.read(new LocalByteStore(file.getParent()), String.valueOf(file.getFileName()));
  }
}
