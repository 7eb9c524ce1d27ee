package org.pointwise.format.zarr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.LocalByteStore;

class VlenTextTest {
  @TempDir Path folder;

  private static Slice slice(byte[] bytes) {
    return new Slice(bytes, 0, bytes.length);
  }

  @Test
  void textsComeBack() throws Exception {
    List<String> texts = List.of("", "a", "Zürich", "点", "\uD83D\uDEF0");
    assertThat(VlenText.decode(slice(VlenText.encode(texts)), texts.size())).isEqualTo(texts);
  }

  @Test
  void damagedTextsAreRefused() {
    byte[] valid = VlenText.encode(List.of("abc", "de"));
    byte[] longer = valid.clone();
    longer[7] = 127; // the length of the first text
    byte[] negative = valid.clone();
    negative[7] = -1;
    byte[] notUtf8 = valid.clone();
    notUtf8[8] = -1;
    for (byte[] damaged : List.of(new byte[3], longer, negative, notUtf8)) {
      assertThatThrownBy(() -> VlenText.decode(slice(damaged), 2))
          .isInstanceOf(ByteCodec.DecodingException.class);
    }
    assertThatThrownBy(() -> VlenText.decode(slice(valid), 3))
        .hasMessage("it does not hold 3 texts");
  }

  private ZarrArray array(String dtype, String filters, long length, long chunk) throws Exception {
    String json =
        """
        {"zarr_format": 2, "shape": [%d], "chunks": [%d], "dtype": "%s", "order": "C",
         "fill_value": null, "compressor": null, "filters": %s}
        """
            .formatted(length, chunk, dtype, filters);
    Files.writeString(folder.resolve(".zarray"), json);
    Files.write(folder.resolve("0"), VlenText.encode(List.of("a")));
    return ZarrNodes.values(new LocalByteStore(folder), "");
  }

  @Test
  void hostileSizesAreRefusedBeforeTheyTakeMemory() throws Exception {
    String vlen = "[{\"id\": \"vlen-utf8\"}]";
    for (ZarrArray array :
        List.of(
            array("|O", vlen, 1L << 40, 1 << 20),
            array("<U100000000", "null", 10, 1),
            array("<M8[ns]", "null", 1L << 30, 1))) {
      assertThatThrownBy(() -> new WholeArray(array, 1 << 20))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("at most 1048576 are read whole");
    }
    assertThatThrownBy(() -> array("<U999999999", "null", 1, 1))
        .isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> array("|O", "[{\"id\": \"pickle\"}]", 1, 1))
        .hasMessageContaining("objects of filter 'pickle' are not supported");
    ZarrArray wide = array("|O", vlen, 1, 1 << 20);
    assertThatThrownBy(() -> new WholeArray(wide, 1 << 20).read())
        .hasMessageContaining("at most 1048576 are read whole");
  }

  @Test
  void textsAreNoFeatures() throws Exception {
    array("<U2", "null", 1, 1);
    assertThatThrownBy(() -> ZarrNodes.array(new LocalByteStore(folder), ""))
        .hasMessageContaining("its type \"<U2\" is not supported");
  }
}
