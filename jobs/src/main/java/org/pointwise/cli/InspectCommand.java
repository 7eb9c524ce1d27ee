package org.pointwise.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Bands;
import org.pointwise.format.FeatureSource;
import org.pointwise.hadoop.Stores;
import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Quantisation;
import org.pointwise.quantise.Scaling;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axis;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Describes an input by its metadata. */
@Command(
    name = "inspect",
    description =
        "Shows axes, shape, type, chunks, codecs, size, band names, nodata and quantisation.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class InspectCommand implements Callable<Integer> {
  @Spec CommandSpec command;

  @Mixin InputOptions input = new InputOptions();

  @Option(names = "--json", description = "Print the description as JSON.")
  boolean json;

  @Override
  public Integer call() throws IOException {
    FeatureSource source = Specs.create(command, input::spec).open(Stores.ANY);
    ObjectNode found = describe(source);
    PrintWriter out = command.commandLine().getOut();
    if (json) {
      out.println(JsonText.text(found));
    } else {
      for (Map.Entry<String, JsonNode> field : found.properties()) {
        String value =
            field.getKey().equals("bytes")
                ? "%d (%s)"
                    .formatted(field.getValue().asLong(), Sizes.text(field.getValue().asLong()))
                : field.getValue().isTextual()
                    ? field.getValue().asText()
                    : field.getValue().toString();
        out.printf(Locale.ROOT, "%-16s %s%n", field.getKey(), value);
      }
    }
    return 0;
  }

  private static String describe(Scaling scaling) {
    if (scaling.isNone()) {
      return "none";
    }
    return scaling.isPerChannel()
        ? "q * scale + offset of each channel; of the first q * %s + %s"
            .formatted(scaling.scale(0), scaling.offset(0))
        : "q * %s + %s".formatted(scaling.scale(0), scaling.offset(0));
  }

  private static ObjectNode describe(FeatureSource source) throws IOException {
    ArrayInfo info = source.info();
    Quantisation quantisation = source.info().quantisation();
    ObjectNode json =
        JsonText.object()
            .put("input", info.uri())
            .put("format", info.description())
            .put("axes", info.axes().toString());
    info.dimensionNames().forEach(json.putArray("dimensionNames")::add);
    ObjectNode shape = json.putObject("shape");
    for (Axis axis : info.axes().order()) {
      shape.put(axis.letter(), info.shape().length(axis));
    }
    ObjectNode chunk = json.putObject("chunk");
    for (Axis axis : info.axes().order()) {
      chunk.put(axis.letter(), axis == Axis.C ? info.channelsPerChunk() : info.tile().length(axis));
    }
    json.put("uniform", info.uniform())
        .put("type", info.type().toString())
        .put("codecs", info.codecs())
        .put("pixels", info.pixels())
        .put("bytes", info.bytes());
    Nodata nodata = quantisation.nodata();
    json.put("nodata", nodata == null ? "none" : nodata.toString())
        .put("quantisation", describe(quantisation.scaling()));
    Bands bands = Bands.of(source.companions(List.of()));
    if (!bands.names().isEmpty()) {
      bands.names().forEach(json.putArray("bandNames")::add);
    }
    if (!bands.wavelengths().isEmpty()) {
      ArrayNode wavelengths = json.putArray("wavelengths");
      bands.wavelengths().forEach(number -> wavelengths.add(new BigDecimal(number)));
      json.put("wavelengthUnits", bands.units().isEmpty() ? "unknown" : bands.units());
    }
    source.notes().forEach(json.putArray("notes")::add);
    if (!info.uniform()) {
      json.put(
          "imageSizes",
          info.images().stream()
              .map(image -> image.y() + "×" + image.x())
              .distinct()
              .limit(10)
              .collect(Collectors.joining(", ")));
    }
    return json;
  }
}
