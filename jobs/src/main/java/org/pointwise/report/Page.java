package org.pointwise.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Base64;
import java.util.Locale;

/** Builds HTML. Plain text is escaped. Confined to one thread. */
final class Page {
  private final StringBuilder text = new StringBuilder();

  static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
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

  void row(String cellTag, String... values) {
    html("<tr>");
    for (String value : values) {
      tag(cellTag, value);
    }
    html("</tr>\n");
  }

  void chart(String altText, byte[] light, byte[] dark) {
    html("<picture><source media=\"(prefers-color-scheme: dark)\" srcset=\"" + dataUri(dark));
    html("\"><img alt=\"").text(altText).html("\" src=\"" + dataUri(light) + "\"></picture>\n");
  }

  void image(String altText, byte[] png) {
    html("<img class=\"pixels\" alt=\"").text(altText).html("\" src=\"" + dataUri(png) + "\">");
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
    return String.format(Locale.ROOT, "%.2f %%", 100 * fraction);
  }

  static String decimal(JsonNode value, int places) {
    return String.format(Locale.ROOT, "%." + places + "f", value.asDouble());
  }
}
