package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The same mistake ends every command with the same exit code and the same form of message. */
class WrongCommandLineTest {
  private static final Set<Class<?>> NUMBERS =
      Set.of(int.class, Integer.class, long.class, Long.class, double.class, Double.class);

  @TempDir Path folder;

  private String input;
  private String weights;

  @BeforeEach
  void write() throws Exception {
    Arrays4 array = Arrays4.random(Seed.random("wrong"), new FeatureShape(1, 8, 8, 4));
    Extent chunk = new Extent(1, 8, 8);
    input = array.zarr(folder + "/in.zarr", 3, "n,y,x,c", chunk, chunk);
    weights = folder + "/w.safetensors";
    PointwiseLayer layer = PointwiseLayer.of(new float[8], new float[2], Activation.NONE);
    WeightsWriter.write(ByteStores.LOCAL, weights, layer, Map.of());
  }

  static Set<String> commands() {
    Set<String> names = Commands.leaves().keySet();
    names.remove("generate-completion");
    return names;
  }

  /** Returns arguments with which a command is valid. */
  private List<String> valid(String command) {
    return switch (command) {
      case "demo" -> List.of("--dir", folder + "/demo");
      case "inspect" -> List.of(input);
      case "moments" -> List.of(input, folder + "/m.safetensors", "--runner", "local");
      case "fit" -> List.of(input, folder + "/f.safetensors", "--runner", "local");
      case "evaluate" -> List.of(input, "--weights", weights, "--runner", "local");
      case "reduce" -> List.of(input, folder + "/o", "--weights", weights, "--runner", "local");
      case "reconstruct" ->
          List.of(input, folder + "/o", "--decoder", weights, "--runner", "local");
      case "verify" -> List.of(folder + "/o", "--runner", "local");
      case "weights show" -> List.of(weights);
      case "weights convert" -> List.of(weights, folder + "/c.npy");
      case "cost" -> List.of("--in", "4", "--out", "2");
      default -> throw new AssertionError("a new command: " + command);
    };
  }

  private Cli run(String command, String... more) {
    return Commands.run(command, valid(command), more);
  }

  private void assertWrong(String command, Cli done, String message) {
    assertThat(done.code()).as("%s: %s", command, done.err()).isEqualTo(2);
    assertThat(done.out()).as(command).isEmpty();
    assertThat(done.err().lines()).as(command).hasSize(2);
    assertThat(done.err().lines().toList().get(0)).as(command).contains(message);
    assertThat(done.err()).endsWith("See 'pointwise %s --help'.%n".formatted(command));
    assertThat(folder.toFile().list()).as(command).hasSize(2);
  }

  private static void assertRefused(String command, Cli done, String message) {
    assertThat(done.code()).as("%s: %s", command, done.err()).isEqualTo(3);
    assertThat(done.errorLine()).as(command).contains(message);
  }

