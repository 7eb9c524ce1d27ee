package org.pointwise.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.testing.Seed;

class IndexListTest {
  private static IndexList parse(String text) {
    return IndexList.parse(text, 10, "--images", "images of in.zarr");
  }

  @Test
  void textFormReturnsSameIndexes() {
    Random random = Seed.random("indexes");
    for (int round = 0; round < 300; round++) {
      int length = 1 + random.nextInt(30);
      List<Long> indexes = new ArrayList<>(LongStream.range(0, length).boxed().toList());
      if (random.nextBoolean()) {
        Collections.shuffle(indexes, random);
      }
      indexes = indexes.subList(0, 1 + random.nextInt(length));
      IndexList list = IndexList.of(indexes, "a list");
      assertThat(list.stream().boxed().toList()).isEqualTo(indexes);
      for (int i = 0; i < indexes.size(); i++) {
        assertThat(list.get(i)).isEqualTo(indexes.get(i));
      }
      assertThat(IndexList.matches(list.toString())).isTrue();
      IndexList parsed = IndexList.parse(list.toString(), length, "a list", "numbers");
      assertThat(parsed).isEqualTo(list).hasToString(list.toString());
      assertThat(list.isAll(length)).isEqualTo(indexes.equals(sorted(length)));
    }
  }

  private static List<Long> sorted(int length) {
    return LongStream.range(0, length).boxed().toList();
  }

  @Test
  void endsOfRangesMayBeLeftOut() {
    assertThat(parse(":")).hasToString("0:10");
    assertThat(parse("7:")).hasToString("7:10");
    assertThat(parse(":3,3,8")).hasToString("0:4,8");
    assertThat(parse("9")).hasToString("9");
  }

  @Test
  void otherIndexesAreRefused() {
    assertThatThrownBy(() -> parse("0:11"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "Cannot use --images 0:11: there are 10 images of in.zarr, with the indexes 0:10; give indexes and ranges within these");
    for (String beyond : List.of("10", "5:11", "12:", "12:14", "999999999999999999")) {
      assertThatThrownBy(() -> parse(beyond)).hasMessageContaining("there are 10 images");
    }
    for (String empty : List.of("5:5", "6:5", ":0", "14:12")) {
      assertThatThrownBy(() -> parse(empty))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("the range is empty");
    }
    assertThatThrownBy(() -> parse("0,3:1"))
        .hasMessage(
            "Cannot use --images 3:1: the range is empty, because it begins at 3 and ends before 1; give FIRST:END with a larger END, within 0:10");
    for (String wrong : List.of("", "1,", "a", "-1", "1:2:3", "1.5", " 1", "9999999999999999999")) {
      assertThatThrownBy(() -> parse(wrong))
          .as(wrong)
          .hasMessageContaining("is neither an index from 0 nor a range");
      assertThat(IndexList.matches(wrong)).isFalse();
    }
    assertThatThrownBy(() -> parse("0:4,3"))
        .hasMessage("Cannot use --images: index 3 is given twice; give each index once");
  }
}
