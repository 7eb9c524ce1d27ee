package org.pointwise.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.Compression;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.OutputFormats;
import org.pointwise.plan.Existing;
import org.pointwise.plan.Head;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.Reduction;
import org.pointwise.plan.Resources;
import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Overflow;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Reductions;
import org.pointwise.testing.Seed;
import org.pointwise.work.LocalRunner;
import org.pointwise.work.Progress;

/** Tests everything around the units: continuing, refusals, missing chunks, the memory check. */
class ReduceRunTest {
  @TempDir Path folder;

  private FeatureSource input;
  private Path inputFolder;
  private String output;
  private final Head head =
      new Head("features", "test", PointwiseLayer.of(new float[32], new float[4], Activation.NONE));

  @BeforeEach
  void write() throws Exception {
    Arrays4 array = Arrays4.random(Seed.random("job"), new FeatureShape(2, 32, 32, 8));
    inputFolder = folder.resolve("in.zarr");
    Extent chunk = new Extent(1, 8, 8);
    input = Reductions.open(array.zarr(inputFolder.toString(), 3, "n,y,x,c", chunk, chunk));
    output = folder + "/out.zarr";
  }

  private Reduction spec() {
    return Reductions.with(
        Reductions.spec(output, head), OutputFormats.named("zarr3"), null, null, 8 * 8 * 16);
  }

  @Test
  void continuesWhereItStopped() throws Exception {
    ObjectNode first = Reductions.run(spec(), input, 2);
    assertThat(first.path("shardsWritten").asInt()).isEqualTo(32);
    Map<String, String> whole = Folders.hashes(Path.of(output), "/c/");
    Files.delete(Path.of(output, "features/c/0/1/1/0"));
    Path partialShard = Path.of(output, "features/c/1/0/3/0");
    byte[] bytes = Files.readAllBytes(partialShard);
    Files.write(partialShard, java.util.Arrays.copyOf(bytes, bytes.length - 5));
    VerificationFindings found = Reductions.verify(output);
    assertThat(found.json().path("neverWritten").asInt()).isEqualTo(1);
    assertThat(found.json().path("torn").asInt()).isEqualTo(1);

    ObjectNode second = Reductions.run(spec(), input, 2);
    assertThat(second.path("shardsWritten").asInt()).isEqualTo(2);
    assertThat(second.path("shardsAlreadyThere").asInt()).isEqualTo(30);
    assertThat(Folders.hashes(Path.of(output), "/c/")).isEqualTo(whole);
    assertThat(Reductions.verify(output).isOk()).isTrue();
  }

  /**
   * The plan could open the input, so that a scheduler repeats the command; expired tokens do it.
   */
  @Test
  void storeThatFailsForWorkerIsNoWrongInput() {
    ReducePlan plan = ReducePlan.of(spec(), input.info());
    LocalRunner failing =
        new LocalRunner(storesWithout(inputFolder, new IOException("expired")), 2);
    assertThatThrownBy(() -> run(plan, failing))
        .isInstanceOf(IncompleteRunException.class)
        .hasMessageContaining("expired")
        .hasMessageContaining("run the same command again");
    LocalRunner denied =
        new LocalRunner(storesWithout(inputFolder, new AccessDeniedException("x")), 2);
    assertThatThrownBy(() -> run(plan, denied)).isInstanceOf(InvalidInputException.class);
    run(plan, new LocalRunner(ByteStores.LOCAL, 2));
    assertThat(Reductions.verify(output).isOk()).isTrue();
  }

  private void run(ReducePlan plan, LocalRunner runner) {
    new ReduceRun(ByteStores.LOCAL, plan, input, null, "test")
        .run(runner, Existing.CONTINUE, Progress.SILENT, System.nanoTime());
  }

  /** Local stores, of which those below a folder fail. */
  private static ByteStores storesWithout(Path folder, IOException failure) {
    InvocationHandler fails =
        (proxy, method, arguments) -> {
          if (method.getName().equals("uri")) {
            return folder.toString();
          }
          throw failure;
        };
    ByteStore store =
        (ByteStore)
            Proxy.newProxyInstance(
                ByteStore.class.getClassLoader(), new Class<?>[] {ByteStore.class}, fails);
    return uri -> uri.startsWith(folder.toString()) ? store : ByteStores.LOCAL.open(uri);
  }

