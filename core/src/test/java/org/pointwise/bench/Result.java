package org.pointwise.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pointwise.store.JsonText;

/**
 * One line of a benchmark table.
 *
 * @param name the case
 * @param unit of {@code ours} and {@code peer}; larger is better unless it is a time
 * @param ratio how many times better ours is than the peer, as the median of paired rounds
 * @param limitRatio ours as a fraction of the machine's limit; NaN if not measured
 */
public record Result(
    String name,
    String unit,
    double ours,
    double peer,
    String peerName,
    double ratio,
    double limitRatio) {

  /**
   * Returns the result of paired rounds, measured in seconds.
   *
   * @param limit whether the peer is the machine's limit
   */
  public static Result ofRounds(
      String name, double[] ours, double[] theirs, String peerName, boolean limit) {
    double[] ratios = new double[ours.length];
    Arrays.setAll(ratios, i -> theirs[i] / ours[i]);
    double ratio = median(ratios);
    return new Result(
        name, "s", median(ours), median(theirs), peerName, ratio, limit ? ratio : Double.NaN);
  }

  /** Prints the result, and appends it to a file if one is given. */
  public void print(@Nullable Path file) throws IOException {
    System.out.println(line());
    append(file, List.of(this));
  }

  /** Returns the median; the mean of the two middle values for an even count. */
  public static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  public String line() {
    String limit = Double.isNaN(limitRatio) ? "" : String.format(Locale.ROOT, "%6.2f", limitRatio);
    return String.format(
        Locale.ROOT,
        "%-34s %10.2f %-10s %-28s %10.2f %7.2f× %s",
        name,
        ours,
        unit,
        peerName,
        peer,
        ratio,
        limit);
  }

  public static String header() {
    return String.format(
        "%-34s %10s %-10s %-28s %10s %8s %s",
        "case", "ours", "", "against", "theirs", "ratio", "of limit");
  }

  /** Appends results to a file, one JSON object per line. */
  public static void append(@Nullable Path file, List<Result> results) throws IOException {
    if (file == null) {
      return;
    }
    StringBuilder lines = new StringBuilder();
    for (Result result : results) {
      ObjectNode json =
          JsonText.object()
              .put("case", result.name)
              .put("unit", result.unit)
              .put("ours", result.ours)
              .put("peer", result.peer)
              .put("peerName", result.peerName)
              .put("ratio", result.ratio);
      if (Double.isNaN(result.limitRatio)) {
        json.putNull("limitRatio");
      } else {
        json.put("limitRatio", result.limitRatio);
      }
      lines.append(JsonText.line(json)).append('\n');
    }
    Files.writeString(
        file, lines, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
