package org.pointwise.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.Companions;
import org.pointwise.format.Coordinate;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.ReadOptions;
import org.pointwise.format.ValueType;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Bytes;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.ElementType;
import org.pointwise.work.RunFolder;

/**
 * The companions of an output to which images of another source are appended. The coordinates of
 * the images that it has are read from the output itself. They are kept in the run folder until the
 * append has ended, because an interruption may leave the output's own in two states.
 */
final class AppendedCompanions {
  private static final String COORDINATES = "coordinates";
  private static final String FILE = COORDINATES + ".json";
  private static final String FILL = "_FillValue";
  private static final Set<String> NON_FINITE_TEXTS = Set.of("NaN", "Infinity", "-Infinity");
  private static final int MAX_BYTES = 1 << 30;

  private AppendedCompanions() {}

  /**
   * Returns the companions of all images.
   *
   * @param source the plan's input
   * @throws InvalidInputException if the coordinates of the new images do not fit
   */
  static Companions of(ReducePlan plan, FeatureSource source, ByteStores stores)
      throws IOException {
    Companions own = source.companions(surviving(plan)).withoutNames(reservedNames(plan));
    long past = plan.input().past();
    if (past == 0) {
      return own;
    }
    String along = plan.output().dimensionNames().get(plan.output().axes().indexOf(Axis.N));
    List<Coordinate> stored = new ArrayList<>();
    for (Coordinate coordinate : past(plan, stores)) {
      stored.add(
          coordinate.dimensions().contains(along) ? coordinate.first(past, along) : coordinate);
    }
    return own.appendedTo(
        stored,
        plan.input().shape().n() > past,
        along,
        "Cannot append %s to %s".formatted(plan.input().uri(), plan.destination()));
  }

  /**
   * Returns a warning if images that are appended have labels along n that images of the output
   * have already; empty if not.
   */
  static List<String> warnings(ReducePlan plan, Companions companions) {
    long past = plan.input().past();
    String along = plan.output().dimensionNames().get(plan.output().axes().indexOf(Axis.N));
    for (Coordinate coordinate : companions.coordinates()) {
      if (coordinate.name().equals(along) && coordinate.dimensions().equals(List.of(along))) {
        List<Integer> repeated = coordinate.repeatedFrom(Math.toIntExact(past));
        if (!repeated.isEmpty()) {
          return List.of(
              "%s of %s, such as %d, %s a %s that an image of the output has already, but other pixels"
                  .formatted(
                      Count.of(repeated.size(), "image"),
                      plan.input().uri(),
                      repeated.get(0) - past,
                      repeated.size() == 1 ? "has" : "have",
                      along));
        }
      }
    }
    return List.of();
  }

  /** Keeps the coordinates of the output before the append changes them. */
  static void keep(ReducePlan plan, ByteStores stores) throws IOException {
    ByteStore folder = RunFolder.of(plan.destination(), stores).store();
    String key = ByteStore.join(PastCopies.folder(plan), FILE);
    if (plan.input().past() > 0 && folder.size(key) < 0) {
      ObjectNode json = JsonText.object();
      ArrayNode list = json.putArray(COORDINATES);
      stored(plan, stores).forEach(coordinate -> put(coordinate, list.addObject()));
      folder.put(key, JsonText.bytes(json));
    }
  }

  private static List<Coordinate> past(ReducePlan plan, ByteStores stores) throws IOException {
    ByteStore folder = RunFolder.of(plan.destination(), stores).store();
    String key = ByteStore.join(PastCopies.folder(plan), FILE);
    Bytes text = new Bytes();
    if (!folder.read(key, text, MAX_BYTES)) {
      return stored(plan, stores);
    }
    List<Coordinate> coordinates = new ArrayList<>();
    for (JsonNode json :
        JsonText.parse(text.toArray(), ByteStore.join(folder.uri(), key)).path(COORDINATES)) {
      coordinates.add(read(json));
    }
    return coordinates;
  }