  @Test
  void continuesNpyFiles() throws Exception {
    Reduction files =
        Reductions.with(spec(), OutputFormats.named("npy"), null, null, Reduction.CHOOSE);
    Reductions.run(files, input, 1);
    Map<String, String> whole = Folders.hashes(Path.of(output), "");
    assertThat(whole).hasSize(2);
    Path gone = Path.of(output, "000001.npy");
    Files.delete(gone);
    Path run = Path.of(output + ".pointwise");
    for (String receipts : Folders.hashes(run, "receipts").keySet()) {
      Files.delete(run.resolve(receipts)); // as if the run was killed before storing receipts
    }
    assertThat(Reductions.verify(output).isOk()).isFalse();
    Reductions.run(files, input, 1);
    assertThat(Folders.hashes(Path.of(output), "")).isEqualTo(whole);
    VerificationFindings found = Reductions.verify(output);
    assertThat(found.json().path("whole").asInt()).as("%s", found.json()).isEqualTo(2);
    byte[] bytes = Files.readAllBytes(gone);
    bytes[bytes.length - 1] ^= 1;
    Files.write(gone, bytes);
    assertThat(Reductions.verify(output).json().path("corrupt").asInt()).isEqualTo(1);
  }

  /**
   * With chunks of three images, every file holds its own image, and each chunk is decoded once.
   */
  @Test
  void filesOfImagesSharingChunksHoldOwnImage() throws Exception {
    for (int format : new int[] {2, 3}) {
      Arrays4 array = Arrays4.random(Seed.random("shared"), new FeatureShape(7, 9, 10, 4));
      Extent chunk = new Extent(3, 4, 10);
      String group = folder + "/several" + format;
      FeatureSource source = Reductions.open(array.zarr(group, format, "n,y,x,c", chunk, chunk));
      float[] identity = new float[16];
      for (int c = 0; c < 4; c++) {
        identity[5 * c] = 1;
      }
      Head same =
          new Head("same", "test", PointwiseLayer.of(identity, new float[4], Activation.NONE));
      String files = folder + "/files" + format;
      Reduction spec =
          Reductions.with(
              Reductions.spec(files, same),
              OutputFormats.named("npy"),
              null,
              null,
              Reduction.CHOOSE);
      ObjectNode report = Reductions.run(spec, source, 2);
      assertThat(report.at("/thisRun/chunks").asInt()).isEqualTo(3 * 3);
      FeatureSource written = Formats.open(ByteStores.LOCAL, files, Axes.parse("n,y,x,c"), null);
      assertThat(Reductions.read(written)).isEqualTo(array.values());
      Files.delete(Path.of(files, "000004.npy"));
      assertThat(Reductions.run(spec, source, 1).at("/thisRun/pixels").asInt()).isEqualTo(7 * 90);
      assertThat(Reductions.read(written)).isEqualTo(array.values());
    }
  }

  @Test
  void exchangedAndForeignObjectsOfEqualLengthAreRewritten() throws Exception {
    Reduction bare =
        new Reduction(
            output,
            OutputFormats.named("zarr3"),
            List.of(head),
            null,
            Overflow.REFUSE,
            new Compression(Compression.Kind.NONE, 0),
            null,
            8 * 8 * 16);
    Reductions.run(bare, input, 2);
    Map<String, String> whole = Folders.hashes(Path.of(output), "/c/");
    Path shards = Path.of(output, "features/c");
    byte[] other = Files.readAllBytes(shards.resolve("1/2/2/0"));
    ElementAccess.putFloat32(other, 0, ElementAccess.float32At(other, 0) + 1);
    CRC32C crc = new CRC32C(); // valid by its own checksum, which follows the only chunk
    crc.update(other, 0, 8 * 8 * 16);
    ElementAccess.putInt(other, 8 * 8 * 16, (int) crc.getValue());
    Files.write(shards.resolve("1/2/2/0"), other);
    VerificationFindings found = Reductions.verify(output);
    assertThat(found.json().path("foreign").asInt()).as("%s", found.json()).isEqualTo(1);
    ObjectNode again = Reductions.run(bare, input, 2);
    assertThat(again.path("shardsWritten").asInt()).isEqualTo(1);
    assertThat(Folders.hashes(Path.of(output), "/c/")).isEqualTo(whole);
    assertThat(Reductions.verify(output).isOk()).isTrue();
  }

