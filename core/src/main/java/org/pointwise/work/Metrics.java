package org.pointwise.work;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/**
 * Formats a report in the Prometheus text format 0.0.4, for the node exporter's textfile collector
 * or a push gateway. Metric names end in their unit; all metrics are gauges of the last complete
 * run.
 */
final class Metrics {
  private final StringBuilder text = new StringBuilder();
  private final String labels;

  private Metrics(JsonNode report) {
    this.labels = "output=\"" + escaped(report.path("output").asText()) + "\"";
  }

  static String text(JsonNode report) {
    Metrics metrics = new Metrics(report);
    metrics.gauge("pixels", "Pixels of the output.", report.path("pixels"));
    metrics.gauge("input_bytes", "Decoded input of the output.", report.path("bytesIn"));
    metrics.gauge(
        "stored_input_bytes", "Stored input that this run read.", report.at("/thisRun/bytesRead"));
    metrics.gauge("output_bytes", "Output as it is stored.", report.path("bytesOut"));
    metrics.head("shards", "Shards by what became of them.");
    metrics.sample("shards", "state=\"written\"", report.path("shardsWritten"));
    metrics.sample("shards", "state=\"already_there\"", report.path("shardsAlreadyThere"));
    metrics.sample("shards", "state=\"empty\"", report.path("shardsEmpty"));
    metrics.gauge("masked_pixels", "Pixels without data.", report.path("maskedPixels"));
    metrics.gauge(
        "bad_pixels", "Pixels of chunks that cannot be decoded.", report.path("badPixels"));
    metrics.gauge(
        "non_finite_pixels", "Pixels with NaN or infinity.", report.path("nonFinitePixels"));
    metrics.gauge(
        "retried_tasks", "Tasks that ended well after a retry.", report.path("retriedTasks"));
    metrics.gauge("duration_seconds", "The whole command.", report.path("seconds"));
    metrics.head("phase_seconds", "The command by phase.");
    report
        .path("phases")
        .fields()
        .forEachRemaining(
            phase ->
                metrics.sample(
                    "phase_seconds", "phase=\"" + phase.getKey() + "\"", phase.getValue()));
    JsonNode tasks = report.path("tasks");
    metrics.head("task_seconds", "Seconds of all tasks, by what they did.");
    metrics.sample("task_seconds", "work=\"read\"", tasks.path("readSeconds"));
    metrics.sample("task_seconds", "work=\"compute\"", tasks.path("computeSeconds"));
    metrics.sample("task_seconds", "work=\"store\"", tasks.path("storeSeconds"));
    metrics.gauge(
        "utilisation_ratio", "Part of the cores' time in units.", tasks.path("utilisation"));
    JsonNode memory = report.path("memory");
    metrics.gauge("peak_resident_bytes", "Of one process.", memory.path("peakResidentBytes"));
    double completed = Instant.parse(report.path("completedAt").asText()).toEpochMilli() / 1e3;
    metrics.head("completed_timestamp_seconds", "When the run ended, since the epoch.");
    metrics.line("completed_timestamp_seconds", "", Double.toString(completed));
    return metrics.text.toString();
  }

  private void gauge(String name, String help, JsonNode value) {
    head(name, help);
    sample(name, "", value);
  }

  private void head(String name, String help) {
    text.append("# HELP pointwise_").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE pointwise_").append(name).append(" gauge\n");
  }

  private void sample(String name, String more, JsonNode value) {
    line(name, more, value.isMissingNode() ? "0" : value.asText());
  }

  private void line(String name, String more, String value) {
    text.append("pointwise_").append(name).append('{').append(labels);
    text.append(more.isEmpty() ? "" : "," + more).append("} ").append(value).append('\n');
  }

  private static String escaped(String label) {
    return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }
}
