/**
 * The 1×1 convolution y = act(W·x + b) at every pixel: layers, cost, and the kernels that apply
 * them.
 *
 * <h2>The order of a sum</h2>
 *
 * Every output element is a float32 sum whose order depends on (F, F′) alone, never on the tile,
 * the vector length or the thread, so that output bytes are reproducible:
 *
 * <ul>
 *   <li>F′ &gt; {@value org.pointwise.conv.HeadLayout#NARROW}: {@value
 *       org.pointwise.conv.Microkernel#CHAIN} channels at a time make a chain s ← fma(x[k], w[k],
 *       s) for ascending k, starting at +0; the chains are added one after another, starting at +0;
 *   <li>F′ ≤ {@value org.pointwise.conv.HeadLayout#NARROW}: {@value
 *       org.pointwise.conv.HeadLayout#DOT_LANES} partial sums, the i-th over k ≡ i (mod {@value
 *       org.pointwise.conv.HeadLayout#DOT_LANES}), each by fma in ascending k, then added pairwise:
 *       i with i + 8, + 4, + 2, + 1.
 * </ul>
 *
 * Rounding errors grow with the length of a chain and with the number of chains: for the layers of
 * real networks (F up to 1024) they are at most as large as those of ONNX Runtime, whose chains are
 * of 128 channels.
 *
 * <p>Then, in this order: the bias is added, the activation applied, the outputs of a pixel
 * normalised ({@link org.pointwise.conv.Normalisation}), pixels of no data made the number that
 * means so (NaN of floating outputs), and numbers converted to the output's type. A NaN result is
 * stored as the canonical NaN. All kernels follow it to the bit.
 *
 * <h2>Shape of the kernel</h2>
 *
 * A block of pixels is copied (decoded, dequantised) to lines of one slice of {@value
 * org.pointwise.conv.HeadLayout#SLICE} channels that lie a <em>constant</em> distance apart, and
 * multiplied by panels of weights two vectors wide, after Goto and van de Geijn, "Anatomy of
 * High-Performance Matrix Multiplication" (2008). Because the distance is a constant of the
 * program, a register tile reads all its lines through one pointer, and nothing has to be
 * interleaved or transposed. Where channels are the slow axis, the roles are exchanged: outputs are
 * the lines, pixels the columns of a panel, and nothing has to be transposed either. A head of few
 * outputs would leave the columns empty; it takes dot products over lanes instead, from the stored
 * float32 itself.
 *
 * <ul>
 *   <li>Register tiles: 12×2 vectors with 32 registers (AVX-512), 6×2 with 16, 12×1 for a last
 *       panel of one vector. Eight independent chains are the least that keeps two multiply-add
 *       units of four cycles' latency busy.
 *   <li>A panel of 256 channels × 2 vectors is 16 KiB with AVX2, 32 KiB with AVX-512, and the
 *       twelve lines beside it 12 KiB: both stay in a first-level cache. Lines are one cache line
 *       longer than a slice, so that one channel of many pixels does not fall into one cache set.
 *   <li>Sums lie panel by panel, so that a register tile stores to constant offsets of one pointer.
 * </ul>
 *
 * <h2>What was found</h2>
 *
 * Measured with {@code scripts/bench kernel} and by reading the compiled code (JDK 17 and 25, AVX2
 * and AVX-512); the numbers are of one core of an AVX-512 Xeon with a peak of 220–230 GFLOP/s
 * (AVX2: 105–118).
 *
 * <ul>
 *   <li>The register tiles alone, packed numbers in the second-level cache, reach 170–205 GFLOP/s
 *       (12×2), 150 (12×1, bound by one broadcast load for each multiply-add) and with AVX2 110
 *       (6×2), on both JDKs.
 *   <li>C2 keeps integers that live across a loop in vector registers when it runs out of general
 *       ones, and then spills an accumulator: five row offsets cost the 6×2 tile a third of its
 *       speed. Constant offsets, and scalars read from bytes by a VarHandle, avoid it. An index of
 *       two shifts, {@code k * 2 * LANES}, keeps a range check in the loop, which costs nothing,
 *       where one shift removes it and lets the register allocator spill (77 instead of 112
 *       GFLOP/s).
 *   <li>A helper method in a tile of 24 accumulators exceeds C2's limit of inlined bytecode, and
 *       vectors are boxed (13 GFLOP/s): the tiles call the Vector API directly.
 *   <li>Vectors of a panel are read from float arrays, lines from byte arrays: the other way round
 *       is up to 2.5 times slower on JDK 17.
 *   <li>Ending a chain costs a load, an addition and a store of each accumulator. Chains of 64, of
 *       128 and of all channels take the same time within what can be measured (AVX2: 0.92 to 1.01
 *       of one chain's over F = 256 to 2048), chains of 32 up to 7 % more.
 *   <li>A load of a whole 64-byte vector from a Java array always crosses a cache line, since
 *       arrays begin 16 bytes after an object: two loads' worth, part of the way from tile to peak.
 * </ul>
 *
 * Roofline of F = 256, F′ = 64 there: 128 flop an input number are 0.57 ns at the peak; reading the
 * number once, from where the decoder left it, takes 0.13 ns at the 30 GB/s of a plain vector loop,
 * and the copy to lines is that read. Together 0.70 ns, 183 GFLOP/s, were the tile as fast as the
 * peak; with the tile at its 0.8 of it, 0.84 ns and 152 GFLOP/s. 0.75 of the peak, 170 GFLOP/s, is
 * therefore out of reach at this depth for any kernel that reads its input from beyond the
 * second-level cache. For F′ ≤ 2 the read alone is the limit.
 *
 * <p>Co-moments ({@link org.pointwise.conv.MomentsKernel}) run on the same tiles, over blocks of
 * the lower triangle. The squares on the diagonal are computed whole, which wastes 16 % at F = 256
 * and 4 % at 1024; with the copy, which also subtracts the shift and counts zeros, the whole tile
 * reaches 0.36 and 0.47 of the peak, the multiplications alone 0.58 and 0.66.
 */
@NullMarked
package org.pointwise.conv;

import org.jspecify.annotations.NullMarked;
