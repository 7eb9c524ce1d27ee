package org.pointwise.work;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pointwise.format.FeatureSink.StoredObject;
import org.pointwise.format.ObjectChecker.Expected;
import org.pointwise.store.JsonText;
import org.pointwise.store.ObjectHash;
import org.pointwise.work.ReceiptIndex.Inputs;

/**
 * A receipt as one line of a receipts file. Only this class writes and reads such lines. Immutable.
 */
final class ReceiptLine {
  private static final String LINEAGE = "lineage";
  private static final String SERIES = "series"; // its name in version 0.1.0
  private static final String ORDINAL = "ordinal";
  private static final String STATUS = "status";
  private static final String MASKED = "masked";
  private static final String BAD = "bad";
  private static final String NON_FINITE = "nonFinite";
  private static final String OVERFLOWED = "overflowed";
  private static final String MISSING_CHUNKS = "missingChunks";
  private static final String INPUTS = "inputs";
  private static final String INPUT_LENGTHS = "inputLengths";
  private static final String UNREADABLE = "unreadable";
  private static final String OBJECTS = "objects";
  private static final String KEY = "key";
  private static final String BYTES = "bytes";
  private static final String SHA256 = "sha256";

  private final ObjectNode json;

  private ReceiptLine(ObjectNode json) {
    this.json = json;
  }

  /**
   * Formats a receipt.
   *
   * @param lineage lineage of the plan
   */
  static String text(Receipt receipt, String lineage) {
    ObjectNode json =
        JsonText.object()
            .put(LINEAGE, lineage)
            .put(ORDINAL, receipt.ordinal())
            .put(STATUS, receipt.status().toString())
            .put("pixels", receipt.pixels())
            .put("chunks", receipt.chunks())
            .put("bytesIn", receipt.bytesIn())
            .put("bytesRead", receipt.bytesRead())
            .put("bytesOut", receipt.bytesOut())
            .put("nanos", receipt.nanos())
            .put("readNanos", receipt.readNanos())
            .put("storeNanos", receipt.storeNanos())
            .put(MASKED, receipt.counts().masked())
            .put(BAD, receipt.counts().bad())
            .put(NON_FINITE, receipt.counts().nonFinite())
            .put(OVERFLOWED, receipt.counts().overflowed())
            .put(MISSING_CHUNKS, receipt.counts().missingChunks());
    if (receipt.inputs() != 0) {
      json.put(INPUTS, "%016x".formatted(receipt.inputs()));
      json.put(INPUT_LENGTHS, "%016x".formatted(receipt.lengths()));
    }
    if (!receipt.unreadable().isEmpty()) {
      receipt.unreadable().forEach(json.putArray(UNREADABLE)::add);
    }
    ArrayNode list = json.putArray(OBJECTS);
    for (StoredObject object : receipt.objects()) {
      ObjectNode entry = list.addObject().put(KEY, object.key()).put(BYTES, object.bytes());
      if (object.sha256() != null) {
        entry.put(SHA256, object.sha256());
      }
    }
    return JsonText.line(json);
  }

  /**
   * Parses a line.
   *
   * @param where names the file in the error
   */
  static ReceiptLine parse(String text, String where) {
    return new ReceiptLine(JsonText.parse(text.getBytes(StandardCharsets.UTF_8), where));
  }

  String lineage() {
    return json.path(json.has(LINEAGE) ? LINEAGE : SERIES).asText();
  }

  /** Ordinal of the unit. */
  long ordinal() {
    return json.path(ORDINAL).asLong();
  }

  /** Whether its run stored the objects, instead of finding them already stored. */
  boolean written() {
    return !json.path(STATUS).asText().equals(Receipt.Status.ALREADY_THERE.toString());
  }

  UnitCounts counts() {
    return new UnitCounts(
        json.path(MASKED).asLong(),
        json.path(BAD).asLong(),
        json.path(NON_FINITE).asLong(),
        json.path(OVERFLOWED).asLong(),
        json.path(MISSING_CHUNKS).asLong());
  }

  /** The digests of the input of the unit. */
  Inputs inputs() {
    return new Inputs(number(INPUTS), number(INPUT_LENGTHS));
  }

  private long number(String key) {
    return Long.parseLong(json.path(key).asText("0"), 16);
  }

  /** Reasons why input chunks could not be decoded. */
  List<String> unreadable() {
    List<String> lines = new ArrayList<>();
    json.path(UNREADABLE).forEach(line -> lines.add(line.asText()));
    return lines;
  }

  /** The objects of the unit by key, in the order of boxes and heads. */
  Map<String, Expected> objects() {
    Map<String, Expected> objects = new LinkedHashMap<>();
    json.path(OBJECTS).forEach(object -> objects.put(key(object), parseExpected(object)));
    return objects;
  }

  /**
   * The first object whose key has a prefix; where there is none, an object that is correctly not
   * stored.
   */
  Expected object(String prefix) {
    for (JsonNode object : json.path(OBJECTS)) {
      if (key(object).startsWith(prefix)) {
        return parseExpected(object);
      }
    }
    return new Expected(0, null);
  }

  private static String key(JsonNode object) {
    return object.path(KEY).asText();
  }

  private static Expected parseExpected(JsonNode object) {
    return new Expected(
        object.path(BYTES).asLong(), ObjectHash.ofHex(object.path(SHA256).asText()));
  }
}
