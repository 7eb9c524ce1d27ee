package org.pointwise.conv;

import java.lang.reflect.Constructor;
import java.nio.ByteOrder;
import java.util.List;
import org.pointwise.quantise.Overflow;
import org.pointwise.quantise.Quantisation;

/**
 * Which inner loops this JVM runs, and why. Logged once and kept in the report. Makes the kernels
 * that run them.
 */
public final class KernelProvider {
  private static final int MIN_LANES = 4;

  private final Microkernel microkernel;
  private final ElementConversions conversions;
  private final String reason;

  private KernelProvider(Microkernel microkernel, ElementConversions conversions, String reason) {
    this.microkernel = microkernel;
    this.conversions = conversions;
    this.reason = reason;
  }

  /** SIMD where the JVM was started with the vector module, else plain Java. Same bytes. */
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

  /** Plain Java in any JVM. */
  public static KernelProvider plain() {
    return plain("asked for");
  }

  private static KernelProvider plain(String why) {
    return new KernelProvider(
        new PlainMicrokernel(), new PlainElementConversions(), "plain: " + why);
  }

  /**
   * A kernel for one thread.
   *
   * @param layers the heads, all of the same number of input channels
   * @param input how stored numbers of tiles become features; their type is that of each block
   * @param outputs how each head's features become stored numbers
   * @param overflow what to do with finite results too large for the output's type
   * @throws IllegalArgumentException where an output is not {@link Quantisation#isFloating}
   */
  public TileKernel kernel(
      List<PointwiseLayer> layers,
      Quantisation input,
      List<Quantisation> outputs,
      Overflow overflow) {
    return new CpuKernel(this, layers, input, outputs, overflow);
  }

  /** Bytes of packed weights and scratch that a kernel of these layers keeps. */
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

  /** Whether the kernel uses vector instructions; if not, it is several times slower. */
  public boolean simd() {
    return !(microkernel instanceof PlainMicrokernel);
  }

  /** {@code vector: 256-bit} or {@code plain: …}. */
  public String reason() {
    return reason;
  }
}
