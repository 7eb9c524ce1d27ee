package org.pointwise.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.pointwise.conv.KernelProvider;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Companions;
import org.pointwise.format.Compression;
import org.pointwise.format.Compression.Kind;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.InputFiles;
import org.pointwise.format.OutputArray;
import org.pointwise.format.OutputDescription;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.OutputFormats;
import org.pointwise.format.OutputTarget;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.Tile;

/**
 * Real arrays written as Zarr v3 and read again with each compressor: size, and speed of one thread
 * with files in the page cache. What {@code --compressor auto} chooses rests on it.
 */
public final class CodecBench {
  private static final int MAX_CHUNKS = 64;
  private static final int ROUNDS = 15;
  private static final OutputFormat FORMAT = OutputFormats.named("zarr3");

  private static final List<Compression> CODECS =
      List.of(
          new Compression(Kind.ZSTD, 1),
          new Compression(Kind.ZSTD, 3),
          new Compression(Kind.BLOSC, 1),
          new Compression(Kind.BLOSC, 5),
          new Compression(Kind.NONE, 0));

  private final String name;
  private final ArrayInfo info;
  private final List<Box> tiles = new ArrayList<>();
  private final List<byte[]> chunks = new ArrayList<>();
  private long bytes;

  private CodecBench(String uri) throws IOException {
    FeatureSource source = Formats.open(ByteStores.LOCAL, uri, null, null);
    this.name = ByteStores.name(ByteStores.parent(uri)) + "/" + ByteStores.name(uri);
    this.info = source.info();
    List<Box> all = new ArrayList<>();
    info.shape().box().split(info.tile(), all::add);
    int step = Math.max(1, all.size() / MAX_CHUNKS);
    try (FeatureSource.Reader reader = source.reader()) {
      for (int i = 0; i < all.size() && tiles.size() < MAX_CHUNKS; i += step) {
        byte[] chunk = numbers(reader.read(all.get(i)));
        tiles.add(all.get(i));
        chunks.add(chunk);
        bytes += chunk.length;
      }
    }
  }

  /** Encodes the values with the channels of a pixel adjacent. */
  private byte[] numbers(Tile tile) {
    Box box = tile.box();
    int size = info.type().bytes();
    int channels = info.shape().c();
    byte[] numbers = new byte[Math.toIntExact(box.pixels() * channels * size)];
    for (ChannelBlock block : tile.blocks()) {
      for (int p = 0; p < box.pixels(); p++) {
        for (int c = 0; c < block.channels(); c++) {
          int from = block.byteOffset(p / box.x() / box.y(), p / box.x() % box.y(), p % box.x(), c);
          int to = (p * channels + block.firstChannel() + c) * size;
          System.arraycopy(block.bytes(), from, numbers, to, size);
        }
      }
    }
    return numbers;
  }

  /** One array as stored by one compressor. */
  private final class Stored {
    private final Compression compression;
    private final Path array;
    private final FeatureSink.Writer writer;
    private double writing = Double.POSITIVE_INFINITY;
    private double reading = Double.POSITIVE_INFINITY;

    Stored(Compression compression) throws IOException {
      this.compression = compression;
      Path folder = Files.createTempDirectory("pointwise-codecs");
      this.array = folder.resolve("out");
      List<String> dimensions = info.axes().order().stream().map(axis -> axis.letter()).toList();
      OutputTarget target =
          new OutputTarget(
              "out",
              false,
              info.shape(),
              dimensions,
              info.quantisation(),
              new OutputArray(info.axes(), dimensions, info.tile(), info.tile(), false),
              compression,
              InputFiles.NONE);
      ByteStore store = ByteStores.LOCAL.open(folder.toString()).withoutSync();
      FORMAT.describe(
          store,
          new OutputDescription(
              List.of(target), List.of(), null, List.of(), Companions.none(), true));
      this.writer = FORMAT.sink(store, target).writer();
    }

    void write() throws IOException {
      long begun = System.nanoTime();
      for (int i = 0; i < tiles.size(); i++) {
        writer.begin(tiles.get(i));
        ChannelBlock block = writer.chunk(tiles.get(i));
        System.arraycopy(chunks.get(i), 0, block.bytes(), 0, chunks.get(i).length);
        writer.endChunk();
        writer.end();
      }
      writing = Math.min(writing, (System.nanoTime() - begun) / 1e9);
    }

    void read() throws IOException {
      FeatureSource source = Formats.open(ByteStores.LOCAL, array.toString(), null, null);
      long begun = System.nanoTime();
      try (FeatureSource.Reader reader = source.reader()) {
        for (Box tileBox : tiles) {
          reader.read(tileBox);
        }
      }
      reading = Math.min(reading, (System.nanoTime() - begun) / 1e9);
    }

    void print() throws IOException {
      System.out.printf(
          Locale.ROOT,
          "%-30s %-9s %-14s %8.3f× %8.0f MB/s %8.0f MB/s%n",
          name,
          info.type(),
          compression,
          (double) bytes / stored(array),
          bytes / 1e6 / writing,
          bytes / 1e6 / reading);
    }
  }

  /**
   * Measures all compressors in each round, so that load of the machine affects all alike. Keeps
   * the best round.
   */
  private void measure() throws IOException {
    List<Stored> all = new ArrayList<>();
    for (Compression compression : CODECS) {
      all.add(new Stored(compression));
    }
    for (int round = 0; round < ROUNDS; round++) {
      for (Stored stored : all) {
        stored.write();
        stored.read();
      }
    }
    for (Stored stored : all) {
      stored.print();
    }
  }

  private static long stored(Path array) throws IOException {
    try (Stream<Path> files = Files.walk(array.resolve("c"))) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  /**
   * @param args arrays
   */
  public static void main(String... args) throws IOException {
    System.out.println(Machine.describe() + ", " + KernelProvider.forThisJvm().reason());
    System.out.printf(
        "%-30s %-9s %-14s %9s %13s %13s%n",
        "array", "type", "compressor", "smaller", "writing", "reading");
    for (String uri : args) {
      new CodecBench(uri).measure();
    }
  }
}
