package org.pointwise.conv;

import java.lang.reflect.Constructor;

/** Which microkernel this JVM runs, and why. Logged once and kept in the report. */
public final class KernelChoice {
  private final Microkernel microkernel;
  private final String reason;

  private KernelChoice(Microkernel microkernel, String reason) {
    this.microkernel = microkernel;
    this.reason = reason;
  }

  /** SIMD where the JVM was started with the vector module, else plain Java. Same bytes. */
  public static KernelChoice forThisJvm() {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return new KernelChoice(
          new PlainMicrokernel(),
          "plain: start the JVM with --add-modules jdk.incubator.vector to use SIMD");
    }
    try {
      Constructor<?> constructor =
          Class.forName("org.pointwise.conv.VectorMicrokernel").getDeclaredConstructor();
      Microkernel vector = (Microkernel) constructor.newInstance();
      return new KernelChoice(vector, "vector: %d-bit".formatted(vector.lanes() * Float.SIZE));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot load the vector kernel beside its module", e);
    }
  }

  /** Plain Java in any JVM. */
  public static KernelChoice plain() {
    return new KernelChoice(new PlainMicrokernel(), "plain: asked for");
  }

  Microkernel microkernel() {
    return microkernel;
  }

  /** {@code vector: 256-bit} or {@code plain: …}. */
  public String reason() {
    return reason;
  }
}
