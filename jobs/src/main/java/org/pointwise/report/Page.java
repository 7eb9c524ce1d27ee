package org.pointwise.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/** Builds HTML. Plain text is escaped. Confined to one thread. */
final class Page {
  private final StringBuilder text = new StringBuilder();

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  Page html(String html) {
    text.append(html);
    return this;
  }

  Page text(String plain) {
    text.append(escape(plain));
    return this;
  }

  void tag(String tag, String plain) {
    String name = tag.split(" ", 2)[0];
    html("<" + tag + ">").text(plain).html("</" + name + ">\n");
  }

  /** Begins a table, which scrolls inside itself where the page is narrower. */
  void beginTable(String name, List<String> headings) {
    html("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"").text(name);
    html("\"><table>\n<thead><tr>");
    headings.forEach(heading -> tag("th scope=\"col\"", heading));
    html("</tr></thead>\n<tbody>\n");
  }

  /** Writes a row of a table. Its first value names the row. */
  void row(List<String> values) {
    html("<tr>");
    tag("th scope=\"row\"", values.get(0));
    values.subList(1, values.size()).forEach(value -> tag("td", value));
    html("</tr>\n");
  }

  void endTable() {
    html("</tbody></table></div>\n");
  }

  /** Explains a term in a list of terms. */
  void term(String term, String meaning) {
    html("<dt>").text(term).html("</dt><dd>").text(meaning).html("</dd>\n");
  }

  /** Shows one of two images: that for a light page, also on paper, or that for a dark one. */
  void chart(String altText, byte[] light, byte[] dark) {
    html("<figure class=\"chart\">");
    image("for-light", altText, light);
    image("for-dark", altText, dark);
    html("</figure>\n");
  }

  void image(String style, String altText, byte[] png) {
    html("<img class=\"" + style + "\" alt=\"").text(altText);
    html("\" src=\"" + dataUri(png) + "\">");
  }

  private static String dataUri(byte[] png) {
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
  }

  /** Returns the HTML. */
  String build() {
    return text.toString();
  }

  static String percent(JsonNode value) {
    return percent(value.asDouble());
  }

  static String percent(double fraction) {
    return percent(fraction, 2);
  }

  static String percent(double fraction, int places) {
    return number(100 * fraction, places) + " %";
  }

  static String decimal(JsonNode value, int places) {
    return number(value.asDouble(), places);
  }

  private static String number(double value, int places) {
    if (Double.isFinite(value)) {
      return String.format(Locale.ROOT, "%." + places + "f", value);
    }
    return Double.isNaN(value) ? "–" : value > 0 ? "∞" : "−∞";
  }
}
