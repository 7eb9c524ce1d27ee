package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.spark.HeldSpark;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;
import picocli.CommandLine.Model.OptionSpec;

/** Commands in a running Spark, as another language calls them. */
class SessionCommandTest {
  @TempDir Path folder;

  private String input;
  private String weights;

  @BeforeEach
  void make() throws Exception {
    Arrays4 array = Arrays4.random(Seed.random("session"), new FeatureShape(6, 32, 32, 8));
    Extent chunk = new Extent(1, 8, 8);
    input = array.zarr(folder + "/in.zarr", 3, "n,y,x,c", chunk, chunk);
    weights = folder + "/@w.safetensors"; // is no file of arguments
    WeightsWriter.write(
        ByteStores.LOCAL,
        weights,
        PointwiseLayer.of(new float[16], new float[2], Activation.NONE),
        Map.of());
  }

  private List<String> options(String... more) {
    return Stream.concat(Stream.of("--weights=" + weights, "--shard-size=0"), Stream.of(more))
        .toList();
  }

  private static JsonNode report(SessionCommand command) {
    return JsonText.parse(command.report().getBytes(StandardCharsets.UTF_8), "report");
  }

  @Test
  void storesWhatCommandLineStoresAndReportsIt() throws Exception {
    try (HeldSpark spark = new HeldSpark("local[2]")) {
      Cli expected =
          Cli.run(
              "reduce", input, folder + "/a", "--weights", weights, "--shard-size", "0", "--quiet");
      assertThat(expected.code()).as(expected.err()).isZero();
      SessionCommand reduce = new SessionCommand("reduce");
      assertThat(reduce.run(options(), List.of(input, folder + "/b"))).isZero();
      assertThat(reduce.messages()).isEmpty();
      assertThat(report(reduce))
          .isEqualTo(
              JsonText.parse(
                  Files.readAllBytes(folder.resolve("b.pointwise/report.json")), "stored"));
      assertThat(Folders.hashes(folder.resolve("b"), "/c/"))
          .isEqualTo(Folders.hashes(folder.resolve("a"), "/c/"));
      SessionCommand verify = new SessionCommand("verify");
      assertThat(verify.run(List.of("--deep"), List.of(folder + "/b"))).isZero();
      assertThat(report(verify).path("status").asText()).isEqualTo("whole");
    }
  }

  @Test
  void failuresAreExitCodesAndOneLine() {
    try (HeldSpark spark = new HeldSpark("local[2]")) {
      List<String> files = List.of(input, folder + "/out");
      SessionCommand wrong = new SessionCommand("reduce");
      assertThat(wrong.run(options("--dtype=float33"), files)).isEqualTo(2);
      assertThat(wrong.messages()).singleElement().asString().contains("'float33' is not one of");
      SessionCommand missing = new SessionCommand("inspect");
      assertThat(missing.run(List.of(), List.of("-none"))).isEqualTo(3);
      assertThat(missing.messages()).singleElement().asString().contains("-none");
      assertThat(missing.report()).isEmpty();
      SessionCommand fit = new SessionCommand("fit");
      List<String> gate = List.of("--channels=1", "--fail-below-variance=0.99");
      assertThat(fit.run(gate, List.of(input, folder + "/pca.safetensors")))
          .isEqualTo(Main.BELOW_GATE);
      assertThat(fit.messages()).singleElement().asString().startsWith("Below the gate: ");
      assertThat(report(fit).isObject()).isTrue();
    }
    assertThatThrownBy(() -> new SessionCommand("inspect").run(List.of(), List.of(input)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("is stopped");
    assertThatThrownBy(() -> new SessionCommand("reduse")).hasMessage("There is no command reduse");
  }

  @Test
  void optionsAreThoseOfCommandLine() {
    List<String> elsewhere =
        new ArrayList<>(List.of("--json", "--quiet", "--runner", "--master", "--threads"));
    elsewhere.addAll(List.of("--log-level", "--help", "--help-all", "--version"));
    for (String name :
        List.of("inspect", "moments", "fit", "evaluate", "reduce", "reconstruct", "verify")) {
      SessionCommand command = new SessionCommand(name);
      Collection<String> all =
          Main.commandLine().getSubcommands().get(name).getCommandSpec().options().stream()
              .map(OptionSpec::longestName)
              .filter(option -> !elsewhere.contains(option))
              .toList();
      assertThat(command.options().keySet()).containsExactlyInAnyOrderElementsOf(all);
      assertThat(command.options())
          .allSatisfy((option, text) -> assertThat(text).isNotBlank().doesNotContain("${"));
    }
    assertThat(new SessionCommand("reduce").isRepeatable("--weights")).isTrue();
    assertThat(new SessionCommand("reduce").isRepeatable("--images")).isFalse();
  }

  @Test
  void cancelledRunContinuesAnotherTime() {
    try (HeldSpark spark = new HeldSpark("local[2]")) {
      SessionCommand cancelled = new SessionCommand("reduce");
      SparkContext.getOrCreate()
          .addSparkListener(
              new SparkListener() {
                @Override
                public void onTaskStart(SparkListenerTaskStart task) {
                  cancelled.cancel();
                }
              });
      List<String> files = List.of(input, folder + "/out");
      assertThat(cancelled.run(options(), files)).isEqualTo(4);
      assertThat(cancelled.messages()).singleElement().asString().startsWith("Interrupted; ");
      assertThat(Thread.interrupted()).isFalse();
      SessionCommand again = new SessionCommand("reduce");
      assertThat(again.run(options(), files)).as("%s", again.messages()).isZero();
    }
  }
}
