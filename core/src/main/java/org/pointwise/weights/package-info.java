/**
 * Layers in files: safetensors, npy and ONNX, read and written.
 *
 * <p>After the safetensors format (a length, a JSON header, the tensors), NumPy's npy, and ONNX
 * (protobuf, read by the generated classes of Oracle Tribuo). A layer is found by its name; what
 * could be read in two ways is refused.
 */
@NullMarked
package org.pointwise.weights;

import org.jspecify.annotations.NullMarked;
