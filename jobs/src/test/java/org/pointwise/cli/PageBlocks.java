package org.pointwise.cli;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The blocks of code in the pages. Those marked {@code bash} need servers or inputs that {@code
 * docs/check} does not have; tests run them with their own.
 */
final class PageBlocks {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^( *)```(\\w+)\n(.*?)^\\1```$");

  private PageBlocks() {}

  /** Returns the blocks of a language in a page, in their order. */
  static List<String> of(String page, String language) throws IOException {
    Matcher matcher = BLOCK.matcher(Files.readString(Processes.root().resolve(page)));
    List<String> blocks = new ArrayList<>();
    while (matcher.find()) {
      if (matcher.group(2).equals(language)) {
        blocks.add(matcher.group(3).replaceAll("(?m)^" + matcher.group(1), "").strip());
      }
    }
    return blocks;
  }

  /**
   * Returns a shell that runs a block.
   *
   * @param replacements pairs of a text of the block, which must contain it, and what is in its
   *     place here
   */
  static ProcessBuilder shell(Path folder, String block, String... replacements)
      throws IOException {
    String placed = block;
    for (int i = 0; i < replacements.length; i += 2) {
      if (!placed.contains(replacements[i])) {
        throw new AssertionError(
            "The page does not contain %s: %s".formatted(replacements[i], block));
      }
      placed = placed.replace(replacements[i], replacements[i + 1]);
    }
    String programs = "(?m)(?<=^|\\s)(scripts|conf)/(?=\\w)";
    placed =
        placed.replaceAll(
            programs, Matcher.quoteReplacement("'" + Processes.root() + "'/") + "$1/");
    return Processes.builder(folder, List.of("bash", "-euo", "pipefail", "-c", placed));
  }

  /** Writes a program that a command of a page calls and this machine does not have. */
  static void program(Path file, String script) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\nset -eu\n" + script + "\n");
    if (!file.toFile().setExecutable(true)) {
      throw new IOException("Cannot make executable: " + file);
    }
  }

  /** Gives a command the programs of a folder. */
  static void addPrograms(ProcessBuilder builder, Path folder) {
    builder.environment().merge("PATH", folder + ":", (path, own) -> own + path);
  }

  /** Returns the words of a command as a line of a shell. */
  static String line(List<String> command) {
    return command.stream().map(word -> "'" + word + "'").collect(joining(" "));
  }
}
