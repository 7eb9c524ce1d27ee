package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;

/**
 * Draws random inputs and options of {@code moments}, {@code fit} and {@code evaluate}, and
 * compares with NumPy, SciPy and scikit-learn on the same pixels ({@code
 * scripts/interop/differential_learning.py}). {@code -Dtests.cases=N} runs N / 5 cases of each;
 * with N = 500, every possible pair of option values occurs.
 */
class LearningDifferentialTest {
  private static final int CASES = Integer.getInteger("tests.cases", 500) / 5;
  private static final int SPARK_EVERY = 20;
  private static final String NONE = "none";

  @TempDir Path folder;

  private PythonPeer python;
  private Random random;
  private Path place;
  private Map<String, String> options;
  private JsonNode drawn;
  private int number;

  /** Runs one command of a case; returns the differences. */
  private interface Case {
    List<String> run() throws Exception;
  }

  private static Map<String, List<String>> inputs() {
    Map<String, List<String>> values = new LinkedHashMap<>();
    values.put("container", List.of("zarr2", "zarr3", "sharded", "npy", "folder"));
    values.put(
        "axes",
        List.of("n,y,x,c", "n,c,y,x", "c,y,x", "y,x,c", "x,y,n,c", "c,n,x,y", "n,c", "x,c"));
    values.put("type", List.of("f2", "f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"));
    values.put("endian", List.of("little", "big"));
    values.put("scale", List.of(NONE, "scaled", "channels"));
    values.put("chunks", List.of("whole", "ragged", "images", "channels"));
    values.put("pixels", List.of("many", "many", "few"));
    values.put("dependent", List.of(NONE, NONE, "constant", "duplicate", "class", "pixels"));
    values.put("missing", List.of("no", "yes"));
    values.put("nodata", List.of(NONE, "option", "attribute", "nan"));
    values.put("bad", List.of("no", "no", "yes"));
    values.put("labels", List.of(NONE, "npy", "zarr"));
    values.put("classes", List.of("2", "4"));
    values.put("ignore", List.of("no", "yes"));
    values.put("labeltype", List.of("u1", "i2", "i8"));
    values.put("sample", List.of("1", "0.6"));
    values.put("hold-out", List.of("0", "0.25", "0.4", "0.6"));
    values.put("block", List.of("0", "3", "5"));
    values.put("images", List.of("all", "all", "range", "list"));
    values.put("bbox", List.of(NONE, NONE, "window"));
    values.put("input-channels", List.of("all", "all", "range", "list"));
    values.put("mask", List.of("no", "yes"));
    return values;
  }

  /** Removes combinations that containers or element types do not support. */
  private static Map<String, String> normalise(Map<String, String> one) {
    boolean npy = one.get("container").equals("npy");
    boolean files = one.get("container").equals("folder");
    String type = one.get("type");
    if (files) {
      List<String> axes = List.of("y,x,c", "c,y,x", "x,c");
      one.put("axes", axes.get(Math.floorMod(one.get("axes").hashCode(), 3)));
    }
    if (npy || files) {
      one.put("scale", NONE);
      one.put("chunks", "whole");
      one.put("missing", "no");
      one.computeIfPresent("nodata", (name, value) -> value.equals("attribute") ? NONE : value);
    }
    if (type.startsWith("f")) {
      one.put("scale", NONE);
    } else {
      one.put("bad", "no");
      one.computeIfPresent("nodata", (name, value) -> value.equals("nan") ? NONE : value);
    }
    if (type.endsWith("1")) {
      one.put("endian", "little");
    }
    if (files && one.get("labels").equals("zarr")) {
      one.put("labels", "npy");
    }
    if (one.get("labels").equals(NONE)) {
      one.put("classes", "2");
      one.put("ignore", "no");
      one.put("labeltype", "u1");
    }
    if (one.get("hold-out").equals("0")) {
      one.put("block", "0");
    }
    return one;
  }

