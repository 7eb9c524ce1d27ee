package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.pointwise.store.JsonText;

/** What plans, refusals and evaluations state after {@code --append-new}. */
class NewImagesPlanTest extends NightsFixture {
  private Cli plan(String input, String... more) {
    String[] args = {
      "reduce", input, output.toString(), "--weights", folder + "/w.safetensors", "--append-new"
    };
    return Cli.run(EvaluateFixture.concat(args, EvaluateFixture.concat(more, "--runner", "local")));
  }

  @Test
  void thePlanStatesTheImagesOfTheInputAndOfTheOutput() throws Exception {
    json(append(zarr("first.zarr", 5)));
    Cli planned = plan(zarr("second.zarr", 3), "--dry-run");
    assertThat(planned.code()).as(planned.err()).isZero();
    assertThat(planned.out())
        .contains("n=3 y=16 x=16 c=12 float32, 36.9 kB")
        .contains("zarr3, n=8 y=16 x=16 c=4 float32")
        .contains("grows by 3 images, from 5 to 8");
  }

  @Test
  void evaluateStatesWhichImagesOfTheOutputItMeasures() throws Exception {
    json(append(zarr("first.zarr", 5)));
    String second = zarr("second.zarr", 3);
    json(append(second));
    String[] args = {"evaluate", second, "--output", output + "", "--split", "all"};
    String[] quiet = {"--runner", "local", "--quiet", "--overwrite"};
    assertThat(Cli.run(EvaluateFixture.concat(args, quiet)).out())
        .contains("Images    5:8 of the 8 of the output, by the last append of this input; others");
    JsonNode data =
        json(Cli.run(EvaluateFixture.concat(args, "--overwrite", "--json"))).path("data");
    assertThat(data.path("outputImages").asText()).isEqualTo("5:8");
    assertThat(data.path("outputImagesInAll").asInt()).isEqualTo(8);
    assertThat(data.path("otherImages").asText()).contains("sources.json");
    assertThat(Files.readString(Path.of(output + ".report.html"))).contains("5:8 of the 8");
    Cli planned = Cli.run(EvaluateFixture.concat(args, "--overwrite", "--dry-run"));
    assertThat(planned.out()).contains("Images    5:8 of the 8");
  }

  @Test
  void foldersOfFilesAreRefusedFromTheFirstAppendOn() throws Exception {
    String input = zarr("first.zarr", 2);
    String refusal =
        "Cannot append new images to %s: it is a folder of files; reduce the new images into a folder of their own"
            .formatted(output);
    Cli first = plan(input, "--format", "npy");
    assertThat(first.code()).isEqualTo(3);
    assertThat(first.errorLine()).isEqualTo(refusal);
    assertThat(output).doesNotExist();
    String[] alone = {"--weights", folder + "/w.safetensors", "--format", "npy", "--quiet"};
    Cli made = Cli.run(EvaluateFixture.concat(new String[] {"reduce", input, output + ""}, alone));
    assertThat(made.code()).as(made.err()).isZero();
    assertThat(plan(input, "--format", "npy").errorLine()).isEqualTo(refusal);
  }

  /** Writes an input with a coordinate along n. */
  private String timed(String name, int... times) throws Exception {
    Path group = folder.resolve(name);
    images(times.length).zarr(group.toString(), 3, "n,y,x,c", CHUNK, CHUNK);
    Path data = group.resolve("data/zarr.json");
    ObjectNode array = JsonText.parse(Files.readAllBytes(data), "array");
    List.of("time", "y", "x", "c").forEach(array.putArray("dimension_names")::add);
    Files.write(data, JsonText.bytes(array));
    String text =
        """
        {"zarr_format": 3, "node_type": "array", "shape": [%1$d], "data_type": "int32",
         "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [%1$d]}},
         "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
         "fill_value": 0, "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
         "attributes": {"units": "days since 2026-01-01"}, "dimension_names": ["time"]}
        """;
    Files.createDirectories(group.resolve("time/c"));
    Files.writeString(group.resolve("time/zarr.json"), text.formatted(times.length));
    ByteBuffer values = ByteBuffer.allocate(4 * times.length).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.stream(times).forEach(values::putInt);
    Files.write(group.resolve("time/c/0"), values.array());
    return data.getParent().toString();
  }

  @Test
  void repeatedTimesAreNamed() throws Exception {
    Cli first = append(timed("first.zarr", 3, 4));
    assertThat(first.err()).doesNotContain("Warning");
    Cli second = append(timed("second.zarr", 5, 4));
    assertThat(second.code()).as(second.err()).isZero();
    assertThat(second.err())
        .contains("1 image of", "second.zarr/data, such as 1, has a time that", "other pixels");
    assertThat(append(timed("third.zarr", 6, 7)).err()).doesNotContain("Warning");
  }

  /** The input of a damaged label may be gone. */
  @Test
  void damagedLabelIsNotAppendedTo() throws Exception {
    json(append(timed("first.zarr", 3, 4)));
    Path label;
    try (Stream<Path> files = Files.walk(output.resolve("time"))) {
      label =
          files
              .filter(file -> !file.endsWith("zarr.json"))
              .filter(Files::isRegularFile)
              .findFirst()
              .orElseThrow();
    }
    byte[] whole = Files.readAllBytes(label);
    byte[] other = whole.clone();
    other[0] ^= 1;
    Files.write(label, other);
    Cli refused = append(timed("second.zarr", 5, 6));
    assertThat(refused.code()).isEqualTo(3);
    assertThat(refused.errorLine()).contains("time/", "is not as it was stored", "from a copy");
    Files.write(label, whole);
    json(append(folder + "/second.zarr/data"));
  }
}
