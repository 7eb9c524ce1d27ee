package org.pointwise.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.FeatureSink.StoredObject;
import org.pointwise.format.ObjectChecker;
import org.pointwise.format.ObjectChecker.Expected;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Bytes;
import org.pointwise.store.Hashes;
import org.pointwise.store.JsonText;
import org.pointwise.store.ObjectHash;
import org.pointwise.store.RelocatedStores;
import org.pointwise.tensor.Box;
import org.pointwise.work.ReceiptIndex;
import org.pointwise.work.RunFolder;
import org.pointwise.work.SharedReceiptIndex;
import org.pointwise.work.UnitCounts;

/**
 * The objects of an output's images whose source is not read. An append replaces those that also
 * hold new images; it first copies them to the run folder, where they stay until it has ended. A
 * copy is recorded after it is complete, and only of an object that has the hash of its receipt.
 * Confined to one thread.
 */
final class PastObjects {
  private static final int PART_BYTES = 1 << 20;
  private static final String OBJECTS = "objects";
  private static final String KEY = "key";
  private static final String BYTES = "bytes";
  private static final String COUNTS = "counts";

  private final ReducePlan plan;
  private final List<FeatureSink> sinks;
  private final ByteStore output;
  private final ByteStores stores;
  private final ByteStore folder;
  private final SharedReceiptIndex runs;
  private final Bytes buffer = new Bytes();

  PastObjects(
      ReducePlan plan,
      List<FeatureSink> sinks,
      ByteStore output,
      ByteStores stores,
      SharedReceiptIndex runs) {
    this.plan = plan;
    this.sinks = sinks;
    this.output = output;
    this.stores = stores;
    this.folder = RunFolder.of(plan.destination(), stores).store();
    this.runs = runs;
  }

  /** Returns the folder, within the run folder, of the state before the append. */
  static String folder(ReducePlan plan) {
    return RunFolder.PAST_OBJECTS + "/" + plan.input().past();
  }

  /** Returns whether a unit has no image that the plan can read. */
  boolean isPast(List<List<Box>> groups) {
    return groups.stream().flatMap(List::stream).allMatch(box -> box.n1() <= plan.input().past());
  }

  /** Returns whether a box has both images that the plan can read and others. */
  boolean straddles(Box box) {
    return box.n0() < plan.input().past() && plan.input().past() < box.n1();
  }

  /**
   * Finds the objects of a unit that {@link #isPast}. Compares lengths.
   *
   * @throws IncompleteRunException if one of them is not stored as recorded
   */
  CompletedUnits.Done require(long ordinal, List<List<Box>> groups) throws IOException {
    ReceiptIndex receipts = runs.objects();
    List<StoredObject> objects = new ArrayList<>();
    for (List<Box> group : groups) {
      for (Box box : group) {
        int head = 0;
        for (String key : keys(box)) {
          objects.add(requireStored(key, expected(receipts, ordinal, head++, key)));
        }
      }
    }
    return new CompletedUnits.Done(
        objects, receipts == null ? UnitCounts.NONE : receipts.counts(ordinal), true);
  }

  private StoredObject requireStored(String key, Expected expected) throws IOException {
    long expectedBytes = expected.bytes();
    long actualBytes = expectedBytes == 0 ? 0 : output.size(key);
    if (actualBytes < 0
        || (expectedBytes != ObjectChecker.UNKNOWN && actualBytes != expectedBytes)) {
      throw damaged(
          key,
          actualBytes < 0
              ? "is missing"
              : "has %d bytes instead of %d".formatted(actualBytes, expectedBytes));
    }
    return new StoredObject(key, actualBytes, null);
  }

  private List<String> keys(Box box) {
    return sinks.stream().map(sink -> sink.keys(box).get(0)).toList();
  }

  private static Expected expected(
      @Nullable ReceiptIndex receipts, long ordinal, int head, String key) {
    return receipts == null ? Expected.UNRECORDED : receipts.expected(ordinal, head, key);
  }

  private IncompleteRunException damaged(String key, String problem) {
    return new IncompleteRunException(
        "Cannot append to %s: its object %s %s, and the source of its images is not read; restore it from a copy, and see what else verify finds"
            .formatted(plan.destination(), key, problem));
  }

