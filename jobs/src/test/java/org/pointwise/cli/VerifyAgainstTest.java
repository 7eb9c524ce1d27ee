package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;

/** Verifies outputs against inputs that changed or were damaged, before or after the reduction. */
class VerifyAgainstTest {
  @TempDir Path folder;

  private final Random random = Seed.random("verify against");
  private final Arrays4 array = Arrays4.random(random, new FeatureShape(4, 16, 16, 8));
  private String weights;

  @BeforeEach
  void write() throws Exception {
    weights = folder + "/w.safetensors";
    float[] values = new float[24];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    PointwiseLayer layer = PointwiseLayer.of(values, new float[3], Activation.NONE);
    WeightsWriter.write(ByteStores.LOCAL, weights, layer, Map.of());
  }

  /** Stores the values in a random layout. */
  private String input(int trial) throws Exception {
    Extent chunk = new Extent(1 + random.nextInt(2), 8, 8 << random.nextInt(2));
    Extent shard = new Extent(chunk.n() * 2, 16, 16);
    String group = folder + "/in" + trial + ".zarr";
    return switch (random.nextInt(3)) {
      case 0 -> array.zarr(group, 2, "n,c,y,x", chunk, chunk);
      case 1 -> array.zarr(group, 3, "n,y,x,c", chunk, chunk);
      default -> array.zarr(group, 3, "n,y,x,c", chunk, shard);
    };
  }

