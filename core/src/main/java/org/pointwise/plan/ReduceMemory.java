package org.pointwise.plan;

import org.pointwise.conv.KernelProvider;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.Compression;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.WriteMemory;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;

/** The maximum memory of a task of a reduction, on the heap and outside it. */
record ReduceMemory(ReducePlan plan) {
  /** Chunks fetched at once, receipts, and other memory of a task that does not grow. */
  private static final long TASK_OVERHEAD_BYTES = 16L << 20;

  /** One input tile, the kernel, and the buffers of an object for each head. */
  long heapBytes() {
    long total = Math.addExact(plan.input().memory().heap(), TASK_OVERHEAD_BYTES);
    for (int head = 0; head < plan.quantisations().size(); head++) {
      WriteMemory memory = writeMemory(plan.pixelBytes(head));
      total = Math.addExact(total, Math.multiplyExact(memory.heap(), (long) objectsAtOnce()));
    }
    return Math.addExact(total, KernelProvider.scratchBytes(plan.layers())) + pastBytes();
  }

  /** A stored chunk of each head, decoded, encoded and between, if stored pixels are copied. */
  private long pastBytes() {
    long pixelBytes = 0;
    for (int head = 0; head < plan.quantisations().size(); head++) {
      pixelBytes += plan.pixelBytes(head);
    }
    long chunks = Math.multiplyExact(plan.output().chunk().pixels(), pixelBytes);
    return plan.input().past() == 0 ? 0 : Math.multiplyExact(chunks, 7L) / 2;
  }

  private OutputFormat format() {
    return plan.spec().format();
  }

  /** Number of files that are assembled together because their images share input tiles. */
  private int objectsAtOnce() {
    return format().perFile() && plan.output().chunk().n() == 1 ? plan.input().tile().n() : 1;
  }

  /** The largest box of pixels that is written at once. */
  private Extent largestStep() {
    Extent object = plan.output().shard();
    return plan.chunkStep(new Box(0, object.n(), 0, object.y(), 0, object.x()));
  }

  private WriteMemory writeMemory(long pixelBytes) {
    return format().memory(plan.output(), pixelBytes, largestStep());
  }

  /** The longest read or write, and the context of the codec. */
  long nativeBytes() {
    long longest =
        Math.max(
            plan.input().memory().nativeBytes(), writeMemory(plan.maxPixelBytes()).nativeBytes());
    return Math.addExact(longest, format().compresses() ? contextBytes() : 0);
  }

  private long contextBytes() {
    return plan.spec().compressions().stream().mapToLong(Compression::contextBytes).max().orElse(0);
  }

  /**
   * Checks that the reduction fits the machines.
   *
   * @throws InvalidInputException when a chunk or a task is too large
   */
  void requireFits(Resources resources) {
    long chunkBytes = Math.multiplyExact(largestStep().pixels(), plan.maxPixelBytes());
    if (chunkBytes > Integer.MAX_VALUE / 2) {
      throw new InvalidInputException(
          "Cannot encode chunks of %d MiB: at most 1023 MiB are supported; use a smaller --chunk or --shard-size, or store the input in smaller chunks"
              .formatted(chunkBytes >> 20));
    }
    resources.requireHeap(
        "Cannot run",
        heapBytes(),
        format().perFile()
            ? ", or fewer tasks at once"
            : ", fewer tasks at once, or a smaller --shard-size");
    resources.requireNative(nativeBytes());
  }
}
