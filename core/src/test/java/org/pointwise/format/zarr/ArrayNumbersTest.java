package org.pointwise.format.zarr;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.DoubleNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.format.Formats;
import org.pointwise.format.ValueType;
import org.pointwise.quantise.Nodata;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.ElementType;
import org.pointwise.testing.Seed;

/** Tests the numbers in the metadata of arrays of integers. */
class ArrayNumbersTest {
  @TempDir Path folder;

  private Nodata nodata(ElementType type, String fillValue, String attribute) throws Exception {
    Files.writeString(
        folder.resolve("zarr.json"),
        """
        {"zarr_format": 3, "node_type": "array", "shape": [1, 1, 1, 1], "data_type": "%s",
         "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [1, 1, 1, 1]}},
         "chunk_key_encoding": {"name": "default"}, "fill_value": %s,
         "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
         "attributes": {"_FillValue": %s}, "dimension_names": ["n", "y", "x", "c"]}
        """
            .formatted(type.name().toLowerCase(Locale.ROOT), fillValue, attribute));
    return Formats.open(ByteStores.LOCAL, folder.toString(), null, null)
        .info()
        .quantisation()
        .nodata();
  }

  /** Other programs write a number of an int64 array as a float64: all of its digits count. */
  @Test
  void floatsOfIntegerArraysAreExact() throws Exception {
    Random random = Seed.random("float64 of integers");
    List<Double> numbers = new ArrayList<>(List.of(-0x1p63, 0x1p62, -0x1p53, 0x1p53 + 2));
    for (int i = 0; i < 200; i++) {
      numbers.add((double) random.nextLong());
    }
    for (double number : numbers) {
      ElementType type =
          number < 0 || random.nextBoolean() ? ElementType.INT64 : ElementType.UINT64;
      BigInteger exact = new BigDecimal(number).toBigIntegerExact();
      if (type == ElementType.INT64 && exact.bitLength() > 63) {
        continue;
      }
      byte[] bytes =
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(number).array();
      String base64 = '"' + Base64.getEncoder().encodeToString(bytes) + '"';
      for (String attribute : List.of(Double.toString(number), exact + ".0", base64)) {
        assertThat(nodata(type, "0", attribute))
            .as("%s %s", type, attribute)
            .isEqualTo(Nodata.parse(exact.toString(), type, "the test"));
      }
      byte[] fill =
          FillValues.encode(
              DoubleNode.valueOf(number), ValueType.of(type), ByteOrder.BIG_ENDIAN, "the test");
      assertThat(ByteBuffer.wrap(fill).getLong()).as("%s", number).isEqualTo(exact.longValue());
    }
  }
}