  private static List<Path> objects(String input) throws Exception {
    try (Stream<Path> files = Files.walk(Path.of(input))) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !file.getFileName().toString().matches("zarr.json|\\.z.*"))
          .sorted()
          .toList();
    }
  }

  private Cli run(int code, String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--weights", weights, "--quiet", "--runner", "local"));
    if (Stream.of(args).anyMatch(arg -> Files.isRegularFile(Path.of(arg, "image00.npy")))) {
      all.addAll(List.of("--axes", "y,x,c"));
    }
    Cli done = Cli.run(all.toArray(String[]::new));
    assertThat(done.code())
        .as("seed %d: %s: %s%s", Seed.value(), all, done.out(), done.err())
        .isEqualTo(code);
    return done;
  }

  /** The products are subnormal in float32. */
  @Test
  void normalisedTinyValuesAreConfirmed() throws Exception {
    float[] tiny = array.values().clone();
    for (int i = 0; i < tiny.length; i++) {
      tiny[i] *= 1e-31f;
    }
    Arrays4 features = new Arrays4(array.shape(), tiny);
    String input = features.npyFile(folder.toString(), "tiny.npy", "n,y,x,c");
    float[] values = new float[24];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * 1e-11f;
    }
    PointwiseLayer layer = PointwiseLayer.of(values, new float[3], Activation.NONE);
    WeightsWriter.write(ByteStores.LOCAL, weights, layer, Map.of());
    String output = folder + "/tiny.zarr";
    run(0, "reduce", input, output, "--axes", "n,y,x,c", "--normalise", "l2");
    run(0, "verify", output, "--input", input, "--axes", "n,y,x,c");
  }

  /** +∞ less finite numbers is +∞, but NaN where these overflow float32. */
  @Test
  void overflowBesideInfinityIsConfirmed() throws Exception {
    float[] large = array.values().clone();
    for (int i = 0; i < large.length; i += 8) {
      large[i] = Float.POSITIVE_INFINITY;
      large[i + 1] = -3e38f;
      large[i + 5] = -3e38f;
    }
    Arrays4 features = new Arrays4(array.shape(), large);
    String input = features.npyFile(folder.toString(), "large.npy", "n,y,x,c");
    float[] ones = new float[24];
    Arrays.fill(ones, 1);
    PointwiseLayer layer =
        PointwiseLayer.of(ones, new float[3], Activation.parse("relu6", new float[0]));
    WeightsWriter.write(ByteStores.LOCAL, weights, layer, Map.of());
    String output = folder + "/large.zarr";
    run(0, "reduce", input, output, "--axes", "n,y,x,c");
    run(0, "verify", output, "--input", input, "--axes", "n,y,x,c");
  }

  /** Not damage: another scale, or another name of the input. */
  @Test
  void otherScaleIsRefusedAndRenamedCopyIsAccepted() throws Exception {
    String file = array.npyFile(folder.toString(), "a.npy", "n,y,x,c");
    String copy = Files.copy(Path.of(file), folder.resolve("b.npy")).toString();
    for (String format : List.of("npy", "zarr3")) {
      String output = folder + "/scaled-" + format;
      run(0, "reduce", file, output, "--format", format, "--scale", "0.5", "--axes", "n,y,x,c");
      for (String input : List.of(file, copy)) {
        run(0, "verify", output, "--input", input, "--scale", "0.5", "--axes", "n,y,x,c");
        Cli other = run(3, "verify", output, "--input", input, "--axes", "n,y,x,c");
        assertThat(other.errorLine())
            .contains(
                "made with scale=0.5, offset=0.0 but the input is read with scale=1.0, offset=0.0");
      }
      if (format.equals("zarr3")) { // its metadata records the scale
        Files.move(Path.of(output + ".pointwise"), folder.resolve("aside"));
        Cli other = run(3, "verify", output, "--input", file, "--axes", "n,y,x,c");
        assertThat(other.errorLine()).contains("made with scale=0.5, offset=0.0 but");
      }
    }
  }

  @Test
  void unreadableInputIsComparedAsNodataUntilItChanges() throws Exception {
    for (int trial = 0; trial < 12; trial++) {
      String input = input(trial);
      String output = folder + "/out" + trial;
      List<Path> objects = objects(input);
      Path damaged = objects.get(random.nextInt(objects.size()));
      byte[] whole = Files.readAllBytes(damaged);
      Files.write(damaged, Arrays.copyOf(whole, whole.length / 2));
      String format = random.nextBoolean() ? "zarr3" : "npy";
      List<String> reduce =
          List.of("reduce", input, output, "--format", format, "--on-bad-input", "nodata");
      List<String> small = new ArrayList<>(reduce);
      small.addAll(format.equals("npy") ? List.of() : List.of("--shard-size", "0.002MiB"));
      run(0, small.toArray(String[]::new));

      String[] verify = {"verify", output, "--input", input};
      Cli verified = run(0, verify);
      assertThat(verified.out()).contains("Whole", "No data", "could not be decoded");
      Path touched = objects.get(random.nextInt(objects.size()));
      Files.setLastModifiedTime(touched, FileTime.fromMillis(1_000_000));
      assertThat(run(3, verify).errorLine()).contains("Cannot verify", "changed");
      String[] accepting = Arrays.copyOf(verify, verify.length + 1);
      accepting[verify.length] = "--ignore-modification-times";
      run(0, accepting);
      Path link = folder.resolve("link" + trial + ".zarr");
      Files.createSymbolicLink(link, Path.of(input).getParent());
      run(0, "verify", output, "--input", link + "/" + Path.of(input).getFileName());
      Files.write(damaged, whole);
      assertThat(run(3, accepting).errorLine())
          .contains("could not be decoded", "run the same reduce again");
    }
  }

  @Test
  void inputDamagedAfterReductionIsNamed() throws Exception {
    String input =
        array.zarr(folder + "/in.zarr", 3, "n,y,x,c", new Extent(1, 8, 8), new Extent(1, 8, 8));
    String output = folder + "/out";
    run(0, "reduce", input, output);
    Path chunk = objects(input).get(5);
    FileTime then = Files.getLastModifiedTime(chunk);
    byte[] bytes = Files.readAllBytes(chunk);
    Arrays.fill(bytes, bytes.length / 2, bytes.length, (byte) 7);
    Files.write(chunk, bytes);
    Files.setLastModifiedTime(chunk, then); // as a disk that decays
    Cli done = run(3, "verify", output, "--input", input);
    assertThat(done.errorLine()).contains(chunk.toString());
  }

  @Test
  void otherLayerIsRefusedByName() throws Exception {
    String input =
        array.zarr(folder + "/in.zarr", 3, "n,y,x,c", new Extent(1, 8, 8), new Extent(1, 8, 8));
    String output = folder + "/out";
    run(0, "reduce", input, output);
    Cli done = run(3, "verify", output, "--input", input, "--activation", "relu");
    assertThat(done.errorLine()).contains("features", "none", "relu", "--weights");
  }

  @Test
  void copyInOtherPlaceIsComparedByValues() throws Exception {
    Extent chunk = new Extent(2, 8, 8);
    String input = array.zarr(folder + "/in.zarr", 3, "n,y,x,c", chunk, chunk);
    String output = folder + "/out";
    run(0, "reduce", input, output);
    run(0, "verify", output, "--input", array.npyFolder(folder + "/copy", "y,x,c"));
    float[] values = array.values().clone();
    values[random.nextInt(values.length)] += 9;
    Arrays4 other = new Arrays4(array.shape(), values);
    String changed = other.zarr(folder + "/other.zarr", 2, "n,y,x,c", chunk, chunk);
    assertThat(run(4, "verify", output, "--input", changed).out())
        .contains("Damaged", "which recomputation does not confirm")
        .containsPattern("in features/c/[0-9/]+ holds");
  }
}
