package org.pointwise.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converts {@code NAME=FILE[#NAME]}. */
final class NamedLayer implements ITypeConverter<NamedLayer.Head> {
  /**
   * A head whose array has a name.
   *
   * @param weights {@code FILE[#NAME]}
   */
  record Head(String name, String weights) {}

  @Override
  public Head convert(String text) {
    int equals = text.indexOf('=');
    if (equals < 1 || equals == text.length() - 1) {
      throw new TypeConversionException(
          "'%s' names no head; write NAME=FILE, such as pca=pca16.safetensors".formatted(text));
    }
    return new Head(text.substring(0, equals), text.substring(equals + 1));
  }
}
