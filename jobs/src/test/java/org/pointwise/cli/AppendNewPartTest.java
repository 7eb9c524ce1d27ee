package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.pointwise.store.npy.NpyHeader;
import org.pointwise.tensor.ElementType;
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

  @Test
  void otherChannelsAreRefused() throws Exception {
    FeatureShape wider = new FeatureShape(2, SIDE, SIDE, CHANNELS + 3);
    String first =
        Arrays4.random(random, wider).zarr(folder + "/first.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    json(append(first, "--input-channels", "0:10,12,14"));
    String second =
        Arrays4.random(random, wider).zarr(folder + "/second.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    refused(append(second, "--input-channels", "0:11,14"), "channels 0:11,14", "--input-channels");
    refused(append(zarr("third.zarr", 2)), "channels 0:10,12,14", "--input-channels");
    assertThat(json(append(second, "--input-channels", "0:10,12,14")).path("images").asInt())
        .isEqualTo(4);
  }

  @Test
  void maskIsGivenForEachSourceOrForNone() throws Exception {
    String[] nodata = {"--nodata", "-9", "--dtype", "float32"};
    String first = zarr("first.zarr", 2);
    json(append(first, with(nodata, "--mask", mask("first-mask.npy"))));
    String second = zarr("second.zarr", 2);
    refused(append(second, nodata), "with a mask", "without a mask", "--mask");
    json(append(second, with(nodata, "--mask", mask("second-mask.npy"))));
    Cli verified = Cli.run("verify", output.toString(), "--deep", "--quiet");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
  }

  private static String[] with(String[] options, String... more) {
    return Stream.of(options, more).flatMap(Stream::of).toArray(String[]::new);
  }

  /** Writes a random mask of two images. */
  private String mask(String name) throws Exception {
    byte[] header = NpyHeader.encode(ElementType.UINT8, new long[] {2, SIDE, SIDE});
    byte[] file = Arrays.copyOf(header, header.length + 2 * SIDE * SIDE);
    for (int i = header.length; i < file.length; i++) {
      file[i] = (byte) random.nextInt(2);
    }
    return Files.write(folder.resolve(name), file).toString();
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
