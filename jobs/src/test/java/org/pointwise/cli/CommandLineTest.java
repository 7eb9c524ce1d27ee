package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.format.Formats;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Reductions;
import org.pointwise.testing.Seed;
import org.pointwise.testing.SharedData;
import org.pointwise.weights.WeightsWriter;
import picocli.CommandLine;

/** Tests the commands as a user types them, on plain threads. */
class CommandLineTest {
  @TempDir Path folder;

  private String input;
  private String weights;
  private String output;

  @BeforeEach
  void write() throws Exception {
    Arrays4 array = Arrays4.random(Seed.random("cli"), new FeatureShape(2, 20, 24, 12));
    Extent chunk = new Extent(1, 8, 8);
    input = array.zarr(folder + "/in.zarr", 3, "n,y,x,c", chunk, new Extent(1, 16, 16));
    weights = folder + "/w.safetensors";
    output = folder + "/out.zarr";
    PointwiseLayer layer =
        PointwiseLayer.of(ramp(12 * 5), new float[] {1, 2, 3, 4, 5}, Activation.RELU);
    WeightsWriter.write(ByteStores.LOCAL, weights, layer, java.util.Map.of());
  }

  private static float[] ramp(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (i % 7 - 3) / 8f;
    }
    return values;
  }

  private Cli reduce(String... more) {
    List<String> args = new ArrayList<>(List.of("reduce", input, output, "--runner", "local"));
    if (!List.of(more).contains("--head")) {
      args.addAll(List.of("--weights", weights));
    }
    args.addAll(List.of(more));
    return Cli.run(args.toArray(String[]::new));
  }

  @Test
  void warnsOfTypesThatClientsCannotRead() {
    for (String[] more :
        new String[][] {{"--dtype", "bfloat16", "--dry-run"}, {"--dtype", "bfloat16"}}) {
      Cli done = reduce(more);
      assertThat(done.code()).as(done.err()).isZero();
      assertThat(done.err()).contains("Warning: zarr-python and xarray cannot read bfloat16");
    }
  }

  @Test
  void reduceThenVerify() throws Exception {
    Cli done = reduce("--json");
    assertThat(done.code()).as(done.err()).isZero();
    JsonNode report = JsonText.parse(done.out().getBytes(StandardCharsets.UTF_8), "report");
    assertThat(report.path("status").asText()).isEqualTo("complete");
    assertThat(report.path("pixels").asLong()).isEqualTo(960);
    assertThat(report.path("bytesIn").asLong()).isEqualTo(960 * 12 * 4);
    for (String field :
        List.of("bytesOut", "shards", "shardsWritten", "seconds", "tileSeconds", "fingerprint")) {
      assertThat(report.has(field)).as(field).isTrue();
    }
    assertThat(report.path("versions").path("java").asText()).isNotEmpty();
    assertThat(Path.of(output + ".pointwise", "_SUCCESS")).exists();
    assertThat(Path.of(output + ".pointwise", "plan.json")).exists();
    JsonNode stored =
        JsonText.parse(Files.readAllBytes(Path.of(output + ".pointwise", "report.json")), "report");
    assertThat(stored).isEqualTo(report);
    Cli verified = Cli.run("verify", output, "--input", input, "--weights", weights);
    assertThat(verified.code()).as(verified.out()).isZero();
    assertThat(verified.out())
        .contains("Whole")
        .containsPattern("recomputed in float64; the largest .* bound for float32 sums\n");
  }

  @Test
  void quietCommandsPrintResultsAlone() {
    String[] tail = {"--runner", "local", "--quiet"};
    String layer = folder + "/fitted.safetensors";
    for (String[] command :
        new String[][] {
          {"moments", input, folder + "/m.safetensors"},
          {"fit", input, layer, "--channels", "2", "--test-size", "0.3"},
          {"evaluate", input, "--weights", layer},
          {"reduce", input, output, "--weights", layer},
          {"verify", output}
        }) {
      Cli done = Cli.run(EvaluateFixture.concat(command, tail));
      assertThat(done.code()).as(done.err()).isZero();
      assertThat(done.err()).as(command[0]).isEmpty();
      assertThat(done.out()).as(command[0]).isNotEmpty().doesNotContain("Runner", "Work  ");
    }
  }

  @Test
  void verifyStatesTheBoundOfTheStoredType() {
    for (String type : List.of("float16", "bfloat16")) {
      assertThat(reduce("--dtype", type, "--overwrite").code()).isZero();
      assertThat(Cli.run("verify", output).out())
          .containsPattern("largest error is .* for float32 sums rounded to " + type + "\n");
      assertThat(Cli.run("verify", output, "--json").out())
          .containsPattern("\"comparedTypes\" : \\[ \"" + type + "\" \\]");
    }
  }

  @Test
  void dryRunPrintsPlanAndWritesNothing() {
    Cli done = reduce("--dry-run");
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.out())
        .contains("n=2 y=20 x=24 c=12")
        .contains("features: 12 → 5 + relu")
        .contains("every input chunk read once")
        .contains("n=2 y=20 x=24 c=5 float32", "Work      1 shard of n,y,x")
        .contains("up to 2 tasks at once, each needs at most", "compiled, up to 2 tasks at once")
        .containsPattern("Estimate  about [0-9.]+ s for 1 unit: reads .* in 1 object\n");
    assertThat(reduce("--dry-run", "--json", "--threads", "3").out())
        .containsPattern("\"estimate\" : \\{\\s+\"units\" : 1,")
        .containsPattern("\"bytesPerTask\" : [1-9]\\d+,")
        .containsPattern("\"bytesPerTaskAvailable\" : [1-9]\\d+,")
        .containsPattern("\"nativeBytesPerTask\" : [1-9]\\d+,")
        .contains("up to 3 tasks at once");
    assertThat(Path.of(output)).doesNotExist();
    assertThat(Path.of(output + ".pointwise")).doesNotExist();
  }

  @Test
  void dryRunStatesHowOftenInputChunksAreDecoded() {
    String often =
        reduce("--dry-run", "--chunk", "n=1,y=2,x=24", "--shard-size", "0", "--threads", "2").out();
    assertThat(often)
        .contains("up to 3 tiles each; an input chunk is decoded 3.6 times on average")
        .contains("end within input chunks; give --chunk y=8 or a larger --shard-size");
    assertThat(reduce("--dry-run", "--chunk", "n=1,y=8,x=24", "--shard-size", "0").out())
        .contains("every input chunk read once");
  }

  @Test
  void writesEveryFormatTypeAndCodec() throws Exception {
    assertThat(reduce().code()).isZero();
    float[] expected = Reductions.read(Reductions.open(output + "/features"));
    int round = 0;
    for (String format : List.of("zarr3", "zarr2")) {
      for (String codec : List.of("zstd", "blosc", "gzip", "none")) {
        for (String type : List.of("float32", "float16", "float64")) {
          output = folder + "/out" + round++;
          Cli done = reduce("--format", format, "--compressor", codec, "--dtype", type);
          assertThat(done.code()).as(done.err()).isZero();
          float[] found = Reductions.read(Reductions.open(output + "/features"));
          double tolerance = type.equals("float16") ? 0x1p-11 : 0;
          assertThat(Reductions.error(found, expected))
              .as("%s %s %s", format, codec, type)
              .isLessThanOrEqualTo(tolerance);
          assertThat(Cli.run("verify", output).code()).isZero();
        }
      }
    }
    output = folder + "/files";
    assertThat(reduce("--format", "npy").code()).isZero();
    assertThat(Path.of(output, "000001.npy")).exists();
    float[] files =
        Reductions.read(Formats.open(ByteStores.LOCAL, output, Axes.parse("y,x,c"), null));
    assertThat(files).isEqualTo(expected);
    assertThat(Cli.run("verify", output).code()).isZero();
  }

  @Test
  void headsAreArraysOfOneGroup() throws Exception {
    String second = folder + "/score.npy";
    WeightsWriter.write(
        ByteStores.LOCAL,
        second,
        PointwiseLayer.of(ramp(24), new float[2], Activation.NONE),
        java.util.Map.of());
    Cli done = reduce("--weights", second);
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(Reductions.open(output + "/w").info().shape().c()).isEqualTo(5);
    assertThat(Reductions.open(output + "/score").info().shape().c()).isEqualTo(2);
    Cli verified =
        Cli.run("verify", output, "--input", input, "--weights", weights, "--weights", second);
    assertThat(verified.code()).as(verified.out()).isZero();
  }

  @Test
  void imagesOfDifferentSizesAreWrittenToFilesOfSameNames() throws Exception {
    String mixed = folder + "/mixed";
    Arrays4.random(Seed.random("a"), new FeatureShape(1, 9, 11, 12))
        .npyFile(mixed, "a.npy", "y,x,c");
    Arrays4.random(Seed.random("b"), new FeatureShape(1, 30, 7, 12))
        .npyFile(mixed, "b.npy", "y,x,c");
    input = mixed;
    Cli refused = reduce("--axes", "y,x,c");
    assertThat(refused.code()).isEqualTo(3);
    assertThat(refused.errorLine()).contains("its images differ in size; use --format npy");
    assertThat(Path.of(output)).doesNotExist();
    Cli done = reduce("--axes", "y,x,c", "--format", "npy");
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(
            Formats.open(ByteStores.LOCAL, output + "/b.npy", Axes.parse("y,x,c"), null)
                .info()
                .shape())
        .isEqualTo(new FeatureShape(1, 30, 7, 5));
    assertThat(Cli.run("verify", output).code()).isZero();
    Cli against =
        Cli.run("verify", output, "--input", mixed, "--weights", weights, "--axes", "y,x,c");
    assertThat(against.code()).as(against.out()).isZero();
  }

  @Test
  void npyHeadsAreFoldersAndAreVerifiedAgainstInput() {
    Cli twice = reduce("--head", "a=" + weights, "--head", "a=" + weights);
    assertThat(twice.code()).isEqualTo(2);
    assertThat(twice.err()).contains("--head a= is given more than once");
    for (String wrong : List.of("a", "=" + weights, "a=")) {
      Cli none = reduce("--head", wrong);
      assertThat(none.code()).isEqualTo(2);
      assertThat(none.err()).contains("names no head; write NAME=FILE");
    }
    String[] heads = {"--head", "a=" + weights, "--head", "b=" + weights};
    Cli done =
        reduce(
            "--format", "npy", heads[0], heads[1], heads[2], heads[3], "--output-axes", "n,c,y,x");
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(Path.of(output, "b", "000001.npy")).exists();
    Cli verified =
        Cli.run("verify", output, "--input", input, "--weights", weights, "--weights", weights);
    assertThat(verified.code()).as(verified.out()).isZero();
    assertThat(verified.out()).contains("recomputed in float64");
  }

  @Test
  void attributesThatStayValidAreKept() throws Exception {
    Path array = folder.resolve("in.zarr/data/zarr.json");
    Files.writeString(
        array,
        Files.readString(array)
            .replace(
                "\"attributes\" : { }",
                "\"attributes\" : {\"proj:code\":\"EPSG:32633\",\"scale_factor\":0.5,\"_FillValue\":-1}"));
    assertThat(reduce().code()).isZero();
    JsonNode attributes =
        JsonText.parse(Files.readAllBytes(Path.of(output, "features/zarr.json")), "out")
            .path("attributes");
    assertThat(attributes.path("proj:code").asText()).isEqualTo("EPSG:32633");
    assertThat(attributes.has("scale_factor")).isFalse();
    assertThat(attributes.has("_FillValue")).isFalse();
    assertThat(attributes.path("pointwise").path("weightsSha256").asText()).hasSize(64);
    Cli inspected = Cli.run("inspect", input);
    assertThat(inspected.out()).contains("q * 0.5 + 0.0").contains("-1.0");
    Cli verified = Cli.run("verify", output, "--input", input, "--weights", weights);
    assertThat(verified.code()).as(verified.out()).isZero();
  }

  @Test
  void headNamedLikeDimensionIsRefused() {
    Cli done = reduce("--head", "x=" + weights, "--quiet");
    assertThat(done.code()).isEqualTo(3);
    assertThat(done.errorLine()).contains("a dimension has that name");
  }

  @Test
  void argumentsAreReadFromJobFile() throws Exception {
    Path job = folder.resolve("job.args");
    Files.writeString(
        job,
        "# a comment\nreduce\n%s\n%s\n--weights\n%s#weight\n--runner\nlocal\n"
            .formatted(input, output, weights));
    Cli done = Cli.run("@" + job);
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(Cli.run("verify", output).code()).isZero();
  }

  @Test
  void aJobFileThatIsWrongIsNamed() throws Exception {
    Cli missing = Cli.run("@" + folder + "/none.args");
    assertThat(missing.code()).isEqualTo(2);
    assertThat(missing.err()).contains("none.args: there is no such file");
    Path job = folder.resolve("line.args");
    Files.writeString(job, "reduce\n%s\n%s\n--weights %s\n".formatted(input, output, weights));
    Cli line = Cli.run("@" + job);
    assertThat(line.code()).isEqualTo(2);
    assertThat(line.err())
        .contains("in a job file write the option and its value on two lines")
        .contains("or --weights=" + weights);
  }

  @Test
  void inspectDescribesArray() {
    Cli text = Cli.run("inspect", SharedData.string("features/portrait.zarr/relu256"));
    assertThat(text.code()).isZero();
    assertThat(text.out())
        .contains("n,c,y,x")
        .contains("float32")
        .contains("{\"n\":1,\"c\":256,\"y\":20,\"x\":65}");
    Cli json = Cli.run("inspect", input, "--json");
    JsonNode found = JsonText.parse(json.out().getBytes(StandardCharsets.UTF_8), "inspect");
    assertThat(found.path("shape").path("c").asInt()).isEqualTo(12);
    assertThat(found.path("codecs").asText()).isEqualTo("zstd level 1, crc32c");
  }

  @Test
  void weightsAreShownAndConverted() {
    String model = SharedData.string("models/onnx/deeplab_dm05_513_folded.onnx");
    Cli shown = Cli.run("weights", "show", model);
    assertThat(shown.out()).contains("37 1×1 layers").contains("512 → 256    relu");
    String converted = folder + "/c.safetensors";
    assertThat(Cli.run("weights", "convert", model + "#Conv__305:0", converted).code()).isZero();
    assertThat(Cli.run("weights", "show", converted).out()).contains("256 → 2");
  }

  @Test
  void costMatchesInceptionPaper() {
    Cli cost = Cli.run("cost", "--in", "256", "--out", "2", "--next", "3x3:64");
    assertThat(cost.out())
        .contains("128.0× fewer")
        .contains("147,456 multiply-adds")
        .contains("1,152 multiply-adds")
        .contains("costs 128.0× less");
    assertThat(Cli.run("cost", "--in", "256", "--out", "2", "--next", "3by3").code()).isEqualTo(2);
  }

  @Test
  void everyCommandHasHelp() {
    List<String> commands = new ArrayList<>();
    help(Main.commandLine(), List.of(), commands);
    assertThat(commands)
        .hasSizeGreaterThan(11)
        .contains("fit", "evaluate", "moments", "weights show");
    assertThat(Cli.run("generate-completion").out()).contains("complete");
    assertThat(Cli.run("--version").out()).contains("pointwise").contains("Spark");
    assertThat(Cli.run("cost", "--help").out()).contains("inception-3a");
  }

  private static void help(CommandLine command, List<String> path, List<String> commands) {
    for (CommandLine sub : command.getSubcommands().values()) {
      List<String> words = new ArrayList<>(path);
      words.add(sub.getCommandName());
      List<String> arguments = new ArrayList<>(words);
      arguments.add("--help");
      Cli help = Cli.run(arguments.toArray(String[]::new));
      assertThat(help.code()).as("%s", words).isZero();
      assertThat(help.out()).contains("Usage: pointwise " + String.join(" ", words));
      for (CommandLine.Model.OptionSpec option : sub.getCommandSpec().options()) {
        assertThat(option.description()).as("%s %s", words, option).isNotEmpty();
      }
      commands.add(String.join(" ", words));
      help(sub, words, commands);
    }
  }

  @Test
  void numbersAreReadInAnyCase() {
    for (String nan : List.of("nan", "NaN", "NAN")) {
      assertThat(reduce("--nodata", nan, "--overwrite").code()).as(nan).isZero();
    }
    CommandLine.ParseResult parsed =
        Main.commandLine()
            .parseArgs("fit", "i", "w", "--epsilon", "-Inf", "--weight-decay", "INFINITY");
    assertThat(parsed.subcommand().matchedOptionValue("--epsilon", 0.0))
        .isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(parsed.subcommand().matchedOptionValue("--weight-decay", 0.0))
        .isEqualTo(Double.POSITIVE_INFINITY);
    Cli wrong = Cli.run("fit", input, folder + "/w", "--channels", "2", "--epsilon", "small");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("'small' is not a number");
  }

  @Test
  void wrongCommandLinesEndWithCode2() {
    Cli missing = Cli.run("reduce", input);
    assertThat(missing.code()).isEqualTo(2);
    assertThat(missing.err().lines())
        .containsExactly("Missing required parameter: 'OUTPUT'", "See 'pointwise reduce --help'.");
    assertThat(Cli.run("squeeze").code()).isEqualTo(2);
    assertThat(reduce("--dtype", "float7").code()).isEqualTo(2);
    assertThat(reduce("--activation", "mish").code()).isEqualTo(2);
    assertThat(reduce("--activation", "clip:0").code()).isEqualTo(2);
    assertThat(Cli.run("verify", output, "--tiles", "-1").code()).isEqualTo(2);
  }

  @Test
  void activationsWithParametersAreAppliedRecordedAndVerified() throws Exception {
    for (String text : List.of("leakyrelu:0.1", "clip:-1:1", "gelu", "tanh", "relu6")) {
      Cli done = reduce("--activation", text, "--overwrite");
      assertThat(done.code()).as(done.err()).isZero();
      JsonNode plan =
          JsonText.parse(Files.readAllBytes(Path.of(output + ".pointwise", "plan.json")), "plan");
      assertThat(plan.path("heads").path(0).path("activation").asText()).isEqualTo(text);
      Cli verified =
          Cli.run("verify", output, "--input", input, "--weights", weights, "--activation", text);
      assertThat(verified.code()).as("%s: %s", text, verified.out()).isZero();
    }
    Cli other =
        Cli.run("verify", output, "--input", input, "--weights", weights, "--activation", "elu:1");
    assertThat(other.code()).as(other.out()).isEqualTo(3);
  }

  @Test
  void nodeAfterEndOfLayerIsNamed() throws Exception {
    weights = folder + "/ends.onnx";
    PointwiseLayer layer = PointwiseLayer.of(ramp(36), new float[3], Activation.SILU);
    WeightsWriter.write(ByteStores.LOCAL, weights, layer, Map.of());
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(Path.of(weights)));
    GraphProto.Builder graph = model.getGraph().toBuilder();
    graph
        .addNodeBuilder()
        .setName("add_12")
        .setOpType("Add")
        .addInput("output")
        .addInput("output")
        .addOutput("twice");
    Files.write(Path.of(weights), model.toBuilder().setGraph(graph).build().toByteArray());
    String ends = "silu taken from the graph, ends before Add 'add_12'";
    assertThat(Cli.run("weights", "show", weights).out()).contains(ends);
    Cli done = reduce("--json");
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.err()).contains(ends);
    for (String file : List.of("plan.json", "report.json")) {
      assertThat(Path.of(output + ".pointwise", file))
          .content()
          .contains("\"layerEnds\"", "before Add 'add_12'");
    }
  }

  @Test
  void layerWithMoreOutputsIsAllowedWithWarning() throws Exception {
    String wide = folder + "/wide.npy";
    WeightsWriter.write(
        ByteStores.LOCAL,
        wide,
        PointwiseLayer.of(ramp(12 * 30), new float[30], Activation.NONE),
        java.util.Map.of());
    weights = wide;
    Cli done = reduce();
    assertThat(done.code()).isZero();
    assertThat(done.err()).contains("Warning").contains("the output is larger than the input");
  }

  @Test
  void planNamesObjectsThatExceedShardSize() {
    Cli small = reduce("--shard-size", "1KiB", "--dry-run");
    assertThat(small.code()).as(small.err()).isZero();
    assertThat(small.out())
        .contains("1.3 kB each, more than --shard-size 1.0 kB: an object holds whole chunks");
    assertThat(reduce("--shard-size", "1MiB", "--dry-run").out()).doesNotContain("more than");
  }

  @Test
  void otherPlanIsDescribedInWords() throws Exception {
    assertThat(reduce().code()).isZero();
    PointwiseLayer other = PointwiseLayer.of(ramp(12 * 4), new float[4], Activation.NONE);
    WeightsWriter.write(ByteStores.LOCAL, weights, other, java.util.Map.of());
    Cli done = reduce("--dtype", "float16", "--compressor", "gzip", "--chunk", "y=4");
    assertThat(done.code()).isEqualTo(3);
    assertThat(done.errorLine())
        .containsPattern("weights of features SHA-256 \\w{12}…, now SHA-256 \\w{12}…; ")
        .contains(
            "element type float32, now float16",
            "compression zstd level 1, now gzip level 6",
            "chunk n,y,x 2,24,24, now 2,4,24")
        .doesNotContain("OutputArray", "axes");
  }

  @Test
  void quietPrintsWarningsButNoNotes() throws Exception {
    String matrix = folder + "/b.npy"; // its bias is noted
    WeightsWriter.write(
        ByteStores.LOCAL,
        matrix,
        PointwiseLayer.of(ramp(12 * 5), new float[5], Activation.NONE),
        java.util.Map.of());
    weights = matrix;
    assertThat(reduce("--dry-run").err()).contains("bias from b.bias.npy");
    for (String[] more : new String[][] {{"--dry-run"}, {"--json"}}) {
      Cli done = reduce(EvaluateFixture.concat(more, "--dtype", "bfloat16", "--quiet"));
      assertThat(done.code()).as(done.err()).isZero();
      assertThat(done.errorLine())
          .startsWith("Warning: zarr-python and xarray cannot read bfloat16");
    }
  }

  @Test
  void layerGivenTwiceNeedsNames() {
    Cli twice = reduce("--weights", weights);
    assertThat(twice.code()).isEqualTo(2);
    assertThat(twice.err()).contains(weights + " is given more than once");
    Cli named = reduce("--head", "a=" + weights, "--head", "b=" + weights);
    assertThat(named.code()).as(named.err()).isZero();
  }

  @Test
  void biasOfWeightsWithTheirOwnIsRefused() {
    String bias = folder + "/bias.npy";
    Cli done = reduce("--bias", bias);
    assertThat(done.code()).isEqualTo(3);
    assertThat(done.errorLine()).contains("Cannot use bias " + bias, "--bias needs .npy weights");
    Cli several =
        Cli.run("evaluate", input, "--weights", "a.npy", "--weights", "b.npy", "--bias", bias);
    assertThat(several.code()).isEqualTo(2);
    assertThat(several.err()).contains("--bias needs exactly one layer");
  }

  @Test
  void axesThatFitLayerAreSuggested() throws Exception {
    input =
        Arrays4.random(Seed.random("axes"), new FeatureShape(2, 12, 9, 7))
            .zarr(folder + "/other.zarr", 3, "n,y,x,c", new Extent(1, 8, 8), new Extent(1, 8, 8));
    Cli done = reduce();
    assertThat(done.code()).isEqualTo(3);
    assertThat(done.errorLine())
        .contains("12 channels but the input has 7", "with --axes n,c,y,x it has 12");
  }

  @Test
  void likelyArraysOfGroupAreNamedFirst() throws Exception {
    Path group = Files.createDirectories(folder.resolve("group.zarr"));
    Files.writeString(group.resolve(".zgroup"), "{\"zarr_format\":2}");
    for (String[] array :
        new String[][] {
          {"band", "[12]"},
          {"crs", "[]"},
          {"lat", "[8,8]"},
          {"reflectance", "[8,8,12]"},
          {"scl", "[8,8,1]"},
          {"time", "[1]"},
          {"x", "[8]"}
        }) {
      Files.writeString(
          Files.createDirectories(group.resolve(array[0])).resolve(".zarray"),
          """
          {"zarr_format":2,"shape":%1$s,"chunks":%1$s,"dtype":"<f4","compressor":null,
           "fill_value":0,"order":"C","filters":null}
          """
              .formatted(array[1]));
    }
    Cli done = Cli.run("inspect", group.toString());
    assertThat(done.code()).isEqualTo(3);
    assertThat(done.errorLine())
        .contains("a group of reflectance, scl, lat, band, crs and 2 more")
        .contains("for example " + group + "/reflectance");
  }

  @Test
  void sizesHaveUnits() {
    ByteSize size = new ByteSize();
    assertThat(size.convert("0")).isZero();
    assertThat(size.convert("4096B")).isEqualTo(4096);
    assertThat(size.convert("64MiB")).isEqualTo(64L << 20);
    assertThat(size.convert("64 mib")).isEqualTo(64L << 20);
    assertThat(size.convert("2g")).isEqualTo(2L << 30);
    assertThat(size.convert("0.5KiB")).isEqualTo(512);
    assertThat(size.convert("1.5GB")).isEqualTo(1_500_000_000);
    for (String wrong :
        List.of("", "-1", "64", "0.02", "1e3", "MiB", "64Mi", "64 M B", "9999999TiB", "nan")) {
      Cli done = reduce("--shard-size=" + wrong);
      assertThat(done.code()).as(wrong).isEqualTo(2);
      assertThat(done.err().lines().count()).isEqualTo(2);
    }
  }
}