  private void cases(String name, Map<String, List<String>> values, int max, Case one)
      throws Exception {
    random = Seed.random("differential " + name);
    PairwiseCases pairs = new PairwiseCases(random, values, LearningDifferentialTest::normalise);
    List<String> failures = new ArrayList<>();
    try (PythonPeer peer = PythonPeer.start(folder, "differential_learning.py")) {
      python = peer;
      boolean all = CASES >= 100; // also all pairs, with as many more cases as needed
      for (number = 0; number < CASES || (all && !pairs.missing().isEmpty()); number++) {
        place = folder.resolve(name + number);
        options = pairs.next();
        options.put("channels", String.valueOf(max));
        // Any whole number is a valid seed.
        options.put("seed", String.valueOf(number % 3 == 0 ? random.nextLong() : number));
        drawn = python.call(draw());
        List<String> wrong = one.run();
        if (!wrong.isEmpty()) {
          failures.add("%s %d %s %s: %s".formatted(name, number, options, drawn, wrong));
        }
        delete(place);
      }
    }
    System.out.printf("%d cases of %s: %s%n", number, name, pairs);
    assertThat(failures).as("seed %d", Seed.value()).isEmpty();
  }

  private ObjectNode draw() {
    ObjectNode request =
        JsonText.object()
            .put("do", "draw")
            .put("seed", random.nextInt(Integer.MAX_VALUE))
            .put("folder", place.toString());
    options.forEach(request.putObject("options")::put);
    return request;
  }

  private static void delete(Path folder) throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private List<String> command(String... start) {
    List<String> args = new ArrayList<>(List.of(start));
    args.add("--json");
    args.add("--quiet");
    if (number % SPARK_EVERY == SPARK_EVERY - 1) {
      args.addAll(List.of("--runner", "spark", "--master", "local[2]"));
    } else {
      args.addAll(List.of("--runner", "local", "--threads", String.valueOf(1 + number % 3)));
    }
    return args;
  }

  private void addPixels(List<String> args) {
    drawn.path("arguments").forEach(argument -> args.add(argument.asText()));
    args.add("--sample=" + options.get("sample"));
    args.add("--test-size=" + options.get("hold-out"));
    args.add("--hold-out-block=" + options.get("block"));
    args.add("--seed=" + options.get("seed"));
  }

  private static ObjectNode request(String action, Cli done) {
    ObjectNode request =
        JsonText.object().put("do", action).put("code", done.code()).put("stderr", done.err());
    if (done.code() == 0) {
      request.set("report", JsonText.parse(done.out().getBytes(StandardCharsets.UTF_8), action));
    }
    return request;
  }

  private List<String> problems(ObjectNode request) throws Exception {
    List<String> wrong = new ArrayList<>();
    python.call(request).path("wrong").forEach(line -> wrong.add(line.asText()));
    return wrong;
  }

  private static Cli run(List<String> args) {
    return Cli.run(args.toArray(String[]::new));
  }

  private Cli computeMoments(String file) {
    List<String> args = command("moments", drawn.path("input").asText(), file);
    addPixels(args);
    return run(args);
  }

  @Test
  void momentsMatchNumPy() throws Exception {
    cases(
        "moments",
        inputs(),
        40,
        () -> {
          String file = place + "/moments.safetensors";
          return problems(request("moments", computeMoments(file)).put("file", file));
        });
  }

  private static Map<String, List<String>> layers() {
    Map<String, List<String>> values = inputs();
    values.put(
        "method", List.of("pca", "whiten", "lda", "select", "random", "score", "bottleneck"));
    values.put("format", List.of("safetensors", "npy", "onnx"));
    values.put("keep", List.of("channels", "variance"));
    values.put("reuse", List.of("no", "yes"));
    values.put("standardise", List.of("no", "yes"));
    return values;
  }

  @Test
  void layersMatchNumPyAndScikitLearn() throws Exception {
    cases("fit", layers(), 12, () -> problems(fit(options.get("method"), options.get("format"))));
  }

  /** Draws the number of channels to learn, which few pixels may not have; 0 for the default. */
  private int count(String method) {
    if (method.equals("lda")) {
      return random.nextInt(3);
    }
    if (method.equals("score")) {
      return 0;
    }
    int channels = drawn.path("channels").asInt();
    boolean ranked = method.equals("pca") || method.equals("whiten");
    int rank = Math.max(1, drawn.path("rank").asInt());
    return 1 + random.nextInt(ranked && random.nextInt(4) > 0 ? rank : channels);
  }