  /**
   * The state of a unit before the append.
   *
   * @param stores the output's arrays with the objects as they were
   * @param counts of the images before
   */
  record Kept(ByteStores stores, UnitCounts counts) {}

  /**
   * Copies the objects of a box that {@link #straddles}, unless they are copied already.
   *
   * @throws IncompleteRunException if an object is not stored as recorded
   */
  Kept keep(long ordinal, Box box) throws IOException {
    String key = "%s/%d.json".formatted(folder(plan), ordinal);
    byte[] text = folder.get(key);
    if (text == null) {
      text = copy(ordinal, box, key);
    }
    ObjectNode record = JsonText.parse(text, ByteStore.join(folder.uri(), key));
    Map<String, String> moved = new HashMap<>();
    for (JsonNode object : record.path(OBJECTS)) {
      String name = object.path(KEY).asText();
      moved.put(name, object.path(BYTES).asLong() == 0 ? "" : copyOf(name));
    }
    return new Kept(
        new RelocatedStores(plan.destination(), stores, folder, moved),
        UnitCounts.of(record.path(COUNTS)));
  }

  private String copyOf(String key) {
    return folder(plan) + "/" + key;
  }

  private byte[] copy(long ordinal, Box box, String recordKey) throws IOException {
    ReceiptIndex receipts = runs.objects();
    ObjectNode record = JsonText.object();
    ArrayNode objects = record.putArray(OBJECTS);
    int head = 0;
    for (String key : keys(box)) {
      Expected expected = expected(receipts, ordinal, head++, key);
      long bytes = expected.bytes() == 0 ? 0 : Math.max(0, output.size(key));
      String problem = bytes == 0 ? problem(expected, bytes, "") : copy(key, bytes, expected);
      if (!problem.isEmpty()) {
        byte[] other = folder.get(recordKey); // another task of this unit may have replaced it
        if (other != null) {
          return other;
        }
        throw damaged(key, problem);
      }
      objects.addObject().put(KEY, key).put(BYTES, bytes);
    }
    String countsKey =
        "%s/%d-%d.json".formatted(RunFolder.PAST_COUNTS, plan.input().past(), ordinal);
    byte[] recorded = folder.get(countsKey);
    if (recorded == null) { // the receipt of a run that appended these images counts them too
      UnitCounts counts = receipts == null ? UnitCounts.NONE : receipts.counts(ordinal);
      recorded = JsonText.bytes(counts.json());
      folder.put(countsKey, recorded);
    }
    record.set(COUNTS, JsonText.parse(recorded, ByteStore.join(folder.uri(), countsKey)));
    byte[] text = JsonText.bytes(record);
    folder.put(recordKey, text);
    return text;
  }

  /** Returns what is wrong with an object; empty if nothing is. */
  private static String problem(Expected expected, long bytes, String sha256) {
    if (expected.bytes() == ObjectChecker.UNKNOWN) {
      return bytes == 0 ? "is missing" : "";
    }
    if (expected.bytes() != bytes) {
      return bytes == 0
          ? "is missing"
          : "has %d bytes instead of %d".formatted(bytes, expected.bytes());
    }
    boolean same =
        bytes == 0 || expected.hash() == null || expected.hash().equals(ObjectHash.ofHex(sha256));
    return same ? "" : "does not have the hash of its receipt";
  }

  /**
   * Copies an object of the output if it is the expected one. Another task may copy and replace it
   * at the same time.
   *
   * @return what is wrong with it; empty if nothing is
   */
  private String copy(String key, long bytes, Expected expected) throws IOException {
    Hashes.Digest digest = new Hashes.Digest();
    try (ByteStore.Upload upload = folder.upload(copyOf(key))) {
      for (long from = 0; from < bytes; from += PART_BYTES) {
        int count = (int) Math.min(PART_BYTES, bytes - from);
        if (!output.read(key, from, count, buffer)) {
          return "is missing";
        }
        digest.add(ByteBuffer.wrap(buffer.array(), 0, count));
        upload.write(buffer.array(), 0, count);
      }
      String problem = problem(expected, bytes, digest.hex());
      if (problem.isEmpty()) {
        upload.publish();
      }
      return problem;
    } catch (ByteStore.TruncatedException e) {
      return "changed while it was copied";
    }
  }
}
