package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.store.ByteStores;
import org.pointwise.store.npy.NpyHeader;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Seed;
import org.pointwise.weights.MomentsFile;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsRef;

/** Tests options of learning by class, by comparing the bytes of the results. */
class LabelOptionsTest {
  private static final int N = 3;
  private static final int Y = 8;
  private static final int X = 10;
  private static final int PIXELS = N * Y * X;
  private static final Extent IMAGE = new Extent(1, Y, X);

  @TempDir Path folder;

  private final Random random = Seed.random("label options");
  private final Arrays4 array = Arrays4.random(random, new FeatureShape(N, Y, X, 5));
  private final byte[] classes = new byte[PIXELS];
  private String input;
  private String labels;

  @BeforeEach
  void write() throws Exception {
    for (int p = 0; p < PIXELS; p++) {
      classes[p] = (byte) random.nextInt(3);
      array.values()[p * 5 + classes[p]] += 2;
    }
    input = array.zarr(folder + "/in.zarr", 3, "n,y,x,c", IMAGE, IMAGE);
    labels = labels("labels.npy", new long[] {N, Y, X}, classes);
  }

  private String labels(String name, long[] shape, byte[] values) throws Exception {
    byte[] header = NpyHeader.encode(ElementType.UINT8, shape);
    byte[] file = Arrays.copyOf(header, header.length + values.length);
    System.arraycopy(values, 0, file, header.length, values.length);
    return Files.write(folder.resolve(name), file).toString();
  }

  private Path fitLda(String name, String from, String by, String... more) {
    Path weights = folder.resolve(name + ".safetensors");
    List<String> args =
        new ArrayList<>(List.of("fit", from, weights.toString(), "--method", "lda"));
    args.addAll(List.of("--channels", "2", "--labels", by, "--runner", "local", "--quiet"));
    args.addAll(List.of(more));
    Cli done = Cli.run(args.toArray(String[]::new));
    assertThat(done.code()).as(done.err()).isZero();
    return weights;
  }

  @Test
  void labelAxesDefineLayoutOfLabels() throws Exception {
    byte[] turned = new byte[PIXELS]; // x, n, y
    for (int n = 0; n < N; n++) {
      for (int y = 0; y < Y; y++) {
        for (int x = 0; x < X; x++) {
          turned[(x * N + n) * Y + y] = classes[(n * Y + y) * X + x];
        }
      }
    }
    String other = labels("turned.npy", new long[] {X, N, Y}, turned);
    Path expected = fitLda("straight", input, labels);
    Path found = fitLda("turned", input, other, "--label-axes", "x,n,y");
    assertThat(Files.readAllBytes(found)).isEqualTo(Files.readAllBytes(expected));
    Cli wrong =
        Cli.run(
            "fit",
            input,
            folder + "/no.safetensors",
            "--method",
            "lda",
            "--channels",
            "2",
            "--labels",
            other,
            "--runner",
            "local",
            "--quiet");
    assertThat(wrong.code()).isEqualTo(3);
  }

  /** MATLAB and pandas store whole numbers in this way. */
  @Test
  void labelsMayBeWholeNumbersInFloatingPoint() throws Exception {
    byte[] header = NpyHeader.encode(ElementType.FLOAT64, new long[] {N, Y, X});
    ByteBuffer file =
        ByteBuffer.allocate(header.length + 8 * PIXELS).order(ByteOrder.LITTLE_ENDIAN).put(header);
    for (byte label : classes) {
      file.putDouble(label);
    }
    String floats = Files.write(folder.resolve("floats.npy"), file.array()).toString();
    assertThat(Files.readAllBytes(fitLda("of-floats", input, floats)))
        .isEqualTo(Files.readAllBytes(fitLda("of-bytes", input, labels)));
    file.putDouble(header.length + 8 * 7, 0.5);
    Files.write(Path.of(floats), file.array());
    List<String> args = new ArrayList<>(List.of("fit", input, folder + "/no.safetensors"));
    args.addAll(List.of("--method", "lda", "--channels", "2", "--labels", floats, "--quiet"));
    Cli refused = Cli.run(args.toArray(String[]::new));
    assertThat(refused.code()).isEqualTo(3);
    assertThat(refused.errorLine())
        .contains("n=0 y=0 x=7 is labelled 0.5 but labels are whole numbers, 0 … ");
  }

  private static float[] layer(Path weights) throws Exception {
    WeightsRef ref = WeightsRef.parse(weights + "#weight", null, null, null);
    return Weights.read(ByteStores.LOCAL, ref, 5).layer().weights();
  }

