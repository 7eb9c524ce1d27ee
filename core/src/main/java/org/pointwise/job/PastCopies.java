package org.pointwise.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.IncompleteRunException;
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
import org.pointwise.work.ReceiptIndex;
import org.pointwise.work.RunFolder;

/**
 * Copies in the run folder of an output's objects, as they were when it had its present number of
 * images. A copy is recorded after it is complete. Confined to one thread.
 */
final class PastCopies {
  private static final int PART_BYTES = 1 << 20;
  private static final String OBJECTS = "objects";
  private static final String KEY = "key";
  private static final String BYTES = "bytes";
  private static final String SHA256 = "sha256";
  private static final String COUNTS = "counts";
  private static final String END = "end";

  private final ReducePlan plan;
  private final ByteStore output;
  private final ByteStore folder;
  private final Bytes buffer = new Bytes();

  PastCopies(ReducePlan plan, ByteStore output, ByteStores stores) {
    this.plan = plan;
    this.output = output;
    this.folder = RunFolder.of(plan.destination(), stores).store();
  }

  /** Returns the folder of the copies, within the run folder. */
  static String folder(ReducePlan plan) {
    return folder(plan.storedImages());
  }

  private static String folder(long images) {
    return RunFolder.PAST_OBJECTS + "/" + images;
  }

  private String recordKey(long ordinal) {
    return recordKey(plan.storedImages(), ordinal);
  }

  private static String recordKey(long images, long ordinal) {
    return "%s/%d.json".formatted(folder(images), ordinal);
  }

  /**
   * Returns whether the run folder of an output has a copy of an object.
   *
   * @param images number of images of the output
   * @param ordinal the object's unit
   */
  static boolean has(ByteStore folder, long images, long ordinal, String key) throws IOException {
    Copied copied = read(folder, recordKey(images, ordinal));
    Copy copy = copied == null ? null : copied.objects().get(key);
    return copy != null
        && (copy.bytes() == 0 || folder.size(folder(images) + "/" + key) == copy.bytes());
  }

  /**
   * Returns whether an append that has not ended may have replaced an object: the next run writes
   * or restores it, whatever it contains.
   */
  static boolean mayBeReplaced(ByteStore folder, long images, long ordinal, String key)
      throws IOException {
    Copied copied = read(folder, recordKey(images, ordinal));
    return copied != null && copied.objects().containsKey(key);
  }

  /**
   * A copy of an object.
   *
   * @param bytes its length; 0 for an object that did not exist
   * @param sha256 in hex; null if it did not exist
   */
  record Copy(long bytes, @Nullable String sha256) {}

  /**
   * The copies of a unit.
   *
   * @param objects by key
   * @param end index after the last image that the object that replaced them holds
   * @param counts of the images that the replacing run could not read
   */
  record Copied(Map<String, Copy> objects, long end, PastCounts counts) {}

  /** Returns the store that holds the copies. */
  ByteStore folder() {
    return folder;
  }

  /** Returns the key of a copy in {@link #folder()}. */
  String copyOf(String key) {
    return folder(plan) + "/" + key;
  }

  /** Returns the copies of a unit; null if there are none. */
  @Nullable Copied of(long ordinal) throws IOException {
    return read(folder, recordKey(ordinal));
  }

  private static @Nullable Copied read(ByteStore folder, String key) throws IOException {
    byte[] text = folder.get(key);
    if (text == null) {
      return null;
    }
    ObjectNode json = JsonText.parse(text, ByteStore.join(folder.uri(), key));
    Map<String, Copy> objects = new HashMap<>();
    for (JsonNode object : json.path(OBJECTS)) {
      JsonNode sha256 = object.path(SHA256);
      objects.put(
          object.path(KEY).asText(),
          new Copy(object.path(BYTES).asLong(), sha256.isTextual() ? sha256.asText() : null));
    }
    return new Copied(objects, json.path(END).asLong(), PastCounts.of(json.path(COUNTS)));
  }

  /** Records copies that are complete. */
  Copied record(long ordinal, Copied copied) throws IOException {
    ObjectNode json = JsonText.object().put(END, copied.end());
    ArrayNode objects = json.putArray(OBJECTS);
    copied
        .objects()
        .forEach(
            (key, copy) ->
                objects
                    .addObject()
                    .put(KEY, key)
                    .put(BYTES, copy.bytes())
                    .put(SHA256, copy.sha256()));
    json.set(COUNTS, copied.counts().json());
    folder.put(recordKey(ordinal), JsonText.bytes(json));
    return copied;
  }

  /**
   * Returns the counts of a unit's images that the plan cannot read. They are recorded when first
   * needed, because later receipts count the images that the plan appends too.
   */
  PastCounts counts(long ordinal, @Nullable ReceiptIndex receipts) throws IOException {
    String key = "%s/%d-%d.json".formatted(RunFolder.PAST_COUNTS, plan.input().past(), ordinal);
    byte[] recorded = folder.get(key);
    if (recorded == null) {
      recorded = JsonText.bytes(PastCounts.of(receipts, ordinal).json());
      folder.put(key, recorded);
    }
    return PastCounts.of(JsonText.parse(recorded, ByteStore.join(folder.uri(), key)));
  }

