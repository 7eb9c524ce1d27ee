package org.pointwise.cli;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.IParamLabelRenderer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Writes docs/cli.md: all commands and their options, as the command line declares them. */
final class CliPage {
  private static final String START =
      """
      # Command line

      All commands with all of their options, generated from the program; `pointwise COMMAND --help-all` prints the same.
      `pointwise` is `scripts/pointwise`, or `spark-submit pointwise.jar`.
      """;

  /** Options that every command has. */
  private static final Set<String> EVERYWHERE =
      Set.of("--help", "--help-all", "--version", "--log-level");

  private final StringBuilder page = new StringBuilder(START);

  private CliPage() {}

  /** Returns the page in Markdown. */
  static String text() {
    CliPage page = new CliPage();
    CommandLine all = Main.commandLine();
    page.footer(all);
    page.options(all, option -> EVERYWHERE.contains(option.longestName()));
    all.getSubcommands().values().forEach(command -> page.command(command, "##"));
    return page.page.toString();
  }

  private void command(CommandLine command, String heading) {
    CommandSpec spec = command.getCommandSpec();
    page.append("\n%s %s\n".formatted(heading, spec.qualifiedName().replace("pointwise ", "")));
    paragraph(String.join(" ", spec.usageMessage().description()));
    page.append("\n```text\n%s```\n".formatted(synopsis(command)));
    rows(
        "Parameters",
        spec.positionalParameters().stream()
            .map(parameter -> row(parameter.paramLabel(), parameter))
            .toList());
    options(command, option -> !EVERYWHERE.contains(option.longestName()));
    footer(command);
    command.getSubcommands().values().forEach(part -> command(part, heading + "#"));
  }

  private static String synopsis(CommandLine command) {
    return command.getHelp().synopsis(0).replaceAll("@\\|\\w+ |\\|@", "");
  }

  private void footer(CommandLine command) {
    paragraph(String.join("\n", command.getCommandSpec().usageMessage().footer()).strip());
  }

  /** Appends options of a command by group. */
  private void options(CommandLine command, Predicate<OptionSpec> shown) {
    IParamLabelRenderer labels = command.getHelp().parameterLabelRenderer();
    Map<HelpGroup, List<String>> groups = new EnumMap<>(HelpGroup.class);
    for (OptionSpec option : command.getCommandSpec().options()) {
      if (!option.hidden() && shown.test(option)) {
        String label = labels.renderParameterLabel(option, Ansi.OFF, List.of()).toString();
        groups
            .computeIfAbsent(HelpGroup.of(option), unused -> new ArrayList<>())
            .add(row(String.join(", ", option.names()) + label, option));
      }
    }
    groups.forEach((group, rows) -> rows(group.heading(), rows));
  }

  private static String row(String name, ArgSpec argument) {
    String code = name.contains("|") ? "<code>" + cell(name) + "</code>" : "`" + name + "`";
    return "| %s | %s |".formatted(code, cell(String.join(" ", argument.description())));
  }

  private static String cell(String text) {
    return text.replace("|", "&#124;").replace("*", "\\*").replace("<", "&lt;").replace("_", "\\_");
  }

  private void rows(String heading, List<String> rows) {
    if (!rows.isEmpty()) {
      page.append("\n| %s | |\n|---|---|\n".formatted(heading))
          .append(rows.stream().collect(Collectors.joining("\n", "", "\n")));
    }
  }

  private void paragraph(String text) {
    if (!text.isEmpty()) {
      page.append('\n').append(cell(text)).append('\n');
    }
  }
}
