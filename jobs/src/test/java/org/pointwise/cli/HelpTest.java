package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** {@code --help} fits one screen and {@code --help-all} describes everything, for each command. */
class HelpTest {
  private static final int LINES = 45;
  private static final int COLUMNS = 80;

  static Set<String> commands() {
    return Commands.all().keySet();
  }

  private static String help(String command, String option) {
    Cli help = Commands.run(command, List.of(option));
    assertThat(help.code()).as(command).isZero();
    assertThat(help.err()).as(command).isEmpty();
    assertThat(help.out())
        .as(command)
        .startsWith(("Usage: pointwise " + command).strip())
        .satisfies(
            text ->
                assertThat(text.lines())
                    .allMatch(line -> line.codePointCount(0, line.length()) <= COLUMNS));
    return help.out();
  }

  private static long mentions(String help, OptionSpec option) {
    Pattern row = Pattern.compile("^  (-\\w, )?" + option.longestName() + "(?=[ =\\[]|$)");
    return help.lines().filter(line -> row.matcher(line).find()).count();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void helpFitsOneScreenAndListsCommonOptions(String command) {
    String help = help(command, "--help");
    assertThat(help.lines().count()).isLessThanOrEqualTo(LINES);
    CommandSpec spec = Commands.all().get(command);
    for (OptionSpec option : spec.options()) {
      boolean shown =
          HelpText.isCommon(option)
              || (!spec.subcommands().isEmpty() && HelpGroup.of(option) == HelpGroup.HELP);
      assertThat(mentions(help, option)).as(option.longestName()).isEqualTo(shown ? 1 : 0);
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void helpAllDescribesEachOptionInOneGroup(String command) {
    String help = help(command, "--help-all");
    Set<HelpGroup> groups = EnumSet.noneOf(HelpGroup.class);
    for (OptionSpec option : Commands.all().get(command).options()) {
      assertThat(mentions(help, option)).as(option.longestName()).isEqualTo(1);
      groups.add(HelpGroup.of(option));
      String words = String.join(" ", help.split("\\s+"));
      for (String text : option.description()) {
        assertThat(words).contains(String.join(" ", text.split("\\s+")));
      }
    }
    for (HelpGroup group : HelpGroup.values()) {
      assertThat(help.lines().filter((group.heading() + ":")::equals).count())
          .as(group.heading())
          .isEqualTo(groups.contains(group) ? 1 : 0);
    }
  }

  @Test
  void quietMeansTheSameInAllCommands() {
    for (String command : commands()) {
      OptionSpec quiet = Commands.all().get(command).findOption("--quiet");
      if (quiet != null) {
        assertThat(quiet.description()).as(command).containsExactly(WarningListener.QUIET);
      }
    }
  }

  @Test
  void commonOptionsAreInHelp() {
    Map<String, List<String>> common =
        Map.of(
            "inspect", List.of("--axes", "--nodata", "--json"),
            "moments", List.of("--axes", "--labels", "--append", "--overwrite", "--dry-run"),
            "fit", List.of("--method", "--channels", "--keep-variance", "--labels", "--moments"),
            "evaluate", List.of("--weights", "--labels", "--report", "--fail-below-variance"),
            "reduce",
                List.of(
                    "--weights",
                    "--head",
                    "--activation",
                    "--format",
                    "--dtype",
                    "--compressor",
                    "--overwrite",
                    "--append",
                    "--runner",
                    "--master",
                    "--dry-run",
                    "--json"),
            "verify", List.of("--input", "--weights", "--deep", "--tiles", "--continue"),
            "cost", List.of("--in", "--out", "--next"),
            "demo", List.of("--dir", "--image", "--overwrite"));
    common.forEach(
        (command, names) -> {
          String help = help(command, "--help");
          for (String name : names) {
            OptionSpec option = Commands.all().get(command).findOption(name);
            assertThat(mentions(help, option)).as("%s %s", command, name).isEqualTo(1);
          }
        });
  }

  @ParameterizedTest
  @MethodSource("commands")
  void descriptionsAreSentences(String command) {
    for (OptionSpec option : Commands.all().get(command).options()) {
      String text = String.join(" ", option.description());
      assertThat(text).as(option.longestName()).matches("[A-Z].*\\.");
      String first = HelpText.firstSentence(text);
      assertThat(first).as(option.longestName()).endsWith(".");
      assertThat(text).startsWith(first);
    }
  }

  @Test
  void firstSentenceEndsAtItsFullStop() {
    assertThat(HelpText.firstSentence("A file. It is written.")).isEqualTo("A file.");
    assertThat(HelpText.firstSentence("Part, 0 … 1 (default: 0.5). It is exact."))
        .isEqualTo("Part, 0 … 1 (default: 0.5).");
    assertThat(HelpText.firstSentence("Weights: .npy or w.onnx#a. Repeat it."))
        .isEqualTo("Weights: .npy or w.onnx#a.");
    assertThat(HelpText.firstSentence("Replace it. 'end' waits.")).isEqualTo("Replace it.");
    assertThat(HelpText.firstSentence("")).isEmpty();
  }

  @Test
  void optionBelongsToGroupOfItsNameElseOfItsClass() throws Exception {
    OptionSpec.Builder option =
        OptionSpec.builder("--new").userObject(InputOptions.class.getDeclaredField("input"));
    assertThat(HelpGroup.of(option.build())).isEqualTo(HelpGroup.INPUT);
    assertThat(HelpText.isCommon(option.build())).isTrue();
    option.userObject(HelpTest.class.getDeclaredField("LINES"));
    assertThat(HelpGroup.of(option.build())).isEqualTo(HelpGroup.OTHER);
    assertThat(HelpGroup.of(option.names("--json").build())).isEqualTo(HelpGroup.REPORTS);
  }
}