  /** Appended files are not in the order of their names. */
  @Test
  void appendedFilesUseLabelsOfSameNames() throws Exception {
    Path all = Path.of(array.npyFolder(folder + "/all", "y,x,c"));
    Path features = Files.createDirectory(folder.resolve("features"));
    Path classFiles = Files.createDirectory(folder.resolve("classes"));
    Path otherNames = Files.createDirectory(folder.resolve("masks"));
    String appended = folder + "/appended.safetensors";
    int image = 0;
    for (String name : List.of("c.npy", "a.npy", "b.npy")) {
      Files.copy(all.resolve("image0%d.npy".formatted(image)), features.resolve(name));
      byte[] own = Arrays.copyOfRange(classes, image * Y * X, (image + 1) * Y * X);
      labels("classes/" + name, new long[] {Y, X}, own);
      labels("masks/mask_" + name, new long[] {Y, X}, own);
      moments(0, features, appended, classFiles, "--append");
      image++;
    }
    String fresh = folder + "/fresh.safetensors";
    moments(0, features, fresh, classFiles);
    FeatureMoments found = MomentsFile.read(ByteStores.LOCAL, appended).moments();
    FeatureMoments expected = MomentsFile.read(ByteStores.LOCAL, fresh).moments();
    for (int label = 0; label < 3; label++) {
      assertThat(found.groups().get(label).count()).isEqualTo(expected.groups().get(label).count());
      assertThat(found.groups().get(label).mean())
          .containsExactly(expected.groups().get(label).mean(), within(1e-12));
    }
    moments(0, features, appended, classFiles, "--append"); // without new files
    Path old = classFiles.resolve("c.npy");
    Files.setLastModifiedTime(old, FileTime.fromMillis(System.currentTimeMillis() + 1_000_000));
    assertThat(moments(3, features, appended, classFiles, "--append").errorLine())
        .contains(old.toString(), "changed since it was made");
    moments(0, features, appended, classFiles, "--append", "--ignore-modification-times");
    Path more = Files.copy(all.resolve("image00.npy"), features.resolve("0.npy"));
    labels("classes/0.npy", new long[] {Y, X}, fill(Y * X, 9)); // an invalid label
    moments(3, features, appended, classFiles, "--append");
    Files.delete(more);
    Files.delete(classFiles.resolve("0.npy"));
    moments(0, features, appended, classFiles, "--append"); // as if the file had never existed
    labels("masks/mask_d.npy", new long[] {Y, X}, Arrays.copyOf(classes, Y * X));
    Files.copy(features.resolve("a.npy"), features.resolve("d.npy"));
    assertThat(moments(3, features, appended, otherNames, "--append").errorLine())
        .contains("there is no c.npy", "not in the order of their names");
  }

  @Test
  void partlyMatchingLabelsAreRefused() throws Exception {
    Path features = Path.of(array.npyFolder(folder + "/features", "y,x,c"));
    Path classFiles = Files.createDirectory(folder.resolve("classes"));
    for (String name : List.of("image00.npy", "image02.npy", "image03.npy")) {
      labels("classes/" + name, new long[] {Y, X}, fill(Y * X, 1));
    }
    String moments = folder + "/m.safetensors";
    assertThat(moments(3, features, moments, classFiles).errorLine()).contains("no image01.npy");
    Files.delete(classFiles.resolve("image03.npy"));
    labels("classes/image01.npy", new long[] {Y - 1, X}, fill((Y - 1) * X, 1));
    assertThat(moments(3, features, moments, classFiles).errorLine())
        .contains("image01.npy", "7×10 numbers but 8×10 pixels");
  }

  @Test
  void fullyIgnoredLabelsCountAsLabels() throws Exception {
    Path features = Path.of(array.npyFolder(folder + "/features", "y,x,c"));
    String ignored = labels("ignored.npy", new long[] {N, Y, X}, fill(PIXELS, 255));
    String moments = folder + "/m.safetensors";
    String[] night = {"--append", "--ignore-label", "255"};
    moments(0, features, moments, Path.of(ignored), night);
    moments(0, features, moments, Path.of(ignored), night);
    assertThat(moments(3, features, moments, Path.of(ignored), "--append").errorLine())
        .contains("it was made with labels but for 255", "this is labels,");
  }

  private static byte[] fill(int count, int label) {
    byte[] values = new byte[count];
    Arrays.fill(values, (byte) label);
    return values;
  }

  private static Cli moments(int code, Path from, String to, Path by, String... more) {
    List<String> args =
        new ArrayList<>(List.of("moments", from.toString(), to, "--labels", by.toString()));
    args.addAll(List.of("--classes", "5", "--runner", "local", "--quiet", "--axes", "y,x,c"));
    args.addAll(List.of(more));
    Cli done = Cli.run(args.toArray(String[]::new));
    assertThat(done.code()).as(done.err()).isEqualTo(code);
    return done;
  }

