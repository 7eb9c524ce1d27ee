package pointwise.ml;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;

/** Writes arrays as NumPy does. */
final class NpyFiles {
  private NpyFiles() {}

  /** Writes pixels {@code x,c}. */
  static void write(Path file, float[][] pixels, String type) throws IOException {
    write(file, pixels, type, "(%d, %d)".formatted(pixels.length, pixels[0].length));
  }

  /** Writes the labels of pixels {@code x}. */
  static void write(Path file, float[] labels) throws IOException {
    write(file, new float[][] {labels}, "float32", "(%d,)".formatted(labels.length));
  }

  private static void write(Path file, float[][] pixels, String type, String shape)
      throws IOException {
    ElementType elements = ElementType.ofName(type);
    int channels = pixels[0].length;
    String header =
        "{'descr': '<%s', 'fortran_order': False, 'shape': %s, }"
            .formatted(elements.numpyCode(), shape);
    int length = (10 + header.length() + 1 + 63) / 64 * 64;
    byte[] values = new byte[pixels.length * channels * elements.bytes()];
    for (int i = 0; i < pixels.length; i++) {
      for (int c = 0; c < channels; c++) {
        int at = (i * channels + c) * elements.bytes();
        if (elements == ElementType.FLOAT64) {
          ElementAccess.putDouble(values, at, elements, pixels[i][c]);
        } else {
          ElementAccess.putFloat(values, at, elements, pixels[i][c]);
        }
      }
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(length + values.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put((byte) 0x93)
            .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
            .put((byte) 1)
            .put((byte) 0)
            .putShort((short) (length - 10))
            .put(header.getBytes(StandardCharsets.US_ASCII));
    while (bytes.position() < length - 1) {
      bytes.put((byte) ' ');
    }
    Files.write(file, bytes.put((byte) '\n').put(values).array());
  }
}
