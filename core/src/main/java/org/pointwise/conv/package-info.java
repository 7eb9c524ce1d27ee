/**
 * The 1×1 convolution y = act(W·x + b) at every pixel, from F input to F′ output channels: layers,
 * cost, and the kernels that compute it.
 *
 * <h2>The order of a sum</h2>
 *
 * Every output element is a float32 sum. The order of the sum depends only on (F, F′), not on the
 * tile, the vector length or the thread, so that output bytes are reproducible:
 *
 * <ul>
 *   <li>F′ &gt; {@value org.pointwise.conv.PackedWeights#NARROW}: {@value
 *       org.pointwise.conv.Microkernel#CHAIN} channels at a time make a chain s ← fma(x[k], w[k],
 *       s) for ascending k, starting at +0. The chains are added in ascending order, starting at
 *       +0.
 *   <li>F′ ≤ {@value org.pointwise.conv.PackedWeights#NARROW}: there are {@value
 *       org.pointwise.conv.PackedWeights#DOT_LANES} partial sums, the i-th over k ≡ i (mod {@value
 *       org.pointwise.conv.PackedWeights#DOT_LANES}), each computed by fma in ascending k. They are
 *       added pairwise: i with i + 8, then i + 4, i + 2 and i + 1.
 * </ul>
 *
 * Rounding errors grow with the length of a chain and with the number of chains. For the layers of
 * real networks (F up to 1024) they are at most as large as those of ONNX Runtime, whose chains
 * have 128 channels.
 *
 * <p>The following steps are applied in this order: the bias is added; the activation is applied;
 * the outputs of a pixel are normalised ({@link org.pointwise.conv.Normalisation}); masked pixels
 * become the nodata value (NaN for floating outputs); numbers are converted to the output's type. A
 * NaN result is stored as the canonical NaN. The results of all kernels are bit-identical.
 *
 * <h2>Shape of the kernel</h2>
 *
 * A block of pixels is copied (decoded, dequantised) to lines of one slice of {@value
 * org.pointwise.conv.PackedWeights#SLICE} channels. The lines are a <em>constant</em> distance
 * apart. They are multiplied by panels of weights two vectors wide, after Goto and van de Geijn,
 * "Anatomy of High-Performance Matrix Multiplication" (2008). Because the distance is a
 * compile-time constant, a register tile reads all its lines through one pointer, without
 * interleaving or transposing them. Where channels are the slow axis, the roles are exchanged:
 * outputs are the lines and pixels the columns of a panel, again without transposition. A head with
 * few outputs would leave most columns empty. It is computed by dot products over lanes, directly
 * from the stored float32.
 *
 * <ul>
 *   <li>Register tiles have 12×2 vectors with 32 registers (AVX-512), 6×2 with 16, and 12×1 for a
 *       last panel of one vector. Two multiply-add units with a latency of four cycles need at
 *       least eight independent chains.
 *   <li>A panel of 256 channels × 2 vectors is 16 KiB with AVX2 and 32 KiB with AVX-512; its twelve
 *       lines are 12 KiB. Both stay in the first-level cache. Lines are one cache line longer than
 *       a slice, so that one channel of many pixels does not fall into one cache set.
 *   <li>Sums are stored panel by panel, so that a register tile writes to constant offsets from one
 *       pointer.
 * </ul>
 *
 * <h2>Measurements</h2>
 *
 * Measured with {@code scripts/bench kernel} and by reading the compiled code (JDK 17 and 25, AVX2
 * and AVX-512). The numbers are for one core of an AVX-512 Xeon with a peak of 220–230 GFLOP/s
 * (AVX2: 105–118).
 *
 * <ul>
 *   <li>The register tiles alone, with packed numbers in the second-level cache, reach 170–205
 *       GFLOP/s (12×2), 150 (12×1, limited by one broadcast load for each multiply-add) and with
 *       AVX2 110 (6×2), on both JDKs.
 *   <li>When C2 runs out of general registers, it keeps integers that are live across a loop in
 *       vector registers, and then spills an accumulator: five row offsets cost the 6×2 tile a
 *       third of its speed. Constant offsets, and scalars read from bytes by a VarHandle, avoid
 *       this. An index of two shifts, {@code k * 2 * LANES}, keeps a range check in the loop, which
 *       costs nothing. An index of one shift removes the check but makes the register allocator
 *       spill (77 instead of 112 GFLOP/s).
 *   <li>A helper method in a tile of 24 accumulators exceeds C2's limit of inlined bytecode, and
 *       vectors are boxed (13 GFLOP/s). The tiles therefore call the Vector API directly.
 *   <li>Vectors of a panel are read from float arrays and lines from byte arrays. The opposite is
 *       up to 2.5 times slower on JDK 17.
 *   <li>The end of a chain costs a load, an addition and a store for each accumulator. Chains of
 *       64, of 128 and of all channels take the same time within the measurement error (AVX2: 0.92
 *       to 1.01 of the time of one chain, over F = 256 to 2048). Chains of 32 take up to 7 % more.
 *   <li>A load of a 64-byte vector from a Java array always crosses a cache line, because the
 *       elements begin 16 bytes after the start of the object. It costs as much as two loads and
 *       explains part of the gap between register tile and peak.
 * </ul>
 *
 * Roofline of F = 256, F′ = 64 on that machine: 128 flop per input number take 0.57 ns at the peak.
 * Reading the number once from the decoder's output takes 0.13 ns at the 30 GB/s of a plain vector
 * loop; the copy to lines is that read. Together this is 0.70 ns or 183 GFLOP/s if the register
 * tile reaches the peak, and 0.84 ns or 152 GFLOP/s with the measured 0.8 of the peak. At this
 * depth, no kernel that reads its input from beyond the second-level cache can therefore reach 0.75
 * of the peak, 170 GFLOP/s. For F′ ≤ 2 the read alone is the limit.
 *
 * <p>Co-moments ({@link org.pointwise.conv.MomentsKernel}) use the same register tiles, over blocks
 * of the upper triangle. The squares on the diagonal are computed completely, which wastes 16 % at
 * F = 256 and 4 % at F = 1024. The multiplications alone reach 0.58 and 0.66 of the peak; with the
 * copy, which also subtracts the shift and counts zeros, the whole computation reaches 0.36 and
 * 0.47.
 *
 * <p>Co-moments of types that float32 does not hold are computed in float64 by register tiles of
 * their own, 8×2 vectors with AVX-512 and 4×2 otherwise. Both operands are panels of the same
 * packed block, one read as vectors and one as numbers, so that nothing is transposed. The whole
 * computation takes 1.5 to 1.6 times as long as that of float32 with AVX-512 and 1.9 times with
 * AVX2, at F = 256 and F = 1024; twice is what the peak of float64 allows.
 */
@NullMarked
package org.pointwise.conv;

import org.jspecify.annotations.NullMarked;
