package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.store.JsonText;
import org.pointwise.testing.SharedData;

/**
 * Learns components of real features with constant channels, standardised or not, also from fewer
 * pixels than channels, and compares them with scikit-learn's ({@code
 * scripts/interop/standardise.py}).
 */
class RealRankTest {
  @TempDir Path folder;

  private final String features = SharedData.string("features/nuclei.zarr/features");

  private Cli fit(int side, String name, String... more) {
    List<String> args = new ArrayList<>(List.of("fit", features, folder + "/" + name));
    args.addAll(List.of("--images", "0:1", "--bbox", "0:%d,0:%d".formatted(side, side)));
    args.addAll(List.of("--runner", "local", "--quiet", "--json"));
    args.addAll(List.of(more));
    return Cli.run(args.toArray(String[]::new));
  }

  @Test
  void componentsMatchScikitLearnForManyAndFewPixels() throws Exception {
    try (PythonPeer python = PythonPeer.start(folder, "standardise.py")) {
      for (int side : new int[] {65, 9}) {
        for (String method : List.of("pca", "whiten")) {
          for (List<String> scaling : List.of(List.<String>of(), List.of("--standardise"))) {
            String name = "%s%d%d.safetensors".formatted(method, side, scaling.size());
            List<String> more = new ArrayList<>(List.of("--method", method, "--channels", "6"));
            more.addAll(scaling);
            Cli done = fit(side, name, more.toArray(String[]::new));
            assertThat(done.code()).as(done.err()).isZero();
            JsonNode found =
                python.call(
                    JsonText.object()
                        .put("features", features)
                        .put("rows", side)
                        .put("columns", side)
                        .put("weights", folder + "/" + name)
                        .put("whiten", method.equals("whiten"))
                        .put("standardise", !scaling.isEmpty()));
            assertThat(found.path("wrong")).as("%s: %s", name, found).isEmpty();
          }
        }
      }
    }
  }

  @Test
  void varianceOfStandardisedChannelsStopsAtRank() {
    Cli whole = fit(9, "all.safetensors", "--standardise", "--keep-variance", "1");
    assertThat(whole.code()).as(whole.err()).isZero();
    JsonNode layer =
        JsonText.parse(whole.out().getBytes(StandardCharsets.UTF_8), "stdout").path("layer");
    assertThat(layer.path("rank").asText()).isEqualTo("80");
    assertThat(layer.path("outChannels").asInt()).isBetween(79, 80);
    assertThat(layer.path("standardised").asText()).isEqualTo("true");
    Cli more = fit(9, "more.safetensors", "--method", "whiten", "--channels", "81");
    assertThat(more.code()).isEqualTo(3);
    assertThat(more.errorLine())
        .contains(
            "Cannot make 81 channels: 81 pixels of 256 channels have rank 80; choose --channels 1 … 80, or learn from more pixels");
    assertThat(folder.resolve("more.safetensors")).doesNotExist();
  }
}
