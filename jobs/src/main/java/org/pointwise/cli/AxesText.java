package org.pointwise.cli;

import org.pointwise.errors.InvalidInputException;
import org.pointwise.tensor.Axes;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Checks the text of the axes of an array, and keeps it as it is. */
class AxesText implements ITypeConverter<String> {
  @Override
  public String convert(String text) {
    try {
      check(text);
      return text;
    } catch (InvalidInputException e) {
      String message = String.valueOf(e.getMessage()); // Cannot X: reason
      throw new TypeConversionException(message.substring(message.indexOf(": ") + 2));
    }
  }

  void check(String text) {
    Axes.parse(text);
  }

  /** Checks the text of the axes of labels, which need no channels. */
  static final class OfLabels extends AxesText {
    @Override
    void check(String text) {
      Axes.parseLabels(text);
    }
  }
}
