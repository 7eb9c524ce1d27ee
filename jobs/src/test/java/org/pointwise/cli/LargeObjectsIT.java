package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.store.npy.NpyHeader;
import org.pointwise.tensor.ElementType;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;

/**
 * Tests objects larger than the heap, on every kind of store. {@code -Dtests.large.mib=3072} makes
 * them larger than any Java array.
 */
class LargeObjectsIT {
  private static final String HEAP = "288m";
  private static final int MIB = Integer.getInteger("tests.large.mib", 320);
  private static final int WIDTH = 4096;
  private static final int CHANNELS = 8;

  /** The height of the input, which has one channel of float32. */
  private static final int HEIGHT = MIB * 64;

  /** Output 0 is 2 · channel + 1 and output 1 is 4 · channel + 2. */
  private static final float[] WEIGHTS = {2, 4};

  private static final int MARK_COUNT = 200;

  @TempDir static Path folder;

  private static SparkHome spark;
  private static String input;
  private static final List<long[]> marks = new ArrayList<>(); // y, x, value

  @BeforeAll
  static void write() throws Exception {
    spark = SparkHome.ofBuild().archived().computing();
    input = folder + "/in.npy";
    byte[] header = NpyHeader.encode(ElementType.UINT8, new long[] {HEIGHT, WIDTH, CHANNELS});
    Random random = Seed.random("large objects");
    try (RandomAccessFile file = new RandomAccessFile(input, "rw")) { // zeros use no space
      file.write(header);
      file.setLength(header.length + (long) HEIGHT * WIDTH * CHANNELS);
      for (int i = 0; i < MARK_COUNT; i++) {
        long[] mark = {random.nextInt(HEIGHT), random.nextInt(WIDTH), 1 + random.nextInt(255)};
        long at = header.length + (mark[0] * WIDTH + mark[1]) * CHANNELS;
        file.seek(at);
        if (file.read() == 0) {
          file.seek(at);
          file.write((int) mark[2]);
          marks.add(mark);
        }
      }
    }
    layer("one", 1);
    layer("two", 2);
  }

  private static void layer(String name, int outputs) throws Exception {
    float[] values = new float[outputs * CHANNELS];
    float[] bias = new float[outputs];
    for (int i = 0; i < outputs; i++) {
      values[i * CHANNELS] = WEIGHTS[i];
      bias[i] = i + 1;
    }
    WeightsWriter.write(
        ByteStores.LOCAL,
        folder + "/" + name + ".safetensors",
        PointwiseLayer.of(values, bias, Activation.NONE),
        Map.of());
  }

  private static void run(List<String> settings, String... arguments) throws Exception {
    List<String> options = new ArrayList<>(List.of("--master", "local[2]"));
    options.addAll(List.of("--driver-memory", HEAP));
    options.addAll(settings);
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--runner", "local", "--threads", "1", "--quiet"));
    Processes done = Processes.awaitEnd(spark.submit(folder, options, all));
    assertThat(done.code()).as(done.out() + done.err()).isZero();
  }

  /** Writes everything to one shard and verifies every byte of it. */
  private static void reduceAndVerify(List<String> settings, String output) throws Exception {
    run(
        settings,
        "reduce",
        input,
        output,
        "--axes",
        "y,x,c",
        "--weights",
        folder + "/one.safetensors",
        "--compressor",
        "none",
        "--shard-size",
        MIB + "MiB");
    run(settings, "verify", output, "--deep");
  }

  private static String sha256(InputStream object) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (InputStream in = new DigestInputStream(object, digest)) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  @Test
  void writesLargeShardsToEveryStore() throws Exception {
    String local = folder + "/out.zarr";
    reduceAndVerify(List.of(), local);
    Path shard = Path.of(local, "features/c/0/0/0");
    assertThat(Files.size(shard)).isGreaterThan((long) MIB << 20);
    run(
        List.of(),
        "verify",
        local,
        "--input",
        input,
        "--axes",
        "y,x,c",
        "--weights",
        folder + "/one.safetensors",
        "--tiles",
        "4");
    String expected = sha256(Files.newInputStream(shard));
    try (HdfsProcesses hdfs = HdfsProcesses.start(folder, 1)) {
      reduceAndVerify(List.of(), hdfs.uri() + "/out.zarr");
      try (FileSystem files = FileSystem.newInstance(URI.create(hdfs.uri()), new Configuration())) {
        assertThat(sha256(files.open(new org.apache.hadoop.fs.Path("/out.zarr/features/c/0/0/0"))))
            .isEqualTo(expected);
      }
    }
    try (S3Server server = S3Server.start(folder)) {
      List<String> settings = new ArrayList<>(S3Server.options(server.port(), S3Server.SECRET));
      settings.addAll(List.of("--conf", "spark.hadoop.fs.s3a.fast.upload.buffer=disk"));
      reduceAndVerify(settings, "s3a://data/out.zarr");
      Path stored = server.buckets().resolve("data/out.zarr/features/c/0/0/0");
      assertThat(sha256(Files.newInputStream(stored))).isEqualTo(expected);
    }
  }

  /** A file whose rows arrive in order is sent directly; another is put in order first. */
  @Test
  @Tag("full")
  void writesLargeFilesInAnyAxisOrder() throws Exception {
    for (String order : List.of("y,x,c", "c,y,x")) {
      String output = folder + "/files-" + order.charAt(0);
      run(
          List.of(),
          "reduce",
          input,
          output,
          "--axes",
          "y,x,c",
          "--output-axes",
          order,
          "--weights",
          folder + "/two.safetensors",
          "--format",
          "npy");
      Path file = Path.of(output, "in.npy");
      long numbers = 2L * HEIGHT * WIDTH * Float.BYTES;
      long header = Files.size(file) - numbers;
      assertThat(header).isBetween(64L, 256L);
      try (RandomAccessFile read = new RandomAccessFile(file.toFile(), "r")) {
        for (long[] mark : marks) {
          for (int c = 0; c < 2; c++) {
            long pixel = mark[0] * WIDTH + mark[1];
            long at = order.startsWith("c") ? c * (long) HEIGHT * WIDTH + pixel : 2 * pixel + c;
            assertThat(number(read, header + at * Float.BYTES))
                .isEqualTo(WEIGHTS[c] * mark[2] + c + 1);
          }
        }
        assertThat(number(read, header + numbers - Float.BYTES)).isEqualTo(2);
      }
      Files.delete(file);
    }
  }

  private static float number(RandomAccessFile file, long at) throws Exception {
    byte[] bytes = new byte[Float.BYTES];
    file.seek(at);
    file.readFully(bytes);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getFloat();
  }
}
