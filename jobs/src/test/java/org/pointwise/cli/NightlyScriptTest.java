package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Tests which arguments {@code conf/schedulers/nightly.sh} passes to which command. */
class NightlyScriptTest {
  /** Options of several commands that the script sets itself, or that only one of them may have. */
  private static final Set<String> NOT_PASSED =
      Set.of(
          "--weights", "--images", "--normalise", "--quiet", "--json", "--overwrite", "--dry-run");

  /** Records its arguments. */
  private static final String RECORDING_LAUNCHER =
      """
      #!/bin/sh
      echo "$*" >>calls
      [ "$1" != "$FAILING" ] || exit 4
      """;

  @TempDir Path folder;

  private List<String> night(int code, String failing, String... arguments) throws Exception {
    Path home = Files.createDirectories(folder.resolve("home/scripts"));
    Path launcher = Files.writeString(home.resolve("pointwise"), RECORDING_LAUNCHER);
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.deleteIfExists(folder.resolve("calls"));
    List<String> command = new ArrayList<>(List.of("bash"));
    command.add(Processes.root().resolve("conf/schedulers/nightly.sh").toString());
    command.addAll(Arrays.asList(arguments));
    ProcessBuilder builder = Processes.builder(folder, command);
    builder.environment().put("POINTWISE_HOME", home.getParent().toString());
    builder.environment().put("FAILING", failing);
    Processes done = Processes.awaitEnd(builder);
    assertThat(done.code()).as(done.err()).isEqualTo(code);
    Path calls = folder.resolve("calls");
    return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
  }

  private static Set<String> names(CommandSpec command) {
    return command.options().stream()
        .map(OptionSpec::longestName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Returns those options of a call that were arguments of the script. */
  private static Set<String> passed(String call, Set<String> arguments) {
    Set<String> found = new TreeSet<>(Arrays.asList(call.split(" ")));
    found.retainAll(arguments);
    return found;
  }

  private static boolean isPassed(OptionSpec option) {
    String name = option.longestName();
    return !NOT_PASSED.contains(name)
        && !option.usageHelp()
        && !option.versionHelp()
        && !option.help();
  }

  /**
   * Options of reduce that evaluate has too are passed to it, and those of the runner to verify
   * too.
   */
  @Test
  void optionsOfReduceArePassedToEachCommandThatHasThem() throws Exception {
    CommandSpec reduce = Commands.all().get("reduce");
    List<String> arguments = new ArrayList<>(List.of("in", "out/", "w", "--"));
    Set<String> expected = new TreeSet<>();
    for (OptionSpec option : reduce.options()) {
      if (isPassed(option)) {
        expected.add(option.longestName());
        arguments.addAll(List.of(option.longestName(), "-1"));
      }
    }
    List<String> calls = night(0, "", arguments.toArray(String[]::new));
    assertThat(calls).hasSize(3);
    expected.remove("--append"); // --append-new takes its place
    assertThat(passed(calls.get(0), expected)).isEqualTo(expected);
    assertThat(calls.get(0)).contains(" --axes -1 ", " --dtype -1 ");
    Set<String> ofRunner = names(CommandSpec.forAnnotatedObject(new RunnerOptions()));
    ofRunner.add("--log-level");
    assertThat(passed(calls.get(1), expected)).isEqualTo(ofRunner); // the rest is recorded
    Set<String> common = names(Commands.all().get("evaluate"));
    common.retainAll(expected);
    assertThat(passed(calls.get(2), expected)).isEqualTo(common);
  }

  @Test
  void evaluatesImagesOfLatestAppend() throws Exception {
    assertThat(night(0, "", "in", "out/", "w", "--", "--axes=y,x,c", "--dtype", "float16"))
        .containsExactly(
            "reduce in out --weights w --append --quiet --axes=y,x,c --dtype float16",
            "verify out --quiet",
            "evaluate in --weights w --images out.pointwise/new-images.txt --fail-below-variance 0.8 --overwrite --quiet --axes=y,x,c");
  }

  @Test
  void endsWithFirstFailure() throws Exception {
    assertThat(night(4, "reduce", "in", "out", "w")).hasSize(1);
    assertThat(night(4, "verify", "in", "out", "w")).hasSize(2);
    assertThat(night(0, "", "in", "out", "w", "--", "--dry-run")).hasSize(1);
    assertThat(night(2, "", "in", "out")).isEmpty();
    assertThat(night(2, "", "in", "out", "w", "--", "@more.args")).isEmpty();
  }
}
