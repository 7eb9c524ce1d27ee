package org.pointwise.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** Runs Python with the pinned packages of {@code scripts/interop}; skips tests without it. */
public final class PythonPeers {
  private PythonPeers() {}

  /** Runs a script of {@code scripts/interop} and waits for its end. */
  public static void run(String script, String... arguments)
      throws IOException, InterruptedException {
    Path scripts = Path.of(System.getProperty("pointwise.root", ".."), "scripts").toAbsolutePath();
    Output found = output(List.of(scripts.resolve("python-peers").toString()));
    Assumptions.assumeTrue(found.code == 0, () -> "Skipped: " + found.text);
    List<String> command = new ArrayList<>();
    command.add(found.text.lines().reduce((first, last) -> last).orElseThrow());
    command.add(scripts.resolve("interop").resolve(script).toString());
    command.addAll(List.of(arguments));
    Output ran = output(command);
    if (ran.code != 0) {
      throw new AssertionError(script + " ended with " + ran.code + ": " + ran.text);
    }
  }

  private record Output(int code, String text) {}

  private static Output output(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Output(process.waitFor(), text.strip());
  }
}