  /** Returns whether all copies of a unit are as they were made. */
  boolean areWhole(Copied copied) throws IOException {
    for (Map.Entry<String, Copy> object : copied.objects().entrySet()) {
      if (sha256(object.getKey(), object.getValue()) == null && object.getValue().bytes() > 0) {
        return false;
      }
    }
    return true;
  }

  /** Returns the SHA-256 in hex of a copy; null if it is not as it was made. */
  private @Nullable String sha256(String key, Copy copy) throws IOException {
    String sha256 = ObjectHash.sha256(folder, copyOf(key), copy.bytes(), buffer);
    boolean same = copy.sha256() == null || copy.sha256().equals(sha256);
    return same && folder.size(copyOf(key)) == copy.bytes() ? sha256 : null;
  }

  /**
   * What came of copying an object.
   *
   * @param problem what is wrong with the object, so that there is no copy; empty if nothing is
   */
  record Attempt(Copy copy, String problem) {}

  /**
   * Copies an object of the output if it is the expected one. Another task may copy and replace it
   * at the same time.
   *
   * @param bytes its length; 0 if it does not exist
   * @param earlier a copy of the expected object that was recorded, and may be damaged; null if
   *     there is none
   */
  Attempt copy(String key, long bytes, Expected expected, @Nullable Copy earlier)
      throws IOException {
    Copy none = new Copy(0, null);
    if (bytes == 0) {
      return new Attempt(none, problem(expected, 0, null));
    }
    try (ByteStore.Upload upload = folder.upload(copyOf(key))) {
      String sha256 = transfer(output, key, bytes, upload);
      if (sha256 == null) {
        return new Attempt(none, "is missing");
      }
      Copy copy = new Copy(bytes, sha256);
      String problem = copy.equals(earlier) ? "" : problem(expected, bytes, sha256);
      if (problem.isEmpty()) {
        upload.publish();
      }
      return new Attempt(copy, problem);
    } catch (ByteStore.TruncatedException e) {
      return new Attempt(none, "changed while it was copied");
    }
  }

  /**
   * Puts a copy in its place, unless the object there is equal. Deletes an object that did not
   * exist.
   */
  StoredObject restore(String key, Copy copy) throws IOException {
    long bytes = copy.bytes();
    if (bytes == 0) {
      if (output.size(key) >= 0) {
        output.delete(key);
      }
      return new StoredObject(key, 0, null);
    }
    String sha256 = copy.sha256();
    if (sha256 == null
        || output.size(key) != bytes
        || !sha256.equals(ObjectHash.sha256(output, key, bytes, buffer))) {
      sha256 = sha256(key, copy);
      if (sha256 == null) {
        throw notWhole(key, bytes);
      }
      try (ByteStore.Upload upload = output.upload(key)) {
        if (!sha256.equals(transfer(folder, copyOf(key), bytes, upload))) {
          throw notWhole(key, bytes);
        }
        upload.publish();
      }
    }
    return new StoredObject(key, bytes, sha256);
  }

  private IncompleteRunException notWhole(String key, long bytes) {
    return new IncompleteRunException(
        "Cannot restore %s of %s: its copy %s is missing, or is not the %d bytes that were copied; put that object of a copy of the output in its place in the output"
            .formatted(key, plan.destination(), ByteStore.join(folder.uri(), copyOf(key)), bytes));
  }

  /** Copies an object; returns its SHA-256 in hex, or null if it does not exist. */
  private @Nullable String transfer(ByteStore from, String key, long bytes, ByteStore.Upload to)
      throws IOException {
    Hashes.Digest digest = new Hashes.Digest();
    for (long at = 0; at < bytes; at += PART_BYTES) {
      int count = (int) Math.min(PART_BYTES, bytes - at);
      if (!from.read(key, at, count, buffer)) {
        return null;
      }
      digest.add(ByteBuffer.wrap(buffer.array(), 0, count));
      to.write(buffer.array(), 0, count);
    }
    return digest.hex();
  }

  /** Returns what is wrong with an object; empty if nothing is. */
  static String problem(Expected expected, long bytes, @Nullable String sha256) {
    if (expected.bytes() == ObjectChecker.UNKNOWN) {
      return bytes == 0 ? "is missing" : "";
    }
    if (expected.bytes() != bytes) {
      return bytes == 0
          ? "is missing"
          : "has %d bytes instead of %d".formatted(bytes, expected.bytes());
    }
    boolean same =
        sha256 == null
            || expected.hash() == null
            || expected.hash().equals(ObjectHash.ofHex(sha256));
    return same ? "" : "does not have the hash of its receipt";
  }
}
