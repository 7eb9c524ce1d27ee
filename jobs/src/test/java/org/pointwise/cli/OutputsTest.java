package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;
import picocli.CommandLine;

/** Tests which files commands write, and which they must not change. */
class OutputsTest {
  private static final FeatureShape SHAPE = new FeatureShape(4, 12, 10, 6);

  @TempDir Path folder;

  private String input;

  @BeforeEach
  void write() throws Exception {
    Extent image = new Extent(1, 12, 10);
    Path in = Files.createDirectory(folder.resolve("in"));
    input =
        Arrays4.random(Seed.random("outputs"), SHAPE)
            .zarr(in + "/in.zarr", 3, "n,y,x,c", image, image);
    float[] weights = new float[12];
    weights[0] = 1;
    weights[7] = 1;
    PointwiseLayer layer = PointwiseLayer.of(weights, new float[2], Activation.NONE);
    for (String ending : List.of("safetensors", "npy", "onnx")) {
      WeightsWriter.write(ByteStores.LOCAL, in + "/w." + ending, layer, Map.of());
    }
    run("moments", input, in + "/one.safetensors", "--sample", "0.5");
    run("moments", input, in + "/two.safetensors", "--sample", "0.4");
  }

  private static void run(String... args) {
    Cli done = Cli.run(args);
    assertThat(done.code()).as(List.of(args) + done.err()).isZero();
  }

