package org.pointwise.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.jobs.differential.FailingStores;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;

/** What becomes of an output that is there: replaced, continued with another input, or mended. */
class ExistingOutputTest {
  private static final Extent CHUNK = new Extent(1, 8, 8);

  @TempDir Path folder;

  private final Arrays4 array =
      Arrays4.random(Seed.random("existing"), new FeatureShape(4, 16, 16, 8));
  private String input;
  private Path output;

  @BeforeEach
  void write() throws Exception {
    output = folder.resolve("out");
    input = array.zarr(folder + "/in.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    for (String name : List.of("a", "b")) {
      float[] weights = new float[16];
      weights[0] = name.equals("a") ? 1 : 2;
      weights[9] = 1;
      PointwiseLayer layer = PointwiseLayer.of(weights, new float[2], Activation.NONE);
      WeightsWriter.write(ByteStores.LOCAL, folder + "/" + name + ".safetensors", layer, Map.of());
    }
  }

  private String[] args(String layer, Path to, String... more) {
    List<String> args = new ArrayList<>(List.of("reduce", input, to.toString(), "--weights"));
    args.addAll(List.of(folder + "/" + layer + ".safetensors", "--shard-mib", "0.002"));
    args.addAll(List.of("--runner", "local", "--quiet", "--json"));
    args.addAll(Arrays.asList(more));
    return args.toArray(String[]::new);
  }

  private JsonNode reduce(int code, String layer, Path to, String... more) {
    Cli done = Cli.run(args(layer, to, more));
    assertThat(done.code()).as(done.err()).isEqualTo(code);
    return code == 3
        ? JsonText.object().put("error", done.errorLine())
        : JsonText.parse(done.out().getBytes(StandardCharsets.UTF_8), "report");
  }

  /** What readers open: the stored numbers and their metadata. */
  private static Map<String, String> data(Path output) throws Exception {
    return Folders.hashes(output, "features");
  }

  @Test
  void anOverwriteThatIsCutShortAnywhereLosesNothing() throws Exception {
    Random random = Seed.random("cut overwrite");
    Path fresh = folder.resolve("fresh");
    int pending = 0;
    for (String format : List.of("zarr3", "npy")) {
      reduce(0, "b", fresh, "--overwrite=now", "--format", format);
      reduce(0, "a", output, "--overwrite=now", "--format", format);
      Map<String, String> old = Folders.hashes(output, "");
      for (int at = 1; ; at++) {
        FailingStores.Failure failure =
            random.nextBoolean()
                ? FailingStores.Failure.ENDS_BEFORE
                : FailingStores.Failure.ENDS_AFTER;
        String[] args = args("b", output, "--overwrite", "--format", format);
        try {
          StoppedReduction.run(List.of("features"), new FailingStores(failure, at), args);
          break;
        } catch (IncompleteRunException expected) {
          assertThat(expected.getMessage()).contains("run the same command again");
        }
        Cli verified = Cli.run("verify", output.toString(), "--deep", "--quiet");
        if (verified.code() == 0) {
          Map<String, String> now = Folders.hashes(output, "");
          assertThat(now).as("%s at %d", failure, at).isIn(old, Folders.hashes(fresh, ""));
        } else {
          pending++;
          assertThat(verified.code() == 3 || verified.out().contains("to take its place"))
              .as("%s at %d: %s", failure, at, verified)
              .isTrue();
        }
        JsonNode report = reduce(0, "b", output, "--overwrite", "--format", format);
        assertThat(report.path("output").asText()).isEqualTo(output.toString());
        assertThat(data(output)).isEqualTo(data(fresh));
        assertThat(Cli.run("verify", output.toString(), "--deep", "--quiet").code()).isZero();
        assertThat(Path.of(output + ".pointwise", "replacement")).doesNotExist();
        assertThat(Path.of(output + ".pointwise", "replaced")).doesNotExist();
        reduce(0, "a", output, "--overwrite=now", "--format", format);
      }
    }
    assertThat(pending).as("cut within the exchange").isPositive();
  }

  @Test
  void whatIsOverwrittenStaysWhereItIsALink() throws Exception {
    reduce(0, "a", folder.resolve("elsewhere"));
    Files.createSymbolicLink(output, folder.resolve("elsewhere"));
    Files.createSymbolicLink(Path.of(output + ".pointwise"), folder.resolve("elsewhere.pointwise"));
    Map<String, String> before = data(folder.resolve("elsewhere"));
    assertThat(reduce(3, "b", output, "--overwrite").path("error").asText())
        .contains("--overwrite=now");
    assertThat(data(folder.resolve("elsewhere"))).isEqualTo(before);
  }

  @Test
  void anInputThatChangedIsNamedAndRefused() throws Exception {
    reduce(0, "a", output);
    Path chunk = Path.of(input, "c/2/1/0/0");
    Files.setLastModifiedTime(chunk, FileTime.fromMillis(1));
    Files.setLastModifiedTime(Path.of(input, "c/2/0/0/0"), FileTime.fromMillis(0));
    assertThat(reduce(3, "a", output).path("error").asText())
        .contains("changed", "of its", "--overwrite", "--ignore-modification-times");
    JsonNode accepted = reduce(0, "a", output, "--ignore-modification-times");
    assertThat(accepted.path("shardsWritten").asInt()).isZero();
    JsonNode again = reduce(0, "a", output);
    assertThat(again.path("shardsWritten").asInt()).as("what was accepted is known").isZero();
  }

  @Test
  void damagedChunksBecomeNoDataAreListedAndMendedLater() throws Exception {
    Path fresh = folder.resolve("fresh");
    reduce(0, "a", fresh);
    Path chunk = Path.of(input, "c/2/1/0/0");
    byte[] whole = Files.readAllBytes(chunk);
    Files.write(chunk, Arrays.copyOf(whole, whole.length / 2));
    assertThat(reduce(3, "a", output).path("error").asText()).contains("c/2/1/0/0");
    String[] nodata = {"--on-bad-input", "nodata"};
    JsonNode report = reduce(0, "a", output, nodata);
    assertThat(report.path("badPixels").asInt()).isEqualTo(64);
    assertThat(report.path("maskedPixels").asInt()).isEqualTo(64);
    assertThat(report.path("unreadableChunks").asInt()).isEqualTo(1);
    assertThat(report.at("/unreadable/0").asText()).contains("c/2/1/0/0");
    assertThat(Cli.run("verify", output.toString(), "--deep", "--quiet").code()).isZero();
    reduce(0, "a", output, "--on-bad-input", "nodata", "--fail-above-bad", "0.1");
    Cli gated = Cli.run(args("a", output, "--on-bad-input", "nodata", "--fail-above-bad", "0.01"));
    assertThat(gated.code()).isEqualTo(5);
    assertThat(gated.err()).contains("Below the gate");
    assertThat(Cli.run(args("a", output, "--fail-above-bad", "0.01")).code()).isEqualTo(2);
    Files.write(chunk, whole);
    JsonNode mended = reduce(0, "a", output);
    assertThat(mended.path("badPixels").asInt()).isZero();
    assertThat(mended.path("shardsWritten").asInt()).isEqualTo(1);
    assertThat(data(output)).isEqualTo(data(fresh));
  }
}