  @Test
  void reportsWholeOutputAndThisRunSeparately() throws Exception {
    ObjectNode first = Reductions.run(spec(), input, 2);
    Files.delete(Path.of(output, "features/c/0/1/1/0"));
    ObjectNode second = Reductions.run(spec(), input, 1);
    for (String figure : List.of("pixels", "bytesIn", "bytesOut", "maskedPixels")) {
      assertThat(second.path(figure)).as(figure).isEqualTo(first.path(figure));
    }
    assertThat(second.at("/thisRun/pixels").asInt()).isEqualTo(64);
    assertThat(second.at("/thisRun/bytesIn").asInt()).isEqualTo(64 * 8 * 4);
    assertThat(second.at("/thisRun/bytesOut").asInt())
        .isEqualTo((int) Files.size(Path.of(output, "features/c/0/1/1/0")));
  }

  @Test
  void refusesOutputOfOtherPlanAndForeignFolders() throws Exception {
    Reductions.run(spec(), input, 1);
    Reduction other =
        Reductions.with(spec(), OutputFormats.named("zarr3"), null, null, Reduction.CHOOSE);
    assertThatThrownBy(() -> Reductions.run(other, input, 1))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("holds the output of another plan")
        .hasMessageContaining("--overwrite");
    Path foreign = Files.createDirectories(folder.resolve("photos"));
    Files.writeString(foreign.resolve("cat.txt"), "mine");
    Reduction inForeignFolder = Reductions.spec(foreign.toString(), head);
    assertThatThrownBy(() -> Reductions.run(inForeignFolder, input, 1))
        .hasMessageContaining("it exists and Pointwise did not write it");
    assertThat(foreign.resolve("cat.txt")).exists();
    Reduction inside = Reductions.spec(inputFolder + "/data/out.zarr", head);
    assertThatThrownBy(() -> Reductions.run(inside, input, 1))
        .hasMessageContaining("it lies in the array");
    Reduction around = Reductions.spec(folder.toString(), head);
    assertThatThrownBy(() -> Reductions.run(around, input, 1))
        .hasMessageContaining("it lies in the input");
  }

  @Test
  void missingNodataChunksStayMissingAndReadAsNan() throws Exception {
    input = Formats.open(ByteStores.LOCAL, inputFolder + "/data", null, "nan");
    for (String gone : new String[] {"0/0/0/0", "0/0/1/0", "0/1/0/0", "0/1/1/0", "1/3/3/0"}) {
      Files.delete(inputFolder.resolve("data/c/" + gone));
    }
    Reduction merged =
        Reductions.with(spec(), OutputFormats.named("zarr3"), null, null, 16 * 16 * 16);
    ObjectNode report = Reductions.run(merged, input, 2);
    assertThat(report.path("shardsEmpty").asInt()).isEqualTo(1);
    assertThat(report.path("maskedPixels").asInt()).isEqualTo(5 * 64);
    assertThat(report.path("missingChunks").asInt()).isEqualTo(5);
    assertThat(report.at("/thisRun/chunks").asInt()).isEqualTo(32);
    assertThat(Path.of(output, "features/c/0/0/0/0")).doesNotExist();
    float[] values = Reductions.read(Reductions.open(output + "/features"));
    for (int p = 0; p < 2048; p++) {
      int n = p / 1024;
      int y = p / 32 % 32;
      int x = p % 32;
      boolean missing = n == 0 ? y < 16 && x < 16 : y >= 24 && x >= 24;
      assertThat(Float.isNaN(values[4 * p])).as("n %d y %d x %d", n, y, x).isEqualTo(missing);
    }
    VerificationFindings found = Reductions.verify(output);
    assertThat(found.isOk()).isTrue();
    assertThat(found.json().path("empty").asInt()).isEqualTo(1);
  }

