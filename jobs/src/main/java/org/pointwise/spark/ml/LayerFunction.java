package org.pointwise.spark.ml;

import java.io.Serializable;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.util.LongAccumulator;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.KernelProvider;
import org.pointwise.conv.PixelKernel;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.spark.LayerWire;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;

/**
 * Applies a layer to the values of a column. Spark calls {@link #apply} from generated code, in
 * each task on its own copy. Thread-safe.
 */
public final class LayerFunction implements Serializable {
  private static final long serialVersionUID = 1;
  private static final byte DENSE = 1;

  private final FeatureColumn column;
  private final byte[] layer;
  private final int inChannels;
  private final boolean nanIsNodata;
  private final LongAccumulator nonFinite;
  private transient volatile @Nullable ThreadLocal<Kernel> kernels;

  /** The kernel and the buffers of a thread. */
  private static final class Kernel {
    final PixelKernel pixels;
    final float[] outputs;
    byte[] wide = new byte[0];
    long nonFinite;

    Kernel(PointwiseLayer layer) {
      this.pixels = KernelProvider.forThisJvm().pixelKernel(layer);
      this.outputs = new float[layer.outChannels()];
    }
  }

  private LayerFunction(
      FeatureColumn column, PointwiseLayer layer, boolean nanIsNodata, LongAccumulator nonFinite) {
    this.column = column;
    this.layer = LayerWire.encode(layer);
    this.inChannels = layer.inChannels();
    this.nanIsNodata = nanIsNodata;
    this.nonFinite = nonFinite;
  }

  /**
   * Returns the data with a column of the layer's outputs: a dense vector where the input is a
   * vector, else {@code ARRAY<FLOAT>}. The output of null is null.
   *
   * @param nanIsNodata whether the output of a pixel with NaN is null; otherwise its outputs are
   *     NaN, and Spark's UI shows how many pixels have an output that is not finite
   */
  public static Dataset<Row> addColumn(
      Dataset<?> data, String input, String output, PointwiseLayer layer, boolean nanIsNodata) {
    FeatureColumn column = FeatureColumn.of(data.schema(), input, ElementType.FLOAT32);
    LongAccumulator nonFinite =
        data.sparkSession()
            .sparkContext()
            .longAccumulator("pixels of %s not finite".formatted(output));
    LayerFunction function = new LayerFunction(column, layer, nanIsNodata, nonFinite);
    Column outputs =
        SparkExpressions.call(
            function,
            "apply",
            Columns.outputType(column.type()),
            Columns.find(data.schema(), input).quoted());
    Metadata metadata = Columns.outputMetadata(column.type(), output, layer.outChannels());
    return data.withColumn(output, outputs.as(output, metadata));
  }

  /** Returns the outputs of a value, in Spark's internal form; null for nodata. */
  public @Nullable Object apply(Object value) {
    Kernel kernel = kernels().get();
    if (!read(value, kernel)) {
      return null;
    }
    float[] outputs = kernel.outputs;
    kernel.pixels.apply(outputs);
    if (kernel.pixels.nonFinite() > kernel.nonFinite) {
      nonFinite.add(kernel.pixels.nonFinite() - kernel.nonFinite);
      kernel.nonFinite = kernel.pixels.nonFinite();
    }
    if (column.type() != FeatureType.VECTORS) {
      return UnsafeArrayData.fromPrimitiveArray(outputs);
    }
    double[] widened = new double[outputs.length];
    for (int o = 0; o < widened.length; o++) {
      widened[o] = outputs[o];
    }
    return new GenericInternalRow(
        new Object[] {DENSE, null, null, UnsafeArrayData.fromPrimitiveArray(widened)});
  }

  /** Reads a value into the kernel. Returns whether it has data. */
  private boolean read(Object value, Kernel kernel) {
    FeatureType type = column.type();
    if (type.isBytes()) {
      type = typeOf(((byte[]) value).length);
    }
    int channels = column.withType(type).channels(value);
    if (channels != inChannels) {
      throw new InvalidInputException(
          "Cannot reduce column %s: a value has %s but the layer reads %d; use the layer of this column or correct the table%s"
              .formatted(
                  column.name(),
                  Count.of(channels, "channel"),
                  inChannels,
                  channels == kernel.outputs.length
                      ? ", or load a matrix F×F′ with kernel layout io"
                      : ""));
    }
    byte[] line = kernel.pixels.input();
    if (type.elements() == ElementType.FLOAT32) {
      type.copy(value, line, 0);
    } else {
      convert(type, value, kernel);
    }
    for (int c = 0; c < inChannels && nanIsNodata; c++) {
      if (Float.isNaN(ElementAccess.float32At(line, Float.BYTES * c))) {
        return false;
      }
    }
    return true;
  }

  /** Returns the type of the numbers in a value of some bytes. */
  private FeatureType typeOf(int bytes) {
    if (bytes == inChannels * Float.BYTES) {
      return FeatureType.FLOAT32_BYTES;
    }
    if (bytes == inChannels * Short.BYTES) {
      return FeatureType.FLOAT16_BYTES;
    }
    throw new InvalidInputException(
        "Cannot reduce column %s: a value has %s but the %s of the layer are %d of float32 or %d of float16; use the layer of this column or correct the table"
            .formatted(
                column.name(),
                Count.of(bytes, "byte"),
                Count.of(inChannels, "channel"),
                inChannels * Float.BYTES,
                inChannels * Short.BYTES));
  }

  /** Rounds numbers to float32; those beyond it are infinite. */
  private void convert(FeatureType type, Object value, Kernel kernel) {
    int bytes = type.elements().bytes();
    if (kernel.wide.length < inChannels * bytes) {
      kernel.wide = new byte[inChannels * bytes];
    }
    type.copy(value, kernel.wide, 0);
    for (int c = 0; c < inChannels; c++) {
      double number =
          ElementAccess.doubleAt(kernel.wide, c * bytes, type.elements(), ByteOrder.LITTLE_ENDIAN);
      kernel.pixels.set(c, (float) number);
    }
  }

  private ThreadLocal<Kernel> kernels() {
    ThreadLocal<Kernel> found = kernels;
    return found == null ? createKernels() : found;
  }

  private synchronized ThreadLocal<Kernel> createKernels() {
    ThreadLocal<Kernel> found = kernels;
    if (found == null) {
      PointwiseLayer decoded = LayerWire.decode(layer);
      found = ThreadLocal.withInitial(() -> new Kernel(decoded));
      kernels = found;
    }
    return found;
  }

  /**
   * Returns whether both apply the same layer in the same way, so that Spark finds cached plans.
   */
  @Override
  public boolean equals(Object other) {
    return other instanceof LayerFunction function
        && function.column.equals(column)
        && Arrays.equals(function.layer, layer)
        && function.nanIsNodata == nanIsNodata;
  }

  @Override
  public int hashCode() {
    return 31 * column.hashCode() + Arrays.hashCode(layer);
  }

  @Override
  public String toString() {
    return "layer(%s)".formatted(column.name());
  }
}
