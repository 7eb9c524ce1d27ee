/**
 * Reads and writes layers in safetensors, npy and ONNX files.
 *
 * <p>Follows the safetensors format (a length, a JSON header, the tensors), NumPy's npy, and ONNX
 * (protobuf, read by the generated classes of Oracle Tribuo). A layer is identified by its name;
 * ambiguous files are rejected.
 */
@NullMarked
package org.pointwise.weights;

import org.jspecify.annotations.NullMarked;
