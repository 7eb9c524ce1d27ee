package org.pointwise.bench;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.pointwise.format.Compression;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.InputFiles;
import org.pointwise.format.OutputArray;
import org.pointwise.format.OutputFormats;
import org.pointwise.format.OutputTarget;
import org.pointwise.quantise.Quantisation;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;

/**
 * Reads and writes one chunk with zstd level 1, by this project's code and by the library alone.
 */
final class Codecs {
  private static final int SIDE = KernelCase.SIDE;

  private final int channels;
  private final byte[] raw;
  private final Path folder;

  Codecs(KernelCase work) throws IOException {
    this.channels = work.in();
    this.folder = Files.createTempDirectory("pointwise-codecs");
    float[] x = work.pixels();
    this.raw = new byte[x.length * Float.BYTES];
    for (int i = 0; i < x.length; i++) {
      ElementAccess.putFloat32(raw, i * Float.BYTES, x[i]);
    }
    Path array = Files.createDirectories(folder.resolve("in.zarr"));
    String shape = "[1, %d, %d, %d]".formatted(SIDE, SIDE, channels);
    Files.writeString(
        array.resolve(".zarray"),
        """
        {"zarr_format": 2, "shape": %s, "chunks": %s, "dtype": "<f4", "order": "C",
         "compressor": {"id": "zstd", "level": 1}, "fill_value": 0, "filters": null}
        """
            .formatted(shape, shape));
    Files.write(array.resolve("0.0.0.0"), Zstd.compress(raw, 1));
  }

  private interface Step {
    void run() throws IOException;
  }

  private static Contender of(Step step) {
    return () -> {
      try {
        step.run();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  Contender read() throws IOException {
    String uri = folder.resolve("in.zarr").toString();
    FeatureSource source = Formats.open(ByteStores.LOCAL, uri, Axes.parse("n,y,x,c"), null);
    FeatureSource.Reader reader = source.reader();
    Box box = source.info().shape().box();
    return of(() -> reader.read(box));
  }

  Contender readByLibrary() {
    Path file = folder.resolve("in.zarr/0.0.0.0");
    ZstdDecompressCtx context = new ZstdDecompressCtx();
    byte[] out = new byte[raw.length];
    return of(
        () -> {
          byte[] stored = Files.readAllBytes(file);
          context.decompressByteArray(out, 0, out.length, stored, 0, stored.length);
        });
  }

  Contender write() {
    Extent chunk = new Extent(1, SIDE, SIDE);
    List<String> names = List.of("n", "y", "x", "c");
    OutputTarget target =
        new OutputTarget(
            "out",
            true,
            new FeatureShape(1, SIDE, SIDE, channels),
            names,
            Quantisation.floating(ElementType.FLOAT32),
            new OutputArray(Axes.parse("n,y,x,c"), names, chunk, chunk, false),
            new Compression(Compression.Kind.ZSTD, 1),
            InputFiles.NONE);
    Box box = target.shape().box();
    FeatureSink.Writer writer =
        OutputFormats.named("zarr2")
            .sink(ByteStores.LOCAL.open(folder.toString()), target)
            .writer();
    writer.begin(box);
    System.arraycopy(raw, 0, writer.chunk(box).bytes(), 0, raw.length);
    return of(
        () -> {
          writer.begin(box);
          writer.chunk(box);
          writer.endChunk();
          writer.end();
        });
  }

  Contender writeByLibrary() {
    ByteStore store = ByteStores.LOCAL.open(folder.toString());
    ZstdCompressCtx context = new ZstdCompressCtx();
    context.setLevel(1).setChecksum(true);
    byte[] out = new byte[Math.toIntExact(Zstd.compressBound(raw.length))];
    return of(
        () -> {
          int length = context.compressByteArray(out, 0, out.length, raw, 0, raw.length);
          store.put("by-library", out, 0, length);
        });
  }
}