  private static List<Coordinate> stored(ReducePlan plan, ByteStores stores) throws IOException {
    String array = plan.destination() + "/" + plan.spec().heads().get(0).name();
    RecordedMetadata recorded = new RecordedMetadata(plan.destination(), stores);
    String damaged = recorded.damagedObject();
    if (damaged != null) {
      throw new InvalidInputException(
          "Cannot append to %s: its object %s, with coordinates of images whose input is not read, is not as it was stored; restore it from a copy of the output"
              .formatted(plan.destination(), damaged));
    }
    ByteStores view = recorded.view();
    Companions stored =
        Formats.open(view, array, ReadOptions.reduced(plan.output().axes()))
            .companions(surviving(plan))
            .withoutNames(Set.of());
    if (!stored.leftOut().isEmpty()) {
      throw new InvalidInputException(
          "Cannot append to %s: its coordinates cannot be read (%s); run the previous append again, or restore the output from a copy"
              .formatted(plan.destination(), stored.leftOut().get(0)));
    }
    return stored.coordinates();
  }

  private static void put(Coordinate coordinate, ObjectNode json) {
    json.put("name", coordinate.name())
        .put("kind", coordinate.type().kind().name())
        .put("type", coordinate.type().number().toString())
        .put("count", coordinate.type().count())
        .put("unit", coordinate.type().unit())
        .put("multiple", coordinate.type().multiple())
        .put("values", coordinate.values());
    coordinate.dimensions().forEach(json.putArray("dimensions")::add);
    coordinate.lengths().forEach(json.putArray("lengths")::add);
    coordinate.texts().forEach(json.putArray("texts")::add);
    json.set("attributes", coordinate.attributes());
  }

  private static Coordinate read(JsonNode json) throws IOException {
    List<String> dimensions = new ArrayList<>();
    json.path("dimensions").forEach(name -> dimensions.add(name.asText()));
    List<Long> lengths = new ArrayList<>();
    json.path("lengths").forEach(length -> lengths.add(length.asLong()));
    List<String> texts = new ArrayList<>();
    json.path("texts").forEach(text -> texts.add(text.asText()));
    ElementType type = ElementType.ofName(json.path("type").asText());
    byte[] values = json.path("values").binaryValue();
    if (type == null
        || values == null
        || !(json.path("attributes") instanceof ObjectNode attributes)) {
      throw new IOException("the record of a coordinate in the run folder is damaged");
    }
    String fill = attributes.path(FILL).asText();
    ValueType.Kind kind = ValueType.Kind.valueOf(json.path("kind").asText("NUMBER"));
    if (type.floating() && NON_FINITE_TEXTS.contains(fill)) { // JSON has no such numbers
      attributes.put(FILL, Double.parseDouble(fill));
    }
    return new Coordinate(
        json.path("name").asText(),
        List.copyOf(dimensions),
        List.copyOf(lengths),
        new ValueType(
            kind,
            type,
            json.path("count").asInt(1),
            json.path("unit").asText(),
            json.path("multiple").asInt(1)),
        values,
        texts,
        attributes);
  }

  /** Returns the names of the output's arrays and of their dimensions of channels. */
  private static Set<String> reservedNames(ReducePlan plan) {
    int channel = plan.output().axes().indexOf(Axis.C);
    Set<String> names = new HashSet<>();
    plan.spec()
        .heads()
        .forEach(
            head -> {
              names.add(head.name());
              names.add(plan.dimensionNames(head).get(channel));
              names.add(Axis.CHANNEL_PREFIX + head.name()); // within a group of a store
            });
    return names;
  }

  /** Returns the names of the dimensions that a reduction keeps: all but the channels. */
  private static List<String> surviving(ReducePlan plan) {
    List<String> names = new ArrayList<>(plan.output().dimensionNames());
    names.remove(plan.output().axes().indexOf(Axis.C));
    return names;
  }
}
