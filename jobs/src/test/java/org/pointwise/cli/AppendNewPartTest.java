package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;

/** Tests appends of images of which rows and columns are chosen. */
class AppendNewPartTest extends NightsFixture {
  @Test
  void recordedPartOfEachSourceIsCompared() throws Exception {
    json(append(zarr("first.zarr", 2), "--bbox", "1:7,2:"));
    String second = zarr("second.zarr", 2);
    json(append(second, "--bbox", "1:7,2:"));
    for (String input : new String[] {folder + "/first.zarr/data", second}) {
      Cli verified = Cli.run("verify", output.toString(), "--input", input, "--quiet");
      assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
      assertThat(verified.out()).contains("Compared");
    }
  }

  /** Rows and columns are the same, whether they are all of an input, chosen, or both. */
  @Test
  void partDoesNotDependOnHowItIsChosen() throws Exception {
    FeatureShape half = new FeatureShape(2, SIDE / 2, SIDE, CHANNELS);
    String first =
        Arrays4.random(random, half).zarr(folder + "/half.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    json(append(first, "--images", "0:1", "--bbox", "0:8,0:16"));
    String whole = zarr("whole.zarr", 2);
    refused(append(whole, "--bbox", "8:16,0:16"), "rows 0:8", "rows 8:16", "--bbox");
    refused(append(whole), "rows 0:8", "rows 0:16", "--bbox");
    assertThat(json(append(whole, "--bbox", "0:8,:")).path("images").asInt()).isEqualTo(3);
    String third =
        Arrays4.random(random, half).zarr(folder + "/third.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    assertThat(json(append(third)).path("images").asInt()).isEqualTo(5);
    Cli verified = Cli.run("verify", output.toString(), "--deep", "--quiet");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
  }
}
