package org.pointwise.cli;

import java.lang.reflect.AnnotatedElement;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.text.WordUtils;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi.Text;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.TextTable;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * Renders the parameters and options of a command. {@code --help} shows the first sentence of each
 * option that is not {@link Rare}; {@code --help-all} shows everything. Options are in groups, see
 * {@link HelpGroup}.
 */
final class HelpText {
  /** The name of the option that shows everything. */
  static final String ALL = "--help-all";

  private static final int WIDTH = 80;
  private static final int NAMES_WIDTH = 26;
  private static final int DESCRIPTION_WIDTH = WIDTH - NAMES_WIDTH - 1;

  private HelpText() {}

  /** Makes all commands use this help. */
  static void install(CommandLine commands) {
    Map<String, IHelpSectionRenderer> sections = new HashMap<>(commands.getHelpSectionMap());
    sections.put(UsageMessageSpec.SECTION_KEY_PARAMETER_LIST, HelpText::parameters);
    sections.put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, HelpText::options);
    commands.setHelpSectionMap(sections).setUsageHelpWidth(WIDTH);
    shorten(commands);
  }

  /** Leaves out the options of the synopsis and the heading above all groups. */
  private static void shorten(CommandLine command) {
    command.getCommandSpec().usageMessage().abbreviateSynopsis(true).optionListHeading("");
    command.getSubcommands().values().forEach(HelpText::shorten);
  }

  private static String parameters(Help help) {
    CommandSpec command = help.commandSpec();
    TextTable table = table(help);
    for (PositionalParamSpec parameter : command.positionalParameters()) {
      Text name = help.colorScheme().parameterText(parameter.paramLabel());
      addRow(help, table, name, parameter);
    }
    return table.toString();
  }

  private static String options(Help help) {
    boolean all = showsAll(help.commandSpec());
    boolean commands = !help.commandSpec().subcommands().isEmpty();
    Map<HelpGroup, List<OptionSpec>> groups = new EnumMap<>(HelpGroup.class);
    for (OptionSpec option : help.commandSpec().options()) {
      HelpGroup group = HelpGroup.of(option);
      if (all || (commands && group == HelpGroup.HELP) || isCommon(option)) {
        groups.computeIfAbsent(group, unused -> new ArrayList<>()).add(option);
      }
    }
    StringBuilder text = new StringBuilder();
    groups.forEach(
        (group, options) -> {
          TextTable table = table(help);
          options.forEach(option -> addRow(help, table, name(help, option), option));
          text.append("%n".formatted())
              .append(help.colorScheme().text("@|bold " + group.heading() + ":|@"));
          text.append("%n".formatted()).append(table);
        });
    if (!all && !commands) {
      text.append(
          "%nAll options, described in full: %s %s%n"
              .formatted(help.commandSpec().qualifiedName(), ALL));
    }
    return text.toString();
  }

  /** Returns whether {@code --help} of a command that does something lists an option. */
  static boolean isCommon(OptionSpec option) {
    return HelpGroup.of(option) != HelpGroup.HELP
        && !option.hidden()
        && !(option.userObject() instanceof AnnotatedElement annotated
            && annotated.isAnnotationPresent(Rare.class));
  }

  private static boolean showsAll(CommandSpec command) {
    CommandLine.ParseResult parsed = command.commandLine().getParseResult();
    return parsed != null && parsed.hasMatchedOption(ALL);
  }

  private static TextTable table(Help help) {
    TextTable table =
        TextTable.forColumns(
            help.colorScheme(),
            new Column(NAMES_WIDTH, 2, Column.Overflow.SPAN),
            new Column(WIDTH - NAMES_WIDTH, 1, Column.Overflow.WRAP));
    table.indentWrappedLines = 0;
    return table;
  }

  private static Text name(Help help, OptionSpec option) {
    Help.ColorScheme colors = help.colorScheme();
    return colors
        .optionText(String.join(", ", option.names()))
        .concat(
            help.parameterLabelRenderer()
                .renderParameterLabel(option, colors.ansi(), colors.optionParamStyles()));
  }

  /** Adds a name and its description, which is wrapped at spaces only. */
  private static void addRow(Help help, TextTable table, Text name, ArgSpec argument) {
    String text = String.join(" ", argument.description());
    String shown = showsAll(help.commandSpec()) ? text : firstSentence(text);
    Text start = name;
    for (String line : WordUtils.wrap(shown, DESCRIPTION_WIDTH, "\n", false).split("\n")) {
      table.addRowValues(start, help.colorScheme().text(line));
      start = help.colorScheme().text("");
    }
  }

  /** Returns the first sentence of a description. */
  static String firstSentence(String text) {
    BreakIterator sentences = BreakIterator.getSentenceInstance(Locale.ENGLISH);
    sentences.setText(text);
    return text.substring(0, Math.max(0, sentences.next())).strip();
  }
}
