package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Seed;

/** What fit states about its pixels, channels and files. */
class FitTextTest {
  private static final int CHANNELS = 30;

  @TempDir Path folder;
  private String input;
  private String weights;

  @BeforeEach
  void write() throws Exception {
    Arrays4 array = Arrays4.random(Seed.random("fit text"), new FeatureShape(4, 8, 8, CHANNELS));
    for (int pixel : new int[] {0, 100}) {
      array.values()[pixel * CHANNELS + 3] = Float.NaN;
    }
    Extent image = new Extent(1, 8, 8);
    input = array.zarr(folder + "/in.zarr", 3, "n,y,x,c", image, image);
    weights = folder + "/w.safetensors";
  }

  private Cli fit(String... more) {
    List<String> args = new ArrayList<>(List.of("fit", input, weights, "--runner", "local"));
    args.addAll(List.of("--overwrite"));
    args.addAll(List.of(more));
    Cli done = Cli.run(args.toArray(String[]::new));
    assertThat(done.code()).as(done.err()).isZero();
    return done;
  }

  private JsonNode json(String... more) {
    String out = fit(EvaluateFixture.concat(more, "--json")).out();
    return JsonText.parse(out.getBytes(StandardCharsets.UTF_8), "report");
  }

  @Test
  void pixelsLeftOutAreCounted() throws Exception {
    assertThat(fit("--channels", "2").out())
        .contains("from 254 pixels\nLeft out  2 pixels with NaN or infinite values, 0 nodata");
    assertThat(json("--channels", "2").path("nonFinitePixels").asInt()).isEqualTo(2);
    String moments = folder + "/w.moments.safetensors";
    String[] again = {"fit", folder + "/v.safetensors", "--moments", moments, "--channels", "2"};
    assertThat(Cli.run(again).out()).contains("Left out  2 pixels with NaN");
  }

  @Test
  void allWrittenFilesAreListed() {
    assertThat(fit("--channels", "2").out())
        .contains("Written   " + weights + " (layer, decoder)\n")
        .contains("          " + folder + "/w.moments.safetensors (moments)\n")
        .contains("Report    " + weights + ".pointwise/report.json\n");
    assertThat(Path.of(weights + ".pointwise/report.json")).exists();
    JsonNode report = json("--channels", "2");
    assertThat(report.at("/files/0").asText()).isEqualTo(weights);
    assertThat(report.path("moments").asText()).isEqualTo(folder + "/w.moments.safetensors");
    weights = folder + "/w.npy";
    assertThat(fit("--channels", "2").out())
        .contains("/w.npy (layer)\n", "/w.bias.npy (bias)\n", "/w.decoder.npy (decoder)\n");
  }

  @Test
  void chosenChannelsAreStated() {
    Cli done = fit("--method", "select", "--channels", "2", "--input-channels", "7,9,4");
    assertThat(done.err()).contains("Part      channels 7,9,4\n");
    assertThat(done.out()).containsPattern("Selected  channels (7|9|4),(7|9|4) of the input\n");
    JsonNode report = json("--method", "select", "--channels", "3", "--input-channels", "7,9,4");
    assertThat(report.path("part").asText()).isEqualTo("channels 7,9,4");
    int[] read = {7, 9, 4};
    for (JsonNode channel : report.path("selected")) {
      assertThat(channel.path("inputChannel").asInt())
          .isEqualTo(read[channel.path("channel").asInt()]);
    }
    assertThat(report.path("selected")).hasSize(3);
    assertThat(fit("--method", "select", "--channels", "20").out())
        .containsPattern("Selected  channels (\\d+,){16}… \\(20 in all\\) of the input\n");
    assertThat(json("--method", "select", "--channels", "20").path("selected")).hasSize(20);
  }

  @Test
  void channelsOfTheBaselineAreStated() {
    fit("--channels", "2", "--test-size", "0.5");
    String[] evaluate = {"evaluate", input, "--weights", weights, "--runner", "local"};
    assertThat(Cli.run(EvaluateFixture.concat(evaluate, "--overwrite")).out())
        .containsPattern("Selected  channels \\d+,\\d+ of the input by the baseline select\n");
    Cli done = Cli.run(EvaluateFixture.concat(evaluate, "--overwrite", "--json"));
    JsonNode report = JsonText.parse(done.out().getBytes(StandardCharsets.UTF_8), "report");
    assertThat(report.at("/baselines/0/selectedChannels")).hasSize(2);
  }
}
