package org.pointwise.parquet;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.InputFiles;
import org.pointwise.format.Location;
import org.pointwise.format.OutputArray;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.OutputRequest;
import org.pointwise.format.OutputTarget;
import org.pointwise.format.Subset;
import org.pointwise.format.WriteMemory;
import org.pointwise.quantise.Quantisation;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.ObjectAssembly;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;

/**
 * Writes tables: one file for each file of the input, of the same name, with its other columns,
 * order of rows, null vectors and metadata.
 */
public final class ParquetOutput implements OutputFormat {
  private static final Set<ElementType> TYPES = Set.of(ElementType.FLOAT32, ElementType.FLOAT64);
  private static final long STEP_BYTES = 4L << 20;

  @Override
  public String name() {
    return ParquetFormat.NAME;
  }

  @Override
  public String toString() {
    return name();
  }

  @Override
  public boolean recognisesName(String output) {
    return ParquetFormat.isTable(output);
  }

  @Override
  public boolean stores(ArrayInfo input) {
    return input.format().equals(ParquetFormat.NAME);
  }

  @Override
  public boolean perFile() {
    return true;
  }

  @Override
  public boolean copiesInput() {
    return true;
  }

  /** Returns false: which rows of a page are null is stored in the page. */
  @Override
  public boolean storesUnreadable() {
    return false;
  }

  @Override
  public boolean compresses() {
    return false;
  }

  @Override
  public OutputArray layout(OutputRequest request) {
    ArrayInfo input = request.input();
    if (!stores(input)) {
      throw new InvalidInputException(
          "Cannot store %s as %s: it is no table; use another --format"
              .formatted(input.uri(), name()));
    }
    Subset part = input.subset();
    if (part != null && input.whole().shape().x() != part.columns().count()) {
      throw new InvalidInputException(
          "Cannot store a part of the rows of %s as %s: each file has the rows of its input; leave out --bbox"
              .formatted(input.uri(), name()));
    }
    for (Quantisation quantisation : request.quantisations()) {
      if (!TYPES.contains(quantisation.type())) {
        throw new InvalidInputException(
            "Cannot store %s as %s: a list has no such type; use --dtype float32 or float64"
                .formatted(quantisation.type(), name()));
      }
    }
    Extent file = new Extent(1, 1, Math.toIntExact(input.shape().x()));
    return new OutputArray(request.axes(), request.dimensionNames(), file, file, false);
  }

  @Override
  public Extent chunkStep(OutputArray array, long pixelBytes, Extent object, Extent tile) {
    long rows = Math.max(1, STEP_BYTES / pixelBytes / tile.x()) * tile.x();
    return object.withLength(Axis.X, (int) Math.min(object.x(), rows));
  }

  @Override
  public WriteMemory memory(OutputArray array, long pixelBytes, Extent step) {
    long written = 2L * ObjectAssembly.MAX_BUFFERED_BYTES;
    return new WriteMemory(
        step.pixels() * pixelBytes
            + 6L * VectorPages.PAGE_BYTES
            + written
            + 2L * StoreStream.READ_BYTES,
        2L * VectorPages.PAGE_BYTES + written);
  }

  @Override
  public List<String> fileNames(InputFiles files, long image) {
    return List.of(files.names().get(files.names().size() == 1 ? 0 : Math.toIntExact(image)));
  }

  @Override
  public String arrayUri(String files, ArrayInfo input) {
    return ParquetFormat.uri(files, column(input));
  }

  private static String column(ArrayInfo input) {
    return Objects.requireNonNull(new Location(ByteStores.LOCAL, input.uri()).member());
  }

  @Override
  public FeatureSink sink(ByteStore store, OutputTarget target) {
    throw new UnsupportedOperationException("A table is written from its input");
  }

  @Override
  public FeatureSink sink(ByteStore store, OutputTarget target, FeatureSource source) {
    ByteStore input = source.store();
    String column = column(source.info());
    return new ParquetSink(
        store,
        target.isOnly() ? "" : target.name(),
        image -> fileNames(target.files(), image).get(0),
        image -> TableFile.open(input, fileNames(target.files(), image).get(0), column, true),
        source.mask() == null ? source.info().whole().shape().c() : 0,
        target.shape().c(),
        target.quantisation().type());
  }
}
