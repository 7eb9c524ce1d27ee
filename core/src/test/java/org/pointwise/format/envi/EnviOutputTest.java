package org.pointwise.format.envi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.OutputFormats;
import org.pointwise.format.Subset;
import org.pointwise.plan.Head;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.Reduction;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.IndexList;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;
import org.pointwise.testing.PythonPeers;
import org.pointwise.testing.Reductions;
import org.pointwise.testing.Seed;

/** Checks written cubes with GDAL, and that headers always describe the stored data. */
class EnviOutputTest {
  private static final int TRIALS = 40;
  private static final String PLACE =
      """
      map info = {UTM, 1.000, 1.000, 430000.0, 4650000.0, 30.0, 30.0, 33, North, WGS-84}
      coordinate system string = {PROJCS["WGS_1984_UTM_Zone_33N",GEOGCS["GCS_WGS_1984",
       DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],
       UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],
       PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],
       PARAMETER["Central_Meridian",15.0],PARAMETER["Scale_Factor",0.9996],
       PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]}
      """;

  private Random random = new Random(0);

  @TempDir Path folder;

  @BeforeEach
  void draw() {
    random = Seed.random("envi-output");
  }

  private int randomUpTo(int max) {
    return 1 + random.nextInt(max);
  }

  private <T> T anyOf(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  private Head head(String name, int channels) {
    float[] weights = new float[channels * randomUpTo(5)];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    Activation activation = anyOf(List.of(Activation.NONE, Activation.RELU, Activation.GELU));
    return new Head(
        name, "test", PointwiseLayer.of(weights, new float[weights.length / channels], activation));
  }

  private static void reduce(
      String format, Path output, FeatureSource input, ElementType type, Axes axes, Head... heads) {
    Reduction spec = Reductions.spec(output.toString(), heads);
    Reductions.run(
        Reductions.with(spec, OutputFormats.named(format), type, axes, Reduction.CHOOSE), input, 2);
    assertThat(Reductions.verify(output.toString()).isOk()).isTrue();
  }

  /** Returns the array, or a window of it whose first row and column stand in a file. */
  private FeatureSource window(FeatureSource input, Path own) throws Exception {
    FeatureShape shape = input.info().shape();
    if (random.nextBoolean() || !input.info().uniform()) {
      return input;
    }
    IndexList rows = range(shape.y());
    IndexList columns = range(shape.x());
    Files.writeString(own.resolve("window"), rows.first() + "," + columns.first());
    return Formats.subset(
        input,
        new Subset(IndexList.range(0, shape.n()), rows, columns, IndexList.range(0, shape.c())));
  }

  private IndexList range(long length) {
    long first = random.nextLong(length);
    return IndexList.range(first, first + 1 + random.nextLong(length - first));
  }

  @Test
  void gdalReadsSameValuesAsNumPy() throws Exception {
    for (int trial = 0; trial < TRIALS; trial++) {
      Path own = Files.createDirectory(folder.resolve("case-%02d".formatted(trial)));
      FeatureSource input = window(input(own), own);
      int channels = input.info().shape().c();
      Head[] heads =
          IntStream.range(0, randomUpTo(3))
              .mapToObj(i -> head("h" + i, channels))
              .toArray(Head[]::new);
      Axes axes = linesFirst(input.info().axes());
      ElementType type = anyOf(List.of(ElementType.FLOAT32, ElementType.FLOAT64));
      Files.writeString(own.resolve("axes"), axes.toString());
      reduce("npy", own.resolve("npy"), input, type, axes, heads);
      reduce("envi", own.resolve("envi"), input, type, axes, heads);
    }
    PythonPeers.run("read_cubes.py", folder.toString());
  }

  /** Random features, some of them nodata, in one of the readable formats. */
  private FeatureSource input(Path own) throws IOException {
    String format = anyOf(List.of("zarr", "npy-folder", "npy-file", "envi"));
    boolean several = !format.equals("npy-file") && !format.equals("envi");
    FeatureShape shape =
        new FeatureShape(several ? randomUpTo(4) : 1, randomUpTo(9), randomUpTo(9), randomUpTo(6));
    Arrays4 array = Arrays4.random(random, shape);
    for (int i = 0; i < array.values().length; i++) {
      array.values()[i] = random.nextInt(20) == 0 ? Float.NaN : array.values()[i];
    }
    if (format.equals("envi")) {
      return cube(own, array);
    }
    List<String> order = new ArrayList<>(List.of("n", "y", "x", "c"));
    Collections.shuffle(order, random);
    if (format.equals("npy-folder")) {
      order.remove("n");
    }
    String axes = String.join(",", order);
    Extent chunk = new Extent(randomUpTo((int) shape.n()), randomUpTo(9), randomUpTo(9));
    String uri =
        switch (format) {
          case "zarr" -> array.zarr(own + "/in.zarr", 2 + random.nextInt(2), axes, chunk, chunk);
          case "npy-folder" -> array.npyFolder(own + "/in", axes);
          default -> array.npyFile(own.toString(), "in.npy", axes);
        };
    boolean named = format.equals("zarr");
    return Formats.open(ByteStores.LOCAL, uri, named ? null : Axes.parse(axes), "nan");
  }

  /** A cube with georeferencing. */
  private FeatureSource cube(Path own, Arrays4 array) throws IOException {
    Path bare = own.resolve("bare");
    String axes = anyOf(List.of("y,x,c", "y,c,x", "c,y,x"));
    FeatureSource numbers =
        Formats.open(
            ByteStores.LOCAL,
            array.npyFile(own.toString(), "in.npy", axes),
            Axes.parse(axes),
            null);
    reduce("envi", bare, numbers, null, null, head("features", array.shape().c()));
    Files.copy(bare.resolve("in.img"), own.resolve("in.img"));
    Files.writeString(own.resolve("in.hdr"), Files.readString(bare.resolve("in.hdr")) + PLACE);
    return Reductions.open(own.resolve("in.hdr").toString());
  }

  /** Another order of the same axes that a cube supports. */
  private Axes linesFirst(Axes input) {
    List<Axis> order = new ArrayList<>(input.order());
    do {
      Collections.shuffle(order, random);
    } while (order.indexOf(Axis.X) < order.indexOf(Axis.Y));
    return new Axes(order);
  }

  @Test
  void staleHeaderIsDeletedBeforeNewDataIsWritten() throws Exception {
    HeaderText headers =
        new HeaderText(Interleave.BIP, 2, ElementType.FLOAT32, JsonText.object(), "");
    ByteStore store = ByteStores.LOCAL.open(folder.toString());
    write(new EnviSink(store, "", image -> List.of("a.img", "a.hdr"), headers), 3);
    byte[] header = Files.readAllBytes(folder.resolve("a.hdr"));
    EnviSink failing =
        new EnviSink(withoutHeaders(store), "", image -> List.of("a.img", "a.hdr"), headers);

    assertThatThrownBy(() -> write(failing, 3)).hasMessageContaining("a.hdr");
    assertThat(folder.resolve("a.hdr")).hasBinaryContent(header);
    assertThatThrownBy(() -> write(failing, 4)).hasMessageContaining("a.hdr");
    assertThat(folder.resolve("a.img")).hasSize(2 * 4 * 2 * 4);
    assertThat(folder.resolve("a.hdr")).doesNotExist();
  }

  private static void write(FeatureSink sink, int samples) throws IOException {
    Box box = new Box(0, 1, 0, 2, 0, samples);
    FeatureSink.Writer writer = sink.writer();
    writer.begin(box);
    writer.chunk(box);
    writer.endChunk();
    try {
      assertThat(writer.end().stream().map(FeatureSink.StoredObject::key).toList())
          .isEqualTo(sink.keys(box));
    } finally {
      writer.abort();
    }
  }

  /** The same store, except that putting a header fails. */
  private static ByteStore withoutHeaders(ByteStore store) {
    return (ByteStore)
        Proxy.newProxyInstance(
            ByteStore.class.getClassLoader(),
            new Class<?>[] {ByteStore.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("put") && arguments[0].toString().endsWith(".hdr")) {
                throw new IOException("no place for " + arguments[0]);
              }
              try {
                return method.invoke(store, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void damagedOrExchangedHeaderIsDetectedAndRewritten() throws Exception {
    Arrays4 array = Arrays4.random(random, new FeatureShape(2, 3, 4, 5));
    Extent image = new Extent(1, 3, 4);
    FeatureSource input =
        Reductions.open(array.zarr(folder + "/in.zarr", 3, "n,y,x,c", image, image));
    Path output = folder.resolve("out");
    Head head = head("features", 5);
    reduce("envi", output, input, null, null, head);
    Map<String, String> whole = Folders.hashes(output, "");
    assertThat(whole).hasSize(4);
    Path header = output.resolve("000001.hdr");
    String text = Files.readString(header);
    for (String damaged :
        List.of(text.replace("= bip", "= bil"), text.replace("lines = 3", "lines = 1"), "")) {
      Files.writeString(header, damaged);
      assertThat(Reductions.verify(output.toString()).isOk()).isFalse();
      reduce("envi", output, input, null, null, head);
      assertThat(Folders.hashes(output, "")).isEqualTo(whole);
    }
    Files.delete(header);
    assertThat(Reductions.verify(output.toString()).json().path("neverWritten").asInt()).isOne();
    reduce("envi", output, input, null, null, head);
    assertThat(Folders.hashes(output, "")).isEqualTo(whole);
    String receipts =
        Files.readString(Path.of(output + ".pointwise/receipts").toFile().listFiles()[0].toPath());
    assertThat(receipts).contains("000001.hdr").contains(whole.get("000001.hdr"));
    assertThat(Files.readString(Path.of(output + ".pointwise/plan.json"), StandardCharsets.UTF_8))
        .containsPattern("\"files\" ?: ?4");
  }

  @Test
  void outputsThatEnviCannotStoreAreRefused() throws Exception {
    Arrays4 array = Arrays4.random(random, new FeatureShape(3, 2, 4, 5));
    String file = array.npyFile(folder.toString(), "in.npy", "n,y,x,c");
    refuses(
        Formats.open(ByteStores.LOCAL, file, Axes.parse("n,y,x,c"), null),
        null,
        null,
        "Cannot store %s as envi: it has 3 images in one file but a cube has one; use --format zarr3 or zarr2"
            .formatted(file));
    Extent image = new Extent(1, 2, 4);
    FeatureSource input =
        Reductions.open(array.zarr(folder + "/in.zarr", 3, "n,y,x,c", image, image));
    refuses(
        input,
        ElementType.FLOAT16,
        null,
        "Cannot store float16 as envi: ENVI has no such type; use --dtype float32 or float64");
    refuses(
        input,
        null,
        Axes.parse("n,x,c,y"),
        "Cannot store axes n,x,c,y as envi: a cube has its lines (y) before its samples (x); use --output-axes n,y,c,x");
    Path images = Path.of(array.npyFolder(folder + "/images", "y,x,c"));
    Files.move(images.resolve("image01.npy"), images.resolve("image00.img.npy"));
    refuses(
        Formats.open(ByteStores.LOCAL, images.toString(), Axes.parse("y,x,c"), null),
        null,
        null,
        "Cannot write a cube for each of %s: image00.img would be a file of one image and the name of another; rename one"
            .formatted(images));
  }

  private void refuses(FeatureSource input, ElementType type, Axes axes, String message) {
    Reduction spec = Reductions.spec(folder + "/out", head("features", 5));
    Reduction cubes =
        Reductions.with(spec, OutputFormats.named("envi"), type, axes, Reduction.CHOOSE);
    assertThatThrownBy(() -> ReducePlan.of(cubes, input.info()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(message);
  }
}