  @Test
  void fillValuesInEveryNotationMeanNodata() throws Exception {
    Path json = inputFolder.resolve("data/zarr.json");
    String good = Files.readString(json);
    for (String fill : new String[] {"\"NaN\"", "\"AAAAAAAA+H8=\"", "-1", "-1.0"}) {
      String attributes = "\"attributes\" : {\"_FillValue\":" + fill + "}";
      Files.writeString(json, good.replace("\"attributes\" : { }", attributes));
      Nodata nodata = Reductions.open(inputFolder + "/data").info().quantisation().nodata();
      assertThat(nodata).as(fill).isNotNull();
      assertThat(nodata.asFloat())
          .as(fill)
          .isEqualTo(Float.valueOf(fill.startsWith("-1") ? -1 : Float.NaN));
    }
    Files.writeString(
        json, good.replace("\"attributes\" : { }", "\"attributes\" : {\"_FillValue\":\"none\"}"));
    assertThat(Reductions.open(inputFolder + "/data").info().quantisation().nodata()).isNull();
  }

  @Test
  void checksMemoryBeforeStart() {
    ReducePlan plan = ReducePlan.of(spec(), input.info());
    Matcher advice =
        Pattern.compile(
                "Cannot run: a task needs \\d+ MiB but has 1 MiB \\(2 tasks at once\\); use -Xmx(\\d+)m, fewer tasks at once, or a smaller --shard-size")
            .matcher(
                catchThrowableOfType(
                        InvalidInputException.class,
                        () -> plan.requireFits(Resources.of(2, 4 << 20, "-Xmx%dm")))
                    .getMessage());
    assertThat(advice.matches()).isTrue();
    plan.requireFits(Resources.of(2, Long.parseLong(advice.group(1)) << 20, "-Xmx%dm"));
    assertThatThrownBy(() -> Resources.of(2, 1 << 30, "-Xmx%dm").withPerTask(513 << 20))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "Cannot give a task 513 MiB: the heap has 1024 MiB for 2 tasks at once; use a smaller --memory-per-task, or -Xmx1155m");
  }

  @Test
  void shardsMergeInputChunksWhenChannelsDecrease() {
    Reduction chosen = Reductions.spec(output, head);
    ReducePlan plan = ReducePlan.of(chosen, input.info());
    assertThat(plan.units().count()).isEqualTo(1);
    assertThat(plan.output().chunk()).isEqualTo(new Extent(2, 32, 32));
    assertThat(plan.flops()).isEqualTo(2.0 * 2048 * 32);
    assertThat(plan.outputBytes()).isEqualTo(2048 * 16);
  }

  @Test
  void fullyConvolutionalScoresKeepShapes() throws Exception {
    // FCN-8s on VGG-16 (Long, Shelhamer, Darrell 2015): pool3, pool4 and fc7 of a 160 × 576 image.
    int[][] shapes = {{20, 72, 256}, {10, 36, 512}, {5, 18, 4096}};
    for (int[] s : shapes) {
      FeatureShape shape = new FeatureShape(1, s[0], s[1], s[2]);
      Arrays4 array = Arrays4.random(Seed.random("fcn"), shape);
      Extent chunk = new Extent(1, s[0], s[1]);
      FeatureSource source =
          Reductions.open(array.zarr(folder + "/fcn" + s[2], 3, "n,y,x,c", chunk, chunk));
      float[] weights = new float[2 * s[2]];
      java.util.Arrays.fill(weights, 0, s[2], 1f / s[2]);
      Head score =
          new Head("score", "test", PointwiseLayer.of(weights, new float[2], Activation.NONE));
      String target = folder + "/score" + s[2];
      Reductions.run(Reductions.spec(target, score), source, 1);
      FeatureSource reduced = Reductions.open(target + "/score");
      assertThat(reduced.info().shape()).isEqualTo(shape.withChannels(2));
      double mean = 0;
      for (int c = 0; c < s[2]; c++) {
        mean += array.at(0, 3, 4, c) / s[2];
      }
      float[] found = Reductions.read(reduced);
      assertThat((double) found[(3 * s[1] + 4) * 2])
          .isCloseTo(mean, org.assertj.core.api.Assertions.within(1e-5));
      assertThat(found[(3 * s[1] + 4) * 2 + 1]).isZero();
    }
  }
}
