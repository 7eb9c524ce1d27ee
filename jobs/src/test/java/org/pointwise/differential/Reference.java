package org.pointwise.differential;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.pointwise.store.JsonText;

/** The long-running Python process that writes inputs, computes in float64 and reads outputs. */
final class Reference implements AutoCloseable {
  private final Process process;
  private final BufferedReader responses;
  private final Writer requests;

  private Reference(Process process) {
    this.process = process;
    this.responses =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    this.requests = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
  }

  /** Starts the process; skips the test with the reason if its packages are not available. */
  static Reference start() throws IOException, InterruptedException {
    Path scripts = root().resolve("scripts");
    Process setup =
        new ProcessBuilder(scripts.resolve("python-peers").toString())
            .redirectErrorStream(true)
            .start();
    String setupOutput =
        new String(setup.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    int code = setup.waitFor();
    Assumptions.assumeTrue(code == 0, () -> "Skipped: " + setupOutput);
    ProcessBuilder builder =
        new ProcessBuilder(
            setupOutput, "-B", scripts.resolve("interop/differential.py").toString());
    builder.environment().put("OMP_NUM_THREADS", "1"); // more threads do not help small matrices
    builder.environment().put("OPENBLAS_NUM_THREADS", "1");
    return new Reference(builder.redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /** The root of the checkout. */
  static Path root() {
    return Path.of(System.getProperty("pointwise.root", "..")).toAbsolutePath().normalize();
  }

  /** Draws the details of a case and writes its input. */
  Drawn draw(Case testCase, Path folder) throws IOException {
    return new Drawn(call(drawRequest(testCase, folder)));
  }

  /** The same with an input of this many images, of which only the first few are written. */
  Drawn drawGrowing(Case testCase, Path folder, int images) throws IOException {
    return new Drawn(call(drawRequest(testCase, folder).put("images", images)));
  }

  private static ObjectNode drawRequest(Case testCase, Path folder) {
    ObjectNode request =
        JsonText.object()
            .put("do", "draw")
            .put("seed", testCase.seed())
            .put("folder", folder.toString());
    ObjectNode options = request.putObject("options");
    testCase.values().forEach(options::put);
    return request;
  }

  /** Adds images to the input of the last case, up to this number. */
  Drawn grow(int images) throws IOException {
    return new Drawn(call(JsonText.object().put("do", "grow").put("images", images)));
  }

  /** Writes some images of the last case alone; returns their path. */
  Path writeImages(int begin, int end, Path folder) throws IOException {
    ObjectNode request =
        JsonText.object()
            .put("do", "night")
            .put("begin", begin)
            .put("end", end)
            .put("folder", folder.toString());
    return Path.of(call(request).path("input").asText());
  }

  /** Returns whether the outputs of two ranges of images of the last case are equal. */
  boolean sameImages(int one, int other, int count) throws IOException {
    ObjectNode request =
        JsonText.object()
            .put("do", "same_images")
            .put("one", one)
            .put("other", other)
            .put("count", count);
    return call(request).path("same").asBoolean();
  }

  /** Returns errors of an output that does not yet contain all images of the last case's input. */
  List<String> checkPast(Path output) throws IOException {
    return checkPast(output, true);
  }

  /** Returns errors of an output that is about to grow, before or after its input has grown. */
  List<String> checkPast(Path output, boolean grown) throws IOException {
    return problems(
        JsonText.object()
            .put("do", "check_past")
            .put("output", output.toString())
            .put("grown", grown));
  }

  /** Returns errors of an output of the last case. */
  List<String> check(Path output, boolean clients, boolean report) throws IOException {
    ObjectNode request =
        JsonText.object()
            .put("do", "check")
            .put("output", output.toString())
            .put("clients", clients)
            .put("report", report);
    return problems(request);
  }

  /** Draws a head of an output of the last case and writes a decoder for it. */
  JsonNode reconstruct(Path output, long seed, Path folder) throws IOException {
    return call(
        JsonText.object()
            .put("do", "reconstruct")
            .put("output", output.toString())
            .put("seed", seed)
            .put("folder", folder.toString()));
  }

  /** Returns errors of the reconstruction by that decoder. */
  List<String> checkReconstruction(Path output) throws IOException {
    return problems(
        JsonText.object().put("do", "check_reconstruction").put("output", output.toString()));
  }

  private List<String> problems(ObjectNode request) throws IOException {
    List<String> problems = new ArrayList<>();
    call(request).path("problems").forEach(problem -> problems.add(problem.asText()));
    return problems;
  }

  /** Answers a request that another class makes of JSON. */
  JsonNode call(ObjectNode request) throws IOException {
    requests.write(JsonText.line(request) + "\n");
    requests.flush();
    String line = responses.readLine();
    if (line == null) {
      throw new IOException("The reference ended while it was asked " + request);
    }
    JsonNode response = JsonText.parse(line.getBytes(StandardCharsets.UTF_8), "the reference");
    if (response.has("failed")) {
      throw new IOException(request + ": " + response.path("failed").asText());
    }
    return response;
  }

  @Override
  public void close() throws IOException {
    requests.close();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
