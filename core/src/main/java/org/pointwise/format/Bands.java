package org.pointwise.format;

import java.math.BigDecimal;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The descriptions of the channels of an array that ENVI headers and layers record.
 *
 * @param names the name of each channel; empty if there are none
 * @param wavelengths the wavelength of each channel, a number; empty if there are none
 * @param units the unit of the wavelengths; empty if there is none
 * @param fwhm the width at half maximum of each channel, a number in the same unit; empty if there
 *     are none
 */
public record Bands(List<String> names, List<String> wavelengths, String units, List<String> fwhm) {
  /** Names of coordinates of names, preferred first; then the dimension's own coordinate. */
  private static final List<String> NAMES =
      List.of("band_names", "band_name", "bands", "descriptions");

  private static final List<String> WAVELENGTHS = List.of("wavelength", "wavelengths");
  private static final List<String> FWHM = List.of("fwhm");

  /** Attributes of packed numbers (CF conventions 1.11, section 8.1). */
  private static final Set<String> PACKING = Set.of("scale_factor", "add_offset");

  /** Returns the descriptions of the channels of an array. */
  public static Bands of(Companions companions) {
    List<Coordinate> channels = companions.channels();
    List<String> names = texts(channels, NAMES);
    for (Coordinate coordinate : channels) {
      boolean index = coordinate.dimensions().contains(coordinate.name());
      if (names.isEmpty() && index && !WAVELENGTHS.contains(coordinate.name())) {
        names = coordinate.type().isText() ? texts(coordinate) : numbers(coordinate);
      }
    }
    String units = "";
    for (Coordinate coordinate : channels) {
      if (units.isEmpty() && WAVELENGTHS.contains(coordinate.name())) {
        units = coordinate.attributes().path("units").asText();
      }
    }
    return new Bands(names, numbers(channels, WAVELENGTHS), units, numbers(channels, FWHM));
  }

  private static List<String> texts(List<Coordinate> coordinates, List<String> names) {
    return names.stream()
        .flatMap(name -> coordinates.stream().filter(found -> found.name().equals(name)))
        .filter(found -> found.type().isText())
        .findFirst()
        .map(Bands::texts)
        .orElse(List.of());
  }

  private static List<String> texts(Coordinate coordinate) {
    return IntStream.range(0, coordinate.count()).mapToObj(coordinate::text).toList();
  }

  private static List<String> numbers(List<Coordinate> coordinates, List<String> names) {
    return coordinates.stream()
        .filter(found -> names.contains(found.name()))
        .findFirst()
        .map(Bands::numbers)
        .orElse(List.of());
  }

  /** Returns the numbers of a coordinate as texts; none if they are packed or not finite. */
  private static List<String> numbers(Coordinate coordinate) {
    double[] numbers =
        coordinate.type().isNumber()
            ? IntStream.range(0, coordinate.count()).mapToDouble(coordinate::number).toArray()
            : new double[0];
    boolean plain =
        PACKING.stream().noneMatch(coordinate.attributes()::has)
            && IntStream.range(0, numbers.length).allMatch(i -> Double.isFinite(numbers[i]));
    return plain
        ? IntStream.range(0, numbers.length).mapToObj(i -> text(numbers[i])).toList()
        : List.of();
  }

  private static String text(double number) {
    BigDecimal exact = BigDecimal.valueOf(number);
    return (exact.signum() == 0 ? BigDecimal.ZERO : exact.stripTrailingZeros()).toPlainString();
  }

  /** Returns the descriptions of some of the channels. */
  public Bands chosen(List<Integer> channels) {
    return new Bands(
        chosen(names, channels), chosen(wavelengths, channels), units, chosen(fwhm, channels));
  }

  private static List<String> chosen(List<String> all, List<Integer> channels) {
    return all.isEmpty() ? all : channels.stream().map(all::get).toList();
  }
}