  private static List<OptionSpec> options(String command) {
    return Commands.all().get(command).options();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void unknownOption(String command) {
    assertWrong(command, run(command, "--qqq"), "Unknown option: '--qqq'");
    assertWrong(command, run(command, "--qqq=1"), "Unknown option: '--qqq'");
    assertWrong(command, Commands.run(command, List.of("--qqq")), "Unknown option: '--qqq'");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void misspeltOptionIsSuggested(String command) {
    for (OptionSpec option : options(command)) {
      String name = option.longestName();
      String wrong = name + "q";
      assertWrong(
          command,
          run(command, wrong + "=1"),
          "Unknown option: '%s'; did you mean %s?".formatted(wrong, name));
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void missingAndExcessArguments(String command) {
    CommandSpec spec = Commands.all().get(command);
    assertWrong(command, run(command, "one", "two", "three"), "Unexpected argument");
    boolean required = spec.args().stream().anyMatch(ArgSpec::required);
    assertThat(required).isEqualTo(!command.equals("demo"));
    if (required) {
      assertWrong(command, Commands.run(command, List.of()), "Missing required");
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void valuesOfOptions(String command) {
    for (OptionSpec option : options(command)) {
      String name = option.longestName();
      if (option.arity().min() > 0) {
        assertWrong(command, run(command, name), "Missing required parameter for option");
      }
      if (NUMBERS.contains(option.type()) && option.converters().length == 0) {
        assertWrong(
            command,
            run(command, name, "many"),
            "Invalid value for %s: 'many' is not a ".formatted(name));
      }
      if (!Choices.of(option).isEmpty()) {
        assertWrong(
            command,
            run(command, name + "=qqq"),
            "Invalid value for %s: 'qqq' is not ".formatted(name));
        assertWrong(command, run(command, name + "=qqq"), String.join(", ", Choices.of(option)));
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "reduce   | --compressor | zst     | did you mean zstd?",
        "reduce   | --format     | zar3    | did you mean zarr3?",
        "reduce   | --dtype      | flaot16 | did you mean float16?",
        "reduce   | --dtype      | int8    | 'int8' is not one of float32, float16, bfloat16, float64",
        "reduce   | --activation | rellu6  | did you mean relu6?",
        "reduce   | --activation | leakrelu:0.1 | did you mean leakyrelu?",
        "reduce   | --activation | clip:0  | has 1 parameters but needs 2",
        "evaluate | --activation | mish    | 'mish' is not one of auto, none, relu, relu6, clip:LO:HI",
        "evaluate | --normalise  | l2      | Cannot evaluate outputs normalised by l2",
        "evaluate | --normalise  | l3      | 'l3' is not none",
        "fit      | --method     | pcaa    | did you mean pca?",
        "reduce   | --log-level  | inf     | did you mean info?",
        "reduce   | --overwrite=noww | --append | did you mean now?"
      })
  void nearestValueIsSuggested(String command, String option, String value, String message) {
    assertWrong(command, run(command, option, value), message);
  }

  @ParameterizedTest
  @CsvSource({
    "moments, --sample, 0",
    "fit, --sample, 1.5",
    "moments, --test-size, 1",
    "fit, --test-size, -1",
    "evaluate, --test-size, 0",
    "moments, --hold-out-block, -1",
    "evaluate, --hold-out-block, -1",
    "fit, --max-iter, 0",
    "evaluate, --train-pixels, 0",
    "fit, --weight-decay, -1",
    "fit, --epsilon, -1",
    "fit, --channels, 0",
    "fit, --keep-variance, 2",
    "evaluate, --curve, 0",
    "fit, --fail-below-variance, 2",
    "evaluate, --fail-below-variance, nan",
    "reduce, --check-past, -1",
    "reduce, --compression-level, 99",
    "reduce, --shard-size, -1",
    "verify, --tiles, -1",
    "verify, --sample-pixels, 0",
    "cost, --images, 0",
    "cost, --next, 0x1:1",
    "cost, --in, 99999999999"
  })
  void numberOutsideItsRange(String command, String option, String value) {
    assertWrong(command, run(command, option + "=" + value), option);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void optionsOfSeveralCommands(String command) {
    Map<String, String> wrong = new TreeMap<>();
    wrong.put("--axes", "n,y,q,c");
    wrong.put("--output-axes", "n,y,y,c");
    wrong.put("--label-axes", "q");
    wrong.put("--scale", "two");
    wrong.put("--threads", "0");
    wrong.put("--memory-per-task", "2 bananas");
    wrong.forEach(
        (option, value) -> {
          if (Commands.all().get(command).findOption(option) != null) {
            assertWrong(command, run(command, option, value), "Invalid value for " + option + ": ");
          }
        });
    OptionSpec classes = Commands.all().get(command).findOption("--classes");
    if (classes != null) {
      assertWrong(
          command,
          run(command, "--labels", input, "--classes", "1"),
          "--classes must be from 2 to 65536");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "reduce --append --overwrite",
        "moments --append --overwrite",
        "reduce --fail-above-bad 0.1",
        "reduce --weights x.npy --bias b.npy",
        "reduce --head a=x.npy --head a=y.npy",
        "evaluate --fail-below-accuracy 0.5",
        "evaluate --split some",
        "fit --channels 2 --keep-variance 0.9",
        "fit --moments m.safetensors",
        "fit --method random",
        "fit --method lda",
        "fit --method score",
        "fit --fail-below-accuracy 0.5",
        "fit --method select --channels 2 --align old.npy",
        "inspect --axes n,y,x,c --axes n,c,y,x"
      })
  void contradictingOptions(String line) {
    List<String> words = new ArrayList<>(List.of(line.split(" ")));
    String command = words.remove(0);
    assertWrong(command, run(command, words.toArray(String[]::new)), "-");
  }

  @ParameterizedTest
  @ValueSource(strings = {"inspect", "moments", "fit", "evaluate", "reduce"})
  void missingInput(String command) {
    List<String> arguments = new ArrayList<>(valid(command));
    Collections.replaceAll(arguments, input, folder + "/none.zarr");
    assertRefused(
        command, Commands.run(command, arguments), "Cannot read " + folder + "/none.zarr");
  }

  @ParameterizedTest
  @ValueSource(strings = {"evaluate", "reduce", "weights show", "weights convert"})
  void missingAndUnreadableWeights(String command) throws Exception {
    List<String> arguments = new ArrayList<>(valid(command));
    String none = folder + "/none.safetensors";
    Collections.replaceAll(arguments, weights, none);
    assertRefused(command, Commands.run(command, arguments), none);
    Files.writeString(Path.of(none), "no weights");
    assertRefused(command, Commands.run(command, arguments), none);
    Collections.replaceAll(arguments, none, folder + "/none.weights");
    assertRefused(command, Commands.run(command, arguments), folder + "/none.weights");
  }

  @Test
  void otherMissingFiles() throws Exception {
    String none = folder + "/none.npy";
    assertRefused("verify", run("verify"), "Cannot verify");
    for (String command : List.of("moments", "fit", "evaluate")) {
      assertRefused(command, run(command, "--labels", none), none);
    }
    for (String command : List.of("inspect", "moments", "fit", "evaluate", "reduce")) {
      assertRefused(command, run(command, "--scale", none), none);
    }
    String kernel = folder + "/w.npy";
    PointwiseLayer layer = PointwiseLayer.of(new float[8], new float[2], Activation.NONE);
    WeightsWriter.write(ByteStores.LOCAL, kernel, layer, Map.of());
    for (String command : List.of("evaluate", "reduce", "weights convert")) {
      List<String> arguments = new ArrayList<>(valid(command));
      Collections.replaceAll(arguments, weights, kernel);
      assertRefused(command, Commands.run(command, arguments, "--bias", none), none);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "reduse | Unknown command: 'reduse'; did you mean reduce?",
        "redcue --weights w.npy --x 1 | Unknown command: 'redcue'; did you mean reduce?",
        "squeeze | Unknown command: 'squeeze'",
        "--qqq | Unknown option: '--qqq'",
        "--versio | Unknown option: '--versio'; did you mean --version?",
        "- | Missing required command: one of demo, inspect, moments, fit",
        "@none.args | Cannot read the job file none.args: there is no such file; check the path"
      })
  void wrongCommand(String argument, String message) {
    Cli done = argument == null ? Cli.run() : Cli.run(argument.split(" "));
    assertThat(done.code()).isEqualTo(2);
    assertThat(done.out()).isEmpty();
    assertThat(done.err().lines().toList().get(0)).startsWith(message);
    assertThat(done.err().lines().skip(1)).containsExactly("See 'pointwise --help'.");
  }

  @Test
  void wrongCommandOfWeights() {
    Cli misspelt = Cli.run("weights", "shw");
    assertThat(misspelt.code()).isEqualTo(2);
    assertThat(misspelt.err().lines())
        .containsExactly(
            "Unknown command: 'shw'; did you mean show?", "See 'pointwise weights --help'.");
    Cli none = Cli.run("weights");
    assertThat(none.code()).isEqualTo(2);
    assertThat(none.err()).startsWith("Missing required command: one of ");
  }

  @Test
  void similarWordsAreSuggestedOnlyIfOneIsNearest() {
    List<String> words = List.of("float32", "float16", "zstd", "--compressor");
    assertThat(Choices.nearest("float8", words)).isNull();
    assertThat(Choices.nearest("ZSDT", words)).isEqualTo("zstd");
    assertThat(Choices.nearest("-compresser", words)).isEqualTo("--compressor");
    assertThat(Choices.nearest("lzma", words)).isNull();
  }
}