  /** Fits a layer; returns the request to check it. */
  private ObjectNode fit(String method, String format) {
    boolean trained = method.equals("score") || method.equals("bottleneck");
    boolean variance =
        options.get("keep").equals("variance") && (method.equals("pca") || method.equals("whiten"));
    boolean reuse = options.get("reuse").equals("yes") && !trained;
    String weights = "%s/w.%s".formatted(place, format);
    String moments = place + "/w.moments.safetensors";
    List<String> args = command("fit");
    if (reuse) {
      Cli computed = computeMoments(moments);
      assertThat(computed.code()).as(computed.err()).isZero();
      args.addAll(List.of(weights, "--moments", moments, "--seed=" + options.get("seed")));
    } else {
      args.addAll(List.of(drawn.path("input").asText(), weights));
      addPixels(args);
    }
    args.add("--method=" + method);
    boolean scales = List.of("pca", "whiten", "random").contains(method);
    boolean standardise =
        options.get("standardise").equals("yes") && (scales || random.nextInt(8) == 0);
    if (standardise) {
      args.add("--standardise");
    }
    int count = count(method);
    double part = 0.5 + random.nextInt(50) / 100.0;
    if (variance) {
      args.add("--keep-variance=" + part);
    } else if (count > 0) {
      args.add("--channels=" + count);
    }
    int trainPixels = random.nextBoolean() ? 200_000 : 150;
    if (trained) {
      args.add("--train-pixels=" + trainPixels);
    }
    return request("fit", run(args))
        .put("method", method)
        .put("standardise", standardise)
        .put("weights", weights)
        .put("moments", moments)
        .put("reuse", reuse)
        .put("channels", variance ? 0 : count)
        .put("keep", variance ? part : 0)
        .put("trainPixels", trainPixels);
  }

  private static Map<String, List<String>> evaluated() {
    Map<String, List<String>> values = layers();
    values.put("hold-out", List.of("0.25", "0.4", "0.6"));
    List<String> methods = new ArrayList<>(values.get("method"));
    methods.addAll(List.of("given", "rectified"));
    values.put("method", methods);
    values.put("fitted", List.of("beside", "absent"));
    values.put("probe", List.of("no", "yes"));
    values.put("hold", List.of("recorded", "given"));
    return values;
  }

  @Test
  void figuresMatchNumPyAndScikitLearn() throws Exception {
    int[] refusedFits = {0};
    cases(
        "evaluate",
        evaluated(),
        8,
        () -> {
          String method = options.get("method");
          boolean foreign = method.equals("given") || method.equals("rectified");
          String weights =
              "%s/w.%s".formatted(place, foreign ? "safetensors" : options.get("format"));
          if (foreign) {
            writeRandomLayer(weights, method.equals("given") ? Activation.NONE : Activation.RELU);
          } else if (fit(method, options.get("format")).path("code").asInt() != 0) {
            refusedFits[0]++;
            return List.of();
          }
          return problems(evaluate(weights, foreign));
        });
    System.out.printf("of which %d had nothing to learn from%n", refusedFits[0]);
    assertThat(refusedFits[0]).isLessThan(CASES / 2);
  }

  /** Writes a layer that was not fitted and has no decoder. */
  private void writeRandomLayer(String weights, Activation activation) throws Exception {
    int in = drawn.path("channels").asInt();
    int out = 1 + random.nextInt(in);
    float[] values = new float[out * in];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    WeightsWriter.write(
        ByteStores.LOCAL, weights, PointwiseLayer.of(values, new float[out], activation), Map.of());
  }

  private ObjectNode evaluate(String weights, boolean foreign) throws Exception {
    boolean recorded = !foreign && !weights.endsWith(".npy");
    boolean beside = !foreign && options.get("fitted").equals("beside");
    boolean probe = options.get("probe").equals("yes") && !options.get("labels").equals(NONE);
    if (!beside) {
      Files.deleteIfExists(place.resolve("w.moments.safetensors"));
    }
    List<String> args = command("evaluate", drawn.path("input").asText(), "--weights", weights);
    for (int i = 0; i < drawn.path("arguments").size(); i++) {
      String argument = drawn.path("arguments").get(i).asText();
      boolean ofLabels = argument.startsWith("--label") || argument.equals("--ignore-label");
      if (ofLabels && !probe) {
        i++; // skips its value
      } else {
        args.add(argument);
      }
    }
    if (!recorded || options.get("hold").equals("given")) {
      args.add("--test-size=" + options.get("hold-out"));
      args.add("--hold-out-block=" + options.get("block"));
      args.add("--seed=" + options.get("seed"));
    }
    return request("evaluate", run(args))
        .put("weights", weights)
        .put("recorded", recorded)
        .put("momentsBeside", beside)
        .put("probe", probe);
  }
}
