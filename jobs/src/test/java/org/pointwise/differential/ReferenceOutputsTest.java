package org.pointwise.differential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pointwise.differential.ReferenceOutputs.Line;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.spark.HeldSpark;

/**
 * Compares the bytes of outputs with recorded hashes. After an intended change, {@code
 * scripts/differential --record} records the same cases again.
 */
class ReferenceOutputsTest {
  @Test
  void bytesMatchRecord(@TempDir Path folder) throws Exception {
    List<String> record =
        new String(
                ReferenceOutputsTest.class
                    .getResourceAsStream("/reference-outputs.jsonl")
                    .readAllBytes(),
                StandardCharsets.UTF_8)
            .lines()
            .toList();
    List<String> otherInputs = new ArrayList<>();
    List<String> otherOutputs = new ArrayList<>();
    try (Reference reference = Reference.start();
        HeldSpark spark = new HeldSpark(Commands.MASTER)) {
      for (String text : record) {
        Line then = Line.of(text);
        Path own = Files.createDirectory(folder.resolve("case-" + then.testCase().number()));
        Line now = ReferenceOutputs.run(then.testCase(), own, reference);
        if (!now.input().equals(then.input())) {
          otherInputs.add(then.testCase().toString());
        } else if (!now.output().equals(then.output())) {
          otherOutputs.add(then.testCase().toString());
        }
      }
    }
    assertThat(otherInputs).as("the generator draws other inputs: record them anew").isEmpty();
    assertThat(otherOutputs).isEmpty();
    assertThat(record).hasSizeGreaterThanOrEqualTo(100);
  }
}
