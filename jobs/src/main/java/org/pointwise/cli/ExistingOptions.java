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
        "Replace the output if Pointwise wrote it.",
        "'end', the default, writes the new output beside the old one and replaces the old one when the new one is complete.",
        "An interrupted run then loses nothing. This needs space for both and a store that can rename.",
        "An incomplete output of the same command is continued; its shards of changed input are recomputed.",
        "--overwrite=now deletes the old output first, which is the only way on object stores."
      })
  Overwrite overwrite;

  @Option(
      names = "--append",
      description = {
        "Add the images appended to the input along n.",
        "Refused if the earlier images changed. Creates the output if it does not exist."
      })
  boolean append;

  @Option(
      names = "--append-new",
      description = {
        "Add all images of INPUT; those before may be deleted.",
        "INPUT need not have the output's other images. Images that are already stored are left out. Creates the output if it does not exist."
      })
  boolean appendNew;

  @Rare
  @Option(
      names = "--allow-duplicates",
      description =
          "With --append-new: add images with the same pixels as others. Refused by default.")
  boolean duplicates;

  @Rare
  @Option(
      names = "--drop-unfinished",
      description =
          "With --append-new: drop an interrupted append, or first run, of another input, whose images are then not added. Refused by default.")
  boolean dropUnfinished;

  @Rare
  @Option(
      names = "--check-past",
      paramLabel = "TILES",
      description =
          "Number of earlier tiles that --append recomputes (default: ${DEFAULT-VALUE}). The run is refused if they changed. With 0, neither the modification times of the earlier input nor the stored objects are checked; 'verify' checks them.")
  int checkedTiles = ReduceSpec.CHECKED_TILES;

  void check(CommandLine command) {
    if ((append || appendNew) && overwrite != null) {
      throw new ParameterException(
          command,
          "%s and --overwrite contradict each other: give one of them"
              .formatted(append ? "--append" : "--append-new"));
    }
    if (append && appendNew) {
      throw new ParameterException(
          command,
          "--append and --append-new contradict each other: --append reads an input that has grown, --append-new one of new images alone");
    }
    if ((duplicates || dropUnfinished) && !appendNew) {
      throw new ParameterException(
          command,
          "%s needs --append-new"
              .formatted(duplicates ? "--allow-duplicates" : "--drop-unfinished"));
    }
  }

  Existing existing() {
    if (append || appendNew) {
      return append ? Existing.APPEND : Existing.APPEND_NEW;
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
