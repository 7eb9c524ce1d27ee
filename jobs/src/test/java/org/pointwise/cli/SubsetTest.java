package org.pointwise.cli;

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
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.PythonPeers;
import org.pointwise.testing.Reductions;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;

/** Tests parts of inputs and masks on the command line. */
class SubsetTest {
  private static final Extent CHUNK = new Extent(2, 4, 4);

  @TempDir Path folder;

  private final Random random = Seed.random("subsets");
  private final Arrays4 array = Arrays4.random(random, new FeatureShape(6, 8, 10, 5));
  private String input;
  private String output;

  @BeforeEach
  void write() throws Exception {
    input = array.zarr(folder + "/in.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    output = folder + "/out.zarr";
    for (int channels : new int[] {2, 5}) {
      float[] weights = new float[2 * channels];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (float) random.nextGaussian();
      }
      PointwiseLayer layer = PointwiseLayer.of(weights, new float[2], Activation.NONE);
      WeightsWriter.write(ByteStores.LOCAL, layer(channels), layer, Map.of());
    }
  }

  private String layer(int channels) {
    return folder + "/w" + channels + ".safetensors";
  }

  private Cli reduce(String source, int channels, String... more) {
    List<String> args =
        new ArrayList<>(List.of("reduce", source, output, "--weights", layer(channels)));
    args.addAll(List.of("--runner", "local", "--quiet", "--json"));
    args.addAll(Arrays.asList(more));
    return Cli.run(args.toArray(String[]::new));
  }

  private JsonNode done(Cli cli) {
    assertThat(cli.code()).as(cli.err()).isZero();
    return JsonText.parse(cli.out().getBytes(StandardCharsets.UTF_8), "report");
  }

  private void refused(String message, String... more) {
    Cli cli = reduce(input, 5, more);
    assertThat(cli.code()).as(cli.err()).isEqualTo(3);
    assertThat(cli.errorLine()).contains(message);
    assertThat(Path.of(output)).doesNotExist();
  }

  @Test
  void partsThatInputDoesNotHaveAreRefused() throws Exception {
    refused("--images 4:7: there are 6 images of", "--images", "4:7");
    refused("'-2:' is neither an index from 0 nor a range", "--images", "-2:");
    refused("there is no such file; give ranges such as 0:100", "--images", folder + "/none");
    refused(
        "the columns (second range) of --bbox 5:11: there are 10 columns", "--bbox", "0:8,5:11");
    refused("give a range of rows and a range of columns", "--bbox", "0:8");
    refused("--input-channels 5: there are 5 channels", "--input-channels", "0:2,5");
    refused("reads 5 channels but the input has 3", "--input-channels", "0:3");
    Path names = Files.writeString(folder.resolve("names"), "1\nimage01.npy\n");
    refused("'image01.npy' is no index of the 6 images", "--images", names.toString());
    Files.writeString(names, "# none\n\n");
    refused("it names no image", "--images", names.toString());
    refused("with --images: an append reads all images", "--images", "0:3", "--append");
  }

  @Test
  void masksOfOtherShapesAreRefused() throws Exception {
    String other =
        Arrays4.random(random, new FeatureShape(5, 8, 10, 1))
            .npyFile(folder.toString(), "m.npy", "n,y,x,c");
    refused("m.npy", "--mask", other);
    String pixels =
        Arrays4.random(random, new FeatureShape(6, 8, 9, 1))
            .zarr(folder + "/m.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    refused("its shape is n=6 y=8 x=9 c=1 but that of", "--mask", pixels);
    refused("numbers per pixel; give an array with one, without channels", "--mask", input);
    refused("check the path", "--mask", folder + "/gone.npy");
  }

  @Test
  void changedMaskIsNoticed() throws Exception {
    String mask =
        Arrays4.random(random, new FeatureShape(6, 8, 10, 1))
            .zarr(folder + "/m.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    long masked = done(reduce(input, 5, "--mask", mask)).path("maskedPixels").asLong();
    assertThat(masked).isBetween(1L, 479L);
    assertThat(done(reduce(input, 5, "--mask", mask)).path("shardsWritten").asLong()).isZero();
    Files.setLastModifiedTime(
        Path.of(mask, "c/1/0/0/0"), FileTime.fromMillis(System.currentTimeMillis() + 1_000_000));
    Cli changed = reduce(input, 5, "--mask", mask);
    assertThat(changed.code()).isEqualTo(3);
    assertThat(changed.errorLine()).contains("m.zarr").contains("--ignore-modification-times");
    assertThat(reduce(input, 5).code()).as("another plan").isEqualTo(3);
  }

  @Test
  void verifyReadsRecordedPart() {
    String[] part = {"--images", "5,0:2", "--bbox", "1:8,3:", "--input-channels", "4,1"};
    done(reduce(input, 2, part));
    Cli verified = Cli.run("verify", output, "--deep", "--runner", "local");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
    assertThat(verified.out()).contains("147 pixels, 294 values recomputed");
    Cli given =
        Cli.run("verify", output, "--input", input, "--weights", layer(2), "--runner", "local");
    assertThat(given.out()).contains("147 pixels, 294 values recomputed");
    Cli other =
        Cli.run("verify", output, "--input", input, "--bbox", "0:7,3:", "--runner", "local");
    assertThat(other.code()).as(other.out()).isEqualTo(3);
    assertThat(other.err()).contains("takes 2 channels", "has 5", "--input-channels");
  }

  @Test
  void folderOfFilesIsReadByName() throws Exception {
    String files = array.npyFolder(folder + "/files", "y,x,c");
    Path names = Files.writeString(folder.resolve("names"), "image04.npy\n1\n");
    done(reduce(files, 5, "--axes", "n,y,x,c", "--images", names.toString(), "--format", "npy"));
    assertThat(Path.of(output).toFile().list())
        .containsExactlyInAnyOrder("image04.npy", "image01.npy");
  }

  @Test
  void outputOfWindowGrowsWithItsInput() throws Exception {
    FeatureShape first = new FeatureShape(3, 8, 10, 5);
    Arrays4 begin = new Arrays4(first, Arrays.copyOf(array.values(), 3 * 8 * 10 * 5));
    begin.zarr(folder + "/in.zarr", 3, "n,y,x,c", new Extent(1, 4, 4), new Extent(1, 4, 4));
    String[] part = {"--bbox", "2:7,:9", "--input-channels", "0,3", "--append"};
    done(reduce(input, 2, part));
    array.zarr(folder + "/in.zarr", 3, "n,y,x,c", new Extent(1, 4, 4), new Extent(1, 4, 4));
    done(reduce(input, 2, concat(part, "--ignore-modification-times")));
    float[] grown = Reductions.read(Reductions.open(output + "/features"));
    output = folder + "/fresh.zarr";
    done(reduce(input, 2, Arrays.copyOf(part, 4)));
    assertThat(grown).isEqualTo(Reductions.read(Reductions.open(output + "/features")));
  }

  private static String[] concat(String[] first, String last) {
    String[] all = Arrays.copyOf(first, first.length + 1);
    all[first.length] = last;
    return all;
  }

  @Test
  void coordinatesFollowPixels() throws Exception {
    PythonPeers.run("read_parts.py", "write", folder + "/located.zarr");
    String[] part = {"--images", "4,0:2", "--bbox", "1:6,3:9"};
    done(reduce(folder + "/located.zarr/data", 5, part));
    PythonPeers.run("read_parts.py", "check", folder + "/located.zarr", output);
  }
}
