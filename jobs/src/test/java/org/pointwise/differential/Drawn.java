package org.pointwise.differential;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A case with its details, as returned by the reference. */
record Drawn(JsonNode answer) {
  /** Returns the exit code that a reduction must have; −1 if the reference cannot determine it. */
  int exit() {
    return answer.path("exit").asInt(-1);
  }

  /** Returns the reason for which the case must be refused. */
  String why() {
    return answer.path("why").asText();
  }

  Path input() {
    return Path.of(answer.path("input").asText());
  }

  /** Returns the current number of images of the input. */
  int images() {
    return answer.path("images").asInt();
  }

  /** Returns the final number of images. */
  int allImages() {
    return answer.path("allImages").asInt();
  }

  String[] reduce(Path output, String... more) {
    return reduce("heads", output, more);
  }

  /** Returns the same reduction with the other runner. */
  String[] reduceOnOther(Path output) {
    String[] args = reduce(output);
    for (int i = 1; i < args.length; i++) {
      if (args[i - 1].equals("--runner")) {
        args[i] = args[i].equals("spark") ? "local" : "spark";
      }
    }
    return args;
  }

  /** Returns the same reduction with other layers of the same shapes. */
  String[] reduceOtherwise(Path output) {
    return reduce("otherHeads", output);
  }

  /** Returns a reduction of another input with the same options. */
  String[] reduceOf(Path other, Path output, String... more) {
    return reduce("heads", other, output, more);
  }

  private String[] reduce(String weights, Path output, String... more) {
    return reduce(weights, input(), output, more);
  }

  private String[] reduce(String weights, Path from, Path output, String... more) {
    List<String> args = new ArrayList<>(List.of("reduce", from.toString(), output.toString()));
    add(args, "inputArguments");
    add(args, "partArguments");
    add(args, weights);
    add(args, "outputArguments");
    args.add("--quiet");
    Collections.addAll(args, more);
    return args.toArray(String[]::new);
  }

  /**
   * Returns {@code verify --deep}, also against the input. Which part of it was read is recorded
   * with the output.
   */
  String[] verifyAgainst(Path output) {
    List<String> args =
        new ArrayList<>(
            List.of("verify", output.toString(), "--deep", "--input", input().toString()));
    add(args, "inputArguments");
    add(args, "weights");
    args.add("--quiet");
    return args.toArray(String[]::new);
  }

  private void add(List<String> args, String key) {
    answer.path(key).forEach(argument -> args.add(argument.asText()));
  }
}
