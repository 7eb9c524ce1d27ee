package org.pointwise.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.pointwise.store.JsonText;

/**
 * A Python program that answers each line of JSON with another line, for the duration of a test.
 */
public final class PythonPeer implements AutoCloseable {
  private final Process process;
  private final Writer writer;
  private final BufferedReader reader;

  private PythonPeer(Process process) {
    this.process = process;
    this.writer = process.outputWriter(StandardCharsets.UTF_8);
    this.reader = process.inputReader(StandardCharsets.UTF_8);
  }

  /**
   * Starts a script of {@code scripts/interop}; skips the test if its packages are not available.
   */
  public static PythonPeer start(Path folder, String script) throws Exception {
    Path scripts = Processes.root().resolve("scripts");
    Processes interpreter = Processes.run(folder, scripts.resolve("python-peers").toString());
    Assumptions.assumeTrue(interpreter.code() == 0, "Skipped: " + interpreter.err().strip());
    ProcessBuilder builder =
        new ProcessBuilder(
            interpreter.out().strip(), "-u", scripts.resolve("interop").resolve(script).toString());
    builder.environment().putAll(Map.of("OMP_NUM_THREADS", "1", "OPENBLAS_NUM_THREADS", "1"));
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    return new PythonPeer(builder.redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  public JsonNode call(ObjectNode request) throws IOException {
    writer.write(request.toString());
    writer.write('\n');
    writer.flush();
    String line = reader.readLine();
    if (line == null) {
      throw new AssertionError("The Python program ended at " + request);
    }
    JsonNode response = JsonText.parse(line.getBytes(StandardCharsets.UTF_8), "answer");
    if (response.has("failed")) {
      throw new AssertionError(response.path("failed").asText() + "\nat " + request);
    }
    return response;
  }

  @Override
  public void close() throws Exception {
    writer.close();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroy();
    }
  }
}
