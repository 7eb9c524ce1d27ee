package org.pointwise.cli;

import java.util.Locale;
import java.util.Map;
import java.util.Stack;
import org.jspecify.annotations.Nullable;
import org.pointwise.ReduceSpec;
import org.pointwise.plan.Existing;
import picocli.CommandLine;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options for an already stored output. */
final class ExistingOptions {
  /** When the replaced output is deleted. */
  enum Overwrite {
    END,
    NOW;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Nullable
  @Option(
      names = "--overwrite",
      arity = "0..1",
      fallbackValue = "end",
      preprocessor = Attached.class,
      paramLabel = "end|now",
      description = {
        "Replace the output that is there, if it is ours. It stays until the new one, made beside it, is",
        "complete (end), so that a killed run loses nothing; needs room for both, and a store that renames.",
        "An unfinished output of the same command is continued, its shards of changed input computed again.",
        "--overwrite=now deletes it before the work begins: the only way on object stores."
      })
  Overwrite overwrite;

  @Option(
      names = "--append",
      description = {
        "Add the images that the input has gained along n since the output was made;",
        "refused where its past changed. Makes the output where there is none."
      })
  boolean append;

  @Option(
      names = "--check-past",
      paramLabel = "TILES",
      description =
          "Tiles of the past that --append recomputes to see that they did not change; 0 takes the past unseen: neither the times of change of its input nor its own objects are looked at, which verify does (default: ${DEFAULT-VALUE}).")
  int checkedTiles = ReduceSpec.CHECKED_TILES;

  void check(CommandLine command) {
    if (append && overwrite != null) {
      throw new ParameterException(
          command, "--append keeps what is there and --overwrite replaces it");
    }
  }

  Existing existing() {
    if (append) {
      return Existing.APPEND;
    }
    return overwrite == null
        ? Existing.CONTINUE
        : overwrite == Overwrite.NOW ? Existing.OVERWRITE_NOW : Existing.OVERWRITE;
  }

  /** Takes only a value that is attached by {@code =}, never the next argument. */
  static final class Attached implements IParameterPreprocessor {
    @Override
    public boolean preprocess(
        Stack<String> args, CommandSpec command, ArgSpec option, Map<String, Object> info) {
      if ("=".equals(info.get("separator"))) {
        return false; // picocli parses the value
      }
      option.setValue(Overwrite.END);
      return true;
    }
  }
}
