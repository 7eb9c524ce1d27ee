package org.pointwise.cli;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pointwise.hadoop.Credentials;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Reports an error of the command line in two lines on stderr: the error, with the nearest option,
 * command or value if one is similar, and where to find help. Shows no passwords.
 */
final class WrongCommandLine implements IParameterExceptionHandler {
  @Override
  public int handleParseException(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    report(command, message(e));
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  /** Prints the two lines. */
  static void report(CommandLine command, String message) {
    String line = Credentials.redact(message).lines().collect(Collectors.joining(" "));
    command.getErr().println(command.getColorScheme().errorText(line));
    command.getErr().println(help(command));
  }

  /** Returns the second line: where to find help. */
  static String help(CommandLine command) {
    return "See '%s --help'.".formatted(command.getCommandSpec().qualifiedName());
  }

  private static String message(ParameterException e) {
    CommandLine command = e.getCommandLine();
    if (e instanceof UnmatchedArgumentException unmatched) {
      return unmatched(command, unmatched.getUnmatched());
    }
    if (e instanceof MissingParameterException) {
      // A misspelt option is the cause of the missing one.
      List<String> options =
          command.getUnmatchedArguments().stream().filter(WrongCommandLine::isOption).toList();
      return options.isEmpty() ? text(e) : unmatched(command, options);
    }
    if (e instanceof OverwrittenOptionException overwritten) {
      return name(overwritten.getOverwritten()) + " is given more than once";
    }
    if (e.getArgSpec() != null && e.getCause() instanceof TypeConversionException cause) {
      return value(e.getArgSpec(), String.valueOf(e.getValue()), cause);
    }
    boolean noCommand = e.getClass() == ParameterException.class && e.getArgSpec() == null;
    if (noCommand && !command.getSubcommands().isEmpty()) {
      return "Missing required command: one of "
          + String.join(", ", command.getSubcommands().keySet());
    }
    return text(e);
  }

  private static String text(Exception e) {
    return String.valueOf(e.getMessage());
  }

  private static boolean isOption(String argument) {
    return argument.startsWith("-");
  }

  private static String unmatched(CommandLine command, List<String> arguments) {
    String first = arguments.get(0);
    boolean isCommand = !command.getSubcommands().isEmpty() && !isOption(first);
    String argument = // the options after a misspelt command are those of the right one
        isCommand
            ? first
            : arguments.stream().filter(WrongCommandLine::isOption).findFirst().orElse(first);
    int space = argument.indexOf(' ');
    if (argument.startsWith("--") && space > 0) { // one line of a job file is one argument
      return "'%s' is one argument; in a job file write the option and its value on two lines, or %s=%s"
          .formatted(argument, argument.substring(0, space), argument.substring(space + 1).strip());
    }
    if (isOption(argument)) {
      String option = textBefore(argument, '=');
      return "Unknown option: '%s'%s"
          .formatted(option, suggestion(option, command.getCommandSpec().optionsMap().keySet()));
    }
    if (isCommand) {
      return "Unknown command: '%s'%s"
          .formatted(argument, suggestion(argument, command.getSubcommands().keySet()));
    }
    return "Unexpected argument: '%s'".formatted(argument);
  }

  private static String value(ArgSpec argument, String value, TypeConversionException cause) {
    List<String> allowed = Choices.of(argument);
    boolean byPicocli = argument.typeInfo().isEnum() && argument.converters().length == 0;
    TypeConversionException reason = byPicocli ? new Choices.NotAllowed(value, allowed) : cause;
    List<String> names = allowed.stream().map(word -> textBefore(word, ':')).toList();
    return "Invalid value for %s: %s%s"
        .formatted(
            name(argument),
            text(reason),
            reason instanceof Choices.NotAllowed ? suggestion(textBefore(value, ':'), names) : "");
  }

  private static String name(ArgSpec argument) {
    return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
  }

  private static String textBefore(String text, char delimiter) {
    int index = text.indexOf(delimiter);
    return index < 0 ? text : text.substring(0, index);
  }

  private static String suggestion(String given, Collection<String> words) {
    @Nullable String nearest = words.contains(given) ? null : Choices.nearest(given, words);
    return nearest == null ? "" : "; did you mean %s?".formatted(nearest);
  }
}
