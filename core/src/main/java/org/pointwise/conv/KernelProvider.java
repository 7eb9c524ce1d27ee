package org.pointwise.conv;

import java.lang.reflect.Constructor;
import java.nio.ByteOrder;
import java.util.List;
import org.pointwise.quantise.Overflow;
import org.pointwise.quantise.Quantisation;

/**
 * Selects the inner loops for this JVM and makes the kernels that use them. The reason of the
 * selection is logged once and stored in the report.
 */
public final class KernelProvider {
  private static final int MIN_LANES = 4;

  private final Microkernel microkernel;
  private final ElementConversions conversions;
  private final Float64Loops float64;
  private final String reason;

  private KernelProvider(
      Microkernel microkernel,
      ElementConversions conversions,
      Float64Loops float64,
      String reason) {
    this.microkernel = microkernel;
    this.conversions = conversions;
    this.float64 = float64;
    this.reason = reason;
  }

  /**
   * Returns SIMD loops if the JVM was started with the vector module, otherwise plain Java. Both
   * compute the same bytes.
   */
  public static KernelProvider forThisJvm() {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return plain("start the JVM with --add-modules jdk.incubator.vector to use SIMD");
    }
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      return plain("SIMD is for little-endian machines");
    }
    Microkernel vector = (Microkernel) load("org.pointwise.conv.VectorMicrokernel");
    if (vector.lanes() < MIN_LANES) {
      return plain("this machine's vectors have only %d lanes".formatted(vector.lanes()));
    }
    return new KernelProvider(
        vector,
        (ElementConversions) load("org.pointwise.conv.VectorElementConversions"),
        (Float64Loops) load("org.pointwise.conv.VectorFloat64Loops"),
        "vector: %d-bit".formatted(vector.lanes() * Float.SIZE));
  }

  private static Object load(String name) {
    try {
      Constructor<?> constructor = Class.forName(name).getDeclaredConstructor();
      return constructor.newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot load the vector kernel beside its module", e);
    }
  }

  /** Returns loops in plain Java, for any JVM. */
  public static KernelProvider plain() {
    return plain("asked for");
  }

  private static KernelProvider plain(String reason) {
    return new KernelProvider(
        new PlainMicrokernel(),
        new PlainElementConversions(),
        new PlainFloat64Loops(),
        "plain: " + reason);
  }

  /**
   * Makes a kernel for one thread.
   *
   * @param layers the heads, all with the same number of input channels
   * @param input converts stored numbers of tiles to features; each block has its own element type
   * @param outputs convert each head's features to stored numbers
   * @param overflow how to handle finite results that are too large for the output's type
   * @throws IllegalArgumentException if an output is not {@link Quantisation#isFloating}
   */
  public TileKernel kernel(
      List<PointwiseLayer> layers,
      Quantisation input,
      List<Quantisation> outputs,
      Overflow overflow) {
    return new CpuKernel(this, layers, input, outputs, overflow);
  }

  /** Makes a kernel of single pixels, for one thread. */
  public PixelKernel pixelKernel(PointwiseLayer layer) {
    return new PixelKernel(layer, microkernel);
  }

  /** Returns the bytes of packed weights and scratch memory of a kernel of these layers. */
  public static long scratchBytes(List<PointwiseLayer> layers) {
    long in = (long) layers.get(0).inChannels() + PackedWeights.SLICE;
    long out = layers.stream().mapToLong(PointwiseLayer::outChannels).sum() + 32;
    long narrow =
        layers.stream()
            .mapToLong(PointwiseLayer::outChannels)
            .filter(outputs -> outputs <= PackedWeights.NARROW)
            .sum();
    long weights = in * out * Microkernel.LINE / PackedWeights.SLICE;
    return Float.BYTES * (weights + BlockKernel.scratchFloats(in, out, narrow));
  }

  Microkernel microkernel() {
    return microkernel;
  }

  ElementConversions conversions() {
    return conversions;
  }

  Float64Loops float64() {
    return float64;
  }

  /**
   * Returns whether the kernel uses vector instructions. Without them it is several times slower.
   */
  public boolean simd() {
    return !(microkernel instanceof PlainMicrokernel);
  }

  /** Returns {@code vector: 256-bit} or {@code plain: …}. */
  public String reason() {
    return reason;
  }
}
