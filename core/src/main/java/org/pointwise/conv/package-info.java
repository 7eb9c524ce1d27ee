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
 *   <li>F′ &gt; {@value org.pointwise.conv.HeadLayout#NARROW}: s ← fma(x[k], w[k], s) for k = 0 … F
 *       − 1, starting at +0;
 *   <li>F′ ≤ {@value org.pointwise.conv.HeadLayout#NARROW}: {@value
 *       org.pointwise.conv.HeadLayout#DOT_LANES} partial sums, the i-th over k ≡ i (mod {@value
 *       org.pointwise.conv.HeadLayout#DOT_LANES}), each by fma in ascending k, then added pairwise:
 *       i with i + 8, + 4, + 2, + 1.
 * </ul>
 *
 * The bias is added last, then the activation is applied; a NaN result is stored as the canonical
 * NaN. Both kernels follow it to the bit.
 *
 * <h2>Shape of the kernel</h2>
 *
 * A register tile of six pixels × two vectors of output channels, fed from an <em>interleaved</em>
 * pack: the six pixels' values of one channel lie side by side, so the inner loop reads one short
 * run of input and two vectors of weights a step, with no address arithmetic per row (after Goto
 * and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008; six rows because 6 ×
 * 2 accumulators + 2 weights + 1 broadcast fill the 16 vector registers of AVX2). Decoding,
 * dequantisation and transposition happen while packing; channels are taken {@value
 * org.pointwise.conv.HeadLayout#SLICE} at a time so that one panel of weights (16 KiB with AVX2)
 * stays in the first-level cache and a block of {@value org.pointwise.conv.TileKernel#BLOCK} packed
 * pixels in the second. A head of few outputs would leave the register tile empty, so it reads the
 * unpacked pixels as dot products over lanes instead.
 */
@NullMarked
package org.pointwise.conv;

import org.jspecify.annotations.NullMarked;
