package org.pointwise.cli;

import java.lang.reflect.Member;
import java.lang.reflect.Parameter;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The groups of options in the help, in its order. An option belongs to the group that contains its
 * name, else to the group that contains the class that declares it, else to {@link #OTHER}.
 */
enum HelpGroup {
  INPUT(
      "Input",
      Set.of(InputOptions.class, ReadingOptions.class),
      Set.of("--input", "--image", "--on-bad-input")),
  LAYERS(
      "Layers",
      Set.of(LayerOptions.class),
      Set.of("--head", "--decoder", "--normalise", "--bias", "--activation", "--kernel-layout")),
  METHOD("Method", Set.of(FitCommand.class), Set.of()),
  OTHER("Options", Set.of(), Set.of()),
  CHECKS("Checks", Set.of(VerifyCommand.class), Set.of()),
  PIXELS(
      "Pixels",
      Set.of(MomentsOptions.class, LabelOptions.class),
      Set.of(
          "--moments",
          "--split",
          "--test-size",
          "--hold-out-block",
          "--seed",
          "--tiles",
          "--sample-pixels")),
  TRAINING("Training", Set.of(TrainingOptions.class), Set.of()),
  OUTPUT("Output", Set.of(OutputOptions.class), Set.of("--dir", "--save-moments")),
  EXISTING(
      "Existing output",
      Set.of(ExistingOptions.class),
      Set.of("--overwrite", "--append", "--ignore-modification-times")),
  GATES(
      "Quality gates",
      Set.of(),
      Set.of("--fail-below-variance", "--fail-below-accuracy", "--fail-above-bad")),
  RUNNING("Running", Set.of(RunnerOptions.class, RunPolicyOptions.class), Set.of("--dry-run")),
  REPORTS(
      "Reports",
      Set.of(EvaluateCommand.class, InspectCommand.class),
      Set.of("--json", "--quiet", "--log-level")),
  HELP("Help", Set.of(), Set.of("--help", "--help-all", "--version"));

  private final String heading;
  private final Set<Class<?>> declaring;
  private final Set<String> names;

  HelpGroup(String heading, Set<Class<?>> declaring, Set<String> names) {
    this.heading = heading;
    this.declaring = declaring;
    this.names = names;
  }

  String heading() {
    return heading;
  }

  static HelpGroup of(OptionSpec option) {
    for (HelpGroup group : values()) {
      if (group.names.contains(option.longestName())) {
        return group;
      }
    }
    Class<?> from = declaring(option.userObject());
    for (HelpGroup group : values()) {
      if (from != null && group.declaring.contains(from)) {
        return group;
      }
    }
    return OTHER;
  }

  /** Returns the class that declares an annotated field, method or parameter. */
  private static @Nullable Class<?> declaring(Object annotated) {
    if (annotated instanceof Parameter parameter) {
      return parameter.getDeclaringExecutable().getDeclaringClass();
    }
    return annotated instanceof Member member ? member.getDeclaringClass() : null;
  }
}