  private static String[] with(List<String> command, String... more) {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  /** Returns each writing command with its destinations; {@code %s} stands for the folder. */
  private List<List<String>> writing() {
    String in = folder + "/in";
    String fit = "--channels";
    return List.of(
        List.of("moments", input, "%s/m.safetensors", "--runner", "local"),
        List.of("fit", input, "%s/w.safetensors", fit, "2", "--runner", "local"),
        List.of("fit", input, "%s/w.npy", fit, "2", "--runner", "local"),
        List.of("fit", input, "%s/w.onnx", fit, "2", "--runner", "local"),
        List.of("fit", "%s/r.safetensors", fit, "2", "--moments", in + "/one.safetensors"),
        List.of(
            "fit",
            "%s/r.npy",
            fit,
            "2",
            "--moments",
            in + "/one.safetensors",
            in + "/two.safetensors"),
        List.of(
            "evaluate",
            input,
            "--weights",
            in + "/w.safetensors",
            "--report",
            "%s/e.html",
            "--runner",
            "local"),
        List.of("weights", "convert", in + "/w.safetensors", "%s/c.onnx"),
        List.of("weights", "convert", in + "/w.onnx", "%s/c.npy"),
        List.of(
            "reduce",
            input,
            "%s/out.zarr",
            "--weights",
            in + "/w.safetensors",
            "--quiet",
            "--runner",
            "local"),
        List.of(
            "reconstruct",
            input,
            "%s/out.zarr",
            "--decoder",
            in + "/w.safetensors",
            "--quiet",
            "--runner",
            "local"));
  }

  private List<String> to(List<String> command, Path where) {
    return command.stream().map(word -> word.replace("%s", where.toString())).toList();
  }

  @Test
  void existingOutputsAreReplacedOnlyOnRequest() throws Exception {
    int ordinal = 0;
    for (List<String> command : writing()) {
      Path where = Files.createDirectory(folder.resolve("o" + ordinal++));
      List<String> here = to(command, where);
      run(with(here));
      Map<String, String> written = Folders.hashes(where, "");
      boolean continues = command.get(0).startsWith("re"); // reduce and reconstruct
      if (continues) {
        here = new ArrayList<>(here);
        here.set(4, folder + "/in/w.onnx");
        here.addAll(List.of("--dtype", "float16")); // another plan
      }
      for (String file : List.copyOf(written.keySet())) {
        if (file.contains(".pointwise/") || (continues && !file.equals("out.zarr/zarr.json"))) {
          continue;
        }
        // Each file that a command writes is also refused if it is the only existing one.
        Map<Path, byte[]> others = new java.util.HashMap<>();
        for (String other : written.keySet()) {
          if (!other.equals(file) && !continues) {
            others.put(where.resolve(other), Files.readAllBytes(where.resolve(other)));
            Files.delete(where.resolve(other));
          }
        }
        Cli refused = Cli.run(with(here));
        assertThat(refused.code()).as("%s %s %s", here, file, refused.err()).isEqualTo(3);
        assertThat(refused.errorLine()).startsWith("Cannot write").contains("--overwrite");
        assertThat(Cli.run(with(here, "--dry-run")).code()).isEqualTo(3);
        for (Map.Entry<Path, byte[]> other : others.entrySet()) {
          assertThat(other.getKey()).doesNotExist();
          Files.write(other.getKey(), other.getValue());
        }
      }
      assertThat(Folders.hashes(where, "")).isEqualTo(written);
      run(with(here, "--overwrite"));
    }
  }

  @Test
  void inputsAreRefusedAsOutputs() throws Exception {
    Path in = folder.resolve("in");
    Files.createSymbolicLink(folder.resolve("link"), in);
    String link = folder + "/link";
    Map<String, String> before = Folders.hashes(in, "");
    for (List<String> command :
        List.of(
            List.of("fit", input, input + "/w.safetensors", "--overwrite"),
            List.of("fit", input, "file:" + link + "/in.zarr/data/w.npy", "--overwrite"),
            List.of("fit", input, link + "/w.safetensors", "--align", in + "/w.safetensors"),
            List.of("fit", input, folder + "/x.safetensors", "--labels", folder + "/x.safetensors"),
            List.of("fit", link + "/one.safetensors", "--moments", in + "/one.safetensors"),
            List.of(
                "fit",
                in + "/x.npy",
                "--moments",
                in + "/one.safetensors",
                "--save-moments",
                link + "/one.safetensors"),
            List.of("moments", input, input + "/m.safetensors"),
            List.of(
                "evaluate",
                input,
                "--weights",
                in + "/w.safetensors",
                "--report",
                input + "/e.html"),
            List.of("weights", "convert", in + "/w.npy", link + "/w.npy"),
            List.of("weights", "convert", in + "/w.bias.npy", link + "/w.npy"),
            List.of("reduce", input, in.toString(), "--weights", in + "/w.npy"),
            List.of("reduce", input, link + "/in.zarr/data/out", "--weights", in + "/w.npy"),
            List.of("reduce", input, link + "/w.npy", "--weights", in + "/w.npy"),
            List.of(
                "reduce",
                input,
                link + "/s.npy",
                "--weights",
                in + "/w.npy",
                "--scale",
                in + "/s.npy"),
            List.of("reconstruct", input, link + "/w.npy", "--decoder", in + "/w.npy"),
            List.of("moments", input, link + "/s.npy", "--offset", in + "/s.npy"),
            List.of("fit", input, link + "/s.npy", "--scale", in + "/s.npy"),
            List.of("reduce", in + "/a.npz#b", link + "/a.npz", "--weights", in + "/w.npy"),
            List.of("demo", "--dir", in.toString(), "--image", link + "/pictures.png"))) {
      for (String option : List.of("--overwrite", "--dry-run")) {
        if (command.contains(option)
            || (command.get(0).equals("demo") && option.equals("--dry-run"))) {
          continue;
        }
        Cli refused = Cli.run(with(command, option));
        assertThat(refused.code()).as("%s %s", command, refused.err()).isEqualTo(3);
        assertThat(refused.errorLine())
            .as("%s", command)
            .startsWith("Cannot write")
            .containsPattern("it is the input|it lies in the input");
      }
    }
    assertThat(Folders.hashes(in, "")).isEqualTo(before);
  }

  /** An old decoder would be taken for that of the new layer. */
  @Test
  void decoderOfOtherLayerIsDeleted() throws Exception {
    for (String ending : List.of("npy", "onnx")) {
      Path decoder = folder.resolve("w.decoder." + ending);
      String weights = folder + "/w." + ending;
      run("fit", input, weights, "--channels", "2", "--runner", "local");
      assertThat(decoder).exists();
      run("weights", "convert", folder + "/in/w.safetensors", weights, "--overwrite");
      assertThat(decoder).doesNotExist();
      assertThat(Path.of(weights)).exists();
      Files.delete(folder.resolve("w.moments.safetensors"));
    }
  }

  /** Uses a read-only file system if this test may mount one, and always compares the files. */
  @Test
  void dryRunWritesNothing() throws Exception {
    Map<String, String> before = Folders.hashes(folder, "");
    Processes mounted =
        Processes.run(
            Files.createTempDirectory("log"),
            "mount",
            "--bind",
            "-o",
            "ro",
            folder.toString(),
            folder.toString());
    TreeSet<String> testedCommands = new TreeSet<>();
    try {
      for (List<String> command : writing()) {
        List<String> here = to(command, folder);
        for (String form : List.of("", "--json")) {
          if (command.get(0).equals("weights") && !form.isEmpty()) {
            continue;
          }
          Cli done =
              Cli.run(form.isEmpty() ? with(here, "--dry-run") : with(here, "--dry-run", form));
          assertThat(done.code()).as(here + done.err()).isZero();
          assertThat(done.out()).as("%s", here).isNotBlank();
        }
        testedCommands.add(command.get(0));
      }
    } finally {
      if (mounted.code() == 0) {
        Processes.run(Files.createTempDirectory("log"), "umount", folder.toString());
      }
    }
    assertThat(Folders.hashes(folder, "")).isEqualTo(before);
    TreeSet<String> expectedCommands = new TreeSet<>();
    withDryRun(Main.commandLine(), expectedCommands);
    assertThat(testedCommands).isEqualTo(expectedCommands);
  }

  private static void withDryRun(CommandLine command, TreeSet<String> names) {
    for (CommandLine sub : command.getSubcommands().values()) {
      if (sub.getCommandSpec().findOption("--dry-run") != null) {
        CommandLine parent = sub.getParent();
        names.add((parent.getParent() == null ? sub : parent).getCommandName());
      }
      withDryRun(sub, names);
    }
  }

  @Test
  void nameOfAnotherFormatIsNamedInAWarning() {
    String weights = folder + "/in/w.safetensors";
    List<String> reduce = List.of("reduce", input, folder + "/o.npy", "--weights", weights);
    Cli zarr = Cli.run(with(reduce, "--dry-run", "--runner", "local"));
    assertThat(zarr.code()).as(zarr.err()).isZero();
    assertThat(zarr.err())
        .contains("o.npy has the name of a file of the format npy", "--format npy");
    Cli npy = Cli.run(with(reduce, "--dry-run", "--runner", "local", "--format", "npy"));
    assertThat(npy.code()).as(npy.err()).isZero();
    assertThat(npy.err()).doesNotContain("has the name");
  }
}
