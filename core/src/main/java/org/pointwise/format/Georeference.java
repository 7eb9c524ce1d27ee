package org.pointwise.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.List;

/**
 * Attributes that give the geographic position of an array's pixels, for arrays that begin at
 * another row and column.
 */
final class Georeference {
  /** ENVI: {@code {projection, x and y of a pixel from 1, its easting and northing, …}}. */
  private static final String MAP_INFO = "map info";

  /**
   * GDAL and rioxarray: six numbers as text; the first and the fourth are of the upper left corner.
   */
  private static final String GEO_TRANSFORM = "GeoTransform";

  /** GeoZarr: a b c d e f with easting a·column + b·row + c and northing d·column + e·row + f. */
  private static final List<String> AFFINE = List.of("spatial:transform", "proj:transform");

  /** Attributes that do not apply to a part of the pixels. */
  private static final List<String> OF_THE_WHOLE =
      List.of("spatial:bbox", "spatial:shape", "proj:bbox", "proj:shape");

  private Georeference() {}

  /** Returns the attributes for an array that begins at a row and a column of this one. */
  static ObjectNode moved(ObjectNode attributes, long rows, long columns) {
    ObjectNode moved = attributes.deepCopy();
    moved.remove(OF_THE_WHOLE);
    if (rows == 0 && columns == 0) {
      return moved;
    }
    String map = moved.path(MAP_INFO).asText();
    if (!map.isEmpty()) {
      set(moved, MAP_INFO, mapInfo(map, rows, columns));
    }
    String gdal = moved.path(GEO_TRANSFORM).asText();
    if (!gdal.isEmpty()) {
      set(moved, GEO_TRANSFORM, geoTransform(gdal, rows, columns));
    }
    for (String name : AFFINE) {
      if (moved.path(name) instanceof ArrayNode six && six.size() >= 6) {
        add(six, 2, 0, columns, 1, rows);
        add(six, 5, 3, columns, 4, rows);
      }
    }
    return moved;
  }

  /** Sets an attribute, or removes it where it could not be understood. */
  private static void set(ObjectNode attributes, String name, String value) {
    if (value.isEmpty()) {
      attributes.remove(name);
    } else {
      attributes.put(name, value);
    }
  }

  /** The reference pixel moves with the pixels; it may lie outside the part. */
  private static String mapInfo(String text, long rows, long columns) {
    String[] fields = text.split(",", -1);
    try {
      fields[1] = " " + number(fields[1]).subtract(BigDecimal.valueOf(columns)).toPlainString();
      fields[2] = " " + number(fields[2]).subtract(BigDecimal.valueOf(rows)).toPlainString();
      return String.join(",", fields);
    } catch (ArrayIndexOutOfBoundsException | NumberFormatException e) {
      return "";
    }
  }

  private static String geoTransform(String text, long rows, long columns) {
    String[] six = text.strip().split("[ ,]+");
    try {
      six[0] = sum(six[0], six[1], columns, six[2], rows);
      six[3] = sum(six[3], six[4], columns, six[5], rows);
      return String.join(" ", six);
    } catch (ArrayIndexOutOfBoundsException | NumberFormatException e) {
      return "";
    }
  }

  private static void add(ArrayNode six, int at, int first, long columns, int second, long rows) {
    JsonNode start = six.get(at);
    six.set(
        at,
        six.numberNode(
            start
                .decimalValue()
                .add(six.get(first).decimalValue().multiply(BigDecimal.valueOf(columns)))
                .add(six.get(second).decimalValue().multiply(BigDecimal.valueOf(rows)))));
  }

  private static String sum(String start, String first, long columns, String second, long rows) {
    return number(start)
        .add(number(first).multiply(BigDecimal.valueOf(columns)))
        .add(number(second).multiply(BigDecimal.valueOf(rows)))
        .toPlainString();
  }

  private static BigDecimal number(String text) {
    return new BigDecimal(text.strip());
  }
}