  /** The mask is a grid, a folder, or one image for all. */
  @Test
  void appendedMomentsCheckTheMaskOfPastImages() throws Exception {
    Arrays4 first =
        new Arrays4(new FeatureShape(2, Y, X, 5), Arrays.copyOf(array.values(), 2 * Y * X * 5));
    byte[] keep = new byte[PIXELS];
    for (int p = 0; p < PIXELS; p++) {
      keep[p] = (byte) random.nextInt(2);
    }
    String shared = labels("shared.npy", new long[] {Y, X}, Arrays.copyOf(keep, Y * X));
    Path files = Files.createDirectory(folder.resolve("keep"));
    String grown = folder + "/grown.zarr";
    for (String mask : List.of(files.toString(), shared)) {
      first.zarr(grown, 3, "n,y,x,c", IMAGE, IMAGE);
      Files.deleteIfExists(files.resolve("2.npy"));
      for (int n = 0; n < 2; n++) {
        byte[] own = Arrays.copyOfRange(keep, n * Y * X, (n + 1) * Y * X);
        labels("keep/%d.npy".formatted(n), new long[] {Y, X}, own);
      }
      String appended = folder + "/m%d.safetensors".formatted(mask.length());
      String[] append = {"--append", "--mask", mask, "--ignore-modification-times"};
      masked(0, grown, appended, append);
      array.zarr(grown, 3, "n,y,x,c", IMAGE, IMAGE);
      labels("keep/2.npy", new long[] {Y, X}, Arrays.copyOfRange(keep, 2 * Y * X, PIXELS));
      masked(0, grown, appended, append);
      String fresh = folder + "/fresh%d.safetensors".formatted(mask.length());
      masked(0, grown, fresh, "--mask", mask);
      FeatureMoments found = MomentsFile.read(ByteStores.LOCAL, appended).moments();
      FeatureMoments expected = MomentsFile.read(ByteStores.LOCAL, fresh).moments();
      assertThat(found.count()).isEqualTo(expected.count()).isLessThan(PIXELS);
      assertThat(found.overall().mean()).containsExactly(expected.overall().mean(), within(1e-12));
      Path changed = mask.equals(shared) ? Path.of(shared) : files.resolve("1.npy");
      labels(folder.relativize(changed).toString(), new long[] {Y, X}, fill(Y * X, 1));
      Files.setLastModifiedTime(
          changed, FileTime.fromMillis(System.currentTimeMillis() + 1_000_000));
      assertThat(masked(3, grown, appended, "--append", "--mask", mask).errorLine())
          .contains(changed.toString(), "changed since it was made");
      assertThat(masked(3, grown, appended, "--append").errorLine())
          .contains("it was made with mask ");
    }
  }

  private static Cli masked(int code, String from, String to, String... more) {
    List<String> args = new ArrayList<>(List.of("moments", from, to, "--runner", "local"));
    args.add("--quiet");
    args.addAll(List.of(more));
    Cli done = Cli.run(args.toArray(String[]::new));
    assertThat(done.code()).as(done.err()).isEqualTo(code);
    return done;
  }

  /** Pixels without a class are equivalent to nodata pixels. */
  @Test
  void ignoredLabelIsNoClass() throws Exception {
    float[] without = array.values().clone();
    byte[] marked = classes.clone();
    for (int p = 0; p < PIXELS; p++) {
      if (random.nextInt(4) == 0) {
        marked[p] = (byte) 255;
        Arrays.fill(without, p * 5, p * 5 + 5, Float.NaN);
      }
    }
    String ignoring = labels("marked.npy", new long[] {N, Y, X}, marked);
    String masked =
        new Arrays4(array.shape(), without)
            .zarr(folder + "/masked.zarr", 3, "n,y,x,c", IMAGE, IMAGE);
    Path expected = fitLda("masked", masked, labels, "--nodata", "nan");
    Path found = fitLda("ignored", input, ignoring, "--ignore-label", "255");
    float[] weights = layer(expected);
    float largest = 0;
    for (float weight : weights) {
      largest = Math.max(largest, Math.abs(weight));
    }
    // The sums use another provisional mean, so that they are equal up to float32 rounding.
    assertThat(layer(found)).containsExactly(weights, within(1e-3f * largest));
    Cli refused =
        Cli.run(
            "fit",
            input,
            folder + "/no.safetensors",
            "--method",
            "lda",
            "--channels",
            "2",
            "--labels",
            ignoring,
            "--runner",
            "local",
            "--quiet");
    assertThat(refused.code()).isEqualTo(3);
    assertThat(refused.errorLine()).contains("255");
  }

  @Test
  void momentsAreSavedAtGivenPath() throws Exception {
    Path kept = folder.resolve("elsewhere/kept.safetensors");
    Path first = fitLda("first", input, labels, "--save-moments", kept.toString());
    assertThat(kept).exists();
    assertThat(folder.resolve("first.moments.safetensors")).doesNotExist();
    Path again = folder.resolve("again.safetensors");
    Cli done =
        Cli.run(
            "fit",
            again.toString(),
            "--moments",
            kept.toString(),
            "--method",
            "lda",
            "--channels",
            "2",
            "--quiet");
    assertThat(done.code()).as(done.err()).isZero();
    Path usual = fitLda("usual", input, labels);
    assertThat(Files.readAllBytes(folder.resolve("usual.moments.safetensors")))
        .isEqualTo(Files.readAllBytes(kept));
    assertThat(Files.readAllBytes(usual)).isEqualTo(Files.readAllBytes(first));
  }
}
