package org.pointwise.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ObjectCheck;
import org.pointwise.format.ObjectCheck.Expected;
import org.pointwise.format.ObjectCheck.Finding;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.RecordedOutput;
import org.pointwise.format.StoredArray;
import org.pointwise.format.StoredState;
import org.pointwise.plan.VerificationPlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Bytes;
import org.pointwise.store.ObjectHash;
import org.pointwise.tensor.Axes;

/**
 * Tells what of an output is whole, missing or damaged, from its objects and the receipts of the
 * runs that made it. Arrays are looked at by a {@link Runner}, folders of files one by one.
 */
public final class Verifier {
  /** Parts of an object as they are read, and a unit's answers. */
  private static final long OVERHEAD_BYTES = 16L << 20;

  private final ByteStores stores;
  private final Runner runner;
  private final boolean deep;
  private final boolean delete;

  /**
   * @param runner an output whose objects do not fit its memory is refused
   * @param deep whether to read every byte, or lengths and shard indexes alone
   * @param delete whether to delete damaged and left-over objects, and to mark the output
   *     incomplete, so that the next run writes them again
   */
  public Verifier(ByteStores stores, Runner runner, boolean deep, boolean delete) {
    this.stores = stores;
    this.runner = runner;
    this.deep = deep;
    this.delete = delete;
  }

  /**
   * Looks at an output of ours.
   *
   * @throws InvalidInputException when there is no such output
   */
  public Verification verify(String output, Progress progress) {
    if (!delete) {
      return look(output, progress);
    }
    // What a run stores meanwhile would be taken for left over.
    String run = RunFolder.runName(Instant.now());
    RunFolder folder = RunFolder.of(output, stores);
    try {
      if (folder.plan() == null) {
        return look(output, progress); // no output, or no plan by which to delete
      }
      try (RunLock lock = RunLock.acquire(folder, output, run, "verify-" + run)) {
        Verification found = look(output, progress);
        lock.requireHeld();
        return found;
      }
    } catch (IOException e) {
      throw new IncompleteRunException("Cannot verify %s: %s".formatted(output, e), e);
    }
  }

  private Verification look(String output, Progress progress) {
    Verification found = new Verification();
    try {
      RunFolder folder = RunFolder.of(output, stores);
      if (new Replacement(output, stores).ready()) {
        found.end();
        found.addProblem(
            "a new output is about to take its place: run the same reduce again to finish the exchange");
        return found;
      }
      OutputManifest manifest = OutputManifest.read(output, stores);
      RecordedOutput inside = manifest.inside();
      ObjectNode ours = manifest.ours();
      ObjectNode plan = manifest.plan();
      if (inside != null && ours != null) {
        requireOnePlan(ours.path("series").asText(), plan, found);
        verifyArrays(output, inside.format(), ours, plan, folder, found, progress);
      } else if (plan != null) {
        verifyFiles(output, plan, folder, found);
      } else {
        throw new InvalidInputException(
            "Cannot verify %s: it is no output of ours (no 'pointwise' in its attributes, no run folder beside it); check the path"
                .formatted(output));
      }
    } catch (IOException | UncheckedIOException e) {
      throw new IncompleteRunException("Cannot verify %s: %s".formatted(output, e), e);
    }
    return found;
  }

  private static void requireOnePlan(String series, @Nullable ObjectNode plan, Verification found) {
    if (plan != null && !plan.path("series").asText().equals(series)) {
      found.addProblem("the run folder beside it is of another plan: its receipts do not count");
    }
  }

  /** The metadata by which readers decode the objects, against the plan that stored them. */
  private static void requirePlanned(
      String name, StoredArray array, @Nullable ObjectNode plan, Verification found) {
    String stored =
        "%s in chunks of %s, objects of %s".formatted(array.type(), array.chunk(), array.object());
    String planned =
        plan == null
            ? stored
            : "%s in chunks of %s, objects of %s"
                .formatted(
                    plan.path("outputType").asText(),
                    plan.path("chunk").asText(),
                    plan.path("shard").asText());
    if (!stored.equals(planned)) {
      found.addProblem(
          "the metadata of %s says %s but the plan %s".formatted(name, stored, planned));
    }
  }

  private void verifyArrays(
      String output,
      OutputFormat format,
      JsonNode ours,
      @Nullable ObjectNode plan,
      RunFolder folder,
      Verification found,
      Progress progress)
      throws IOException {
    if (!ours.path("status").asText().equals("complete")) {
      found.addProblem("the run did not end: run the same command again to continue");
    }
    if (plan != null && ours.path("status").asText().equals("complete") && !folder.succeeded()) {
      found.addProblem("the last run did not end: run the same command again to continue");
    }
    ByteStore store = stores.open(output);
    Axes axes = Axes.parse(ours.path("axes").asText());
    List<String> names = new ArrayList<>();
    ours.path("heads").forEach(head -> names.add(head.path("name").asText()));
    long images = ours.path("appending").path("images").asLong(0);
    long count = 0;
    Map<String, Long> bytes = new HashMap<>(); // of a task, by array
    for (String name : List.copyOf(names)) {
      StoredArray array = format.array(store, name, axes);
      if (array == null) {
        found.addProblem("no array " + name);
        names.remove(name);
        continue;
      }
      requirePlanned(name, array, plan, found);
      images = Math.max(images, array.shape().n());
      ObjectCheck check = array.check(images);
      count = Math.max(count, check.objects().count());
      bytes.put(name, check.heapBytes() + OVERHEAD_BYTES);
    }
    if (names.isEmpty()) {
      return;
    }
    EarlierObjects.OfGrid receipts =
        ReceiptFiles.grid(folder, ours.path("series").asText(), names, Math.toIntExact(count));
    found.addBadPixels(receipts.badPixels());
    List<VerificationPlan> plans = new ArrayList<>();
    for (String name : names) {
      for (long first = 0; first < count; first += VerificationPlan.MOST_OBJECTS) {
        long some = Math.min(VerificationPlan.MOST_OBJECTS, count - first);
        VerificationPlan part =
            new VerificationPlan(
                format.name(),
                output,
                name,
                axes,
                images,
                first,
                some,
                deep,
                false,
                Objects.requireNonNull(bytes.get(name)));
        part.requireFits(runner.resources()); // all, before the first is looked at
        plans.add(part);
      }
    }
    for (VerificationPlan part : plans) {
      look(part, receipts, names.indexOf(part.array()), found, progress);
    }
    if (delete && found.hasDeletable()) {
      folder.clearSuccess();
      format.reopen(store, group -> group.put("status", "incomplete"));
      for (VerificationPlan part : plans) {
        delete(part, receipts, names.indexOf(part.array()), found, progress);
      }
    }
  }

  private void look(
      VerificationPlan plan,
      EarlierObjects.OfGrid receipts,
      int array,
      Verification found,
      Progress progress)
      throws IOException {
    ObjectCheck check = VerificationWorker.check(plan, stores);
    double[] numbers = ask(plan, receipts, array, progress);
    for (StoredState state : StoredState.values()) {
      found.count(state, (long) numbers[state.ordinal()]);
    }
    for (int i = VerificationPlan.COUNTS; i < numbers.length && found.wantsNames(); i += 2) {
      long ordinal = (long) numbers[i];
      if ((int) numbers[i + 1] == StoredState.LEFT_OVER.ordinal()) {
        check.leftOvers(ordinal).forEach(key -> found.name(StoredState.LEFT_OVER, key, ""));
      } else {
        // Asked once more for the words; it may have changed meanwhile.
        Expected expected = receipts.expected(array, (int) ordinal);
        Finding again = check.check(ordinal, expected, deep);
        found.name(again.state(), check.key(ordinal), again.detail());
      }
    }
  }

  private void delete(
      VerificationPlan plan,
      EarlierObjects.OfGrid receipts,
      int array,
      Verification found,
      Progress progress) {
    VerificationPlan deleting =
        new VerificationPlan(
            plan.format(),
            plan.output(),
            plan.array(),
            plan.axes(),
            plan.images(),
            plan.first(),
            plan.count(),
            deep,
            true,
            plan.bytesPerTask());
    double[] numbers = ask(deleting, receipts, array, progress);
    found.addDeleted((long) numbers[VerificationPlan.COUNTS - 1]);
  }

  private double[] ask(
      VerificationPlan plan, EarlierObjects.OfGrid receipts, int array, Progress progress) {
    double[] parameters = new double[Math.toIntExact(VerificationWorker.NUMBERS * plan.count())];
    for (int i = 0; i < plan.count(); i++) {
      VerificationWorker.put(receipts.expected(array, (int) plan.first() + i), parameters, i);
    }
    try (Runner.Session session = runner.open(plan)) {
      return session.sum(parameters, progress);
    }
  }

  private void verifyFiles(String output, ObjectNode plan, RunFolder folder, Verification found)
      throws IOException {
    if (!folder.succeeded()) {
      found.addProblem("the run did not end: run the same command again to continue");
    }
    EarlierObjects.OfFiles receipts = ReceiptFiles.files(folder, plan.path("series").asText());
    found.addBadPixels(receipts.badPixels());
    long unrecorded = plan.path("files").asLong() - receipts.objects().size();
    if (unrecorded > 0) {
      found.count(StoredState.NEVER_WRITTEN, unrecorded);
      found.name(StoredState.NEVER_WRITTEN, unrecorded + " files", "no run recorded them");
    }
    ByteStore store = stores.open(output);
    Set<String> folders = new TreeSet<>();
    List<String> damaged = new ArrayList<>();
    for (Map.Entry<String, Expected> object : receipts.objects().entrySet()) {
      String key = object.getKey();
      folders.add(key.substring(0, Math.max(0, key.lastIndexOf('/'))));
      Finding finding = file(store, key, object.getValue());
      tell(found, finding.state(), key, finding.detail());
      if (finding.state().deletable()) {
        damaged.add(key);
      }
    }
    Set<String> expected = new HashSet<>(receipts.objects().keySet());
    expected.addAll(folders);
    for (String inside : folders) {
      for (String name : store.list(inside)) {
        String key = ByteStore.join(inside, name);
        if (!expected.contains(key)) {
          tell(found, StoredState.LEFT_OVER, key, "");
          damaged.add(key);
        }
      }
    }
    if (delete && !damaged.isEmpty()) {
      folder.clearSuccess();
      for (String key : damaged) {
        store.delete(key);
      }
      found.addDeleted(damaged.size());
    }
  }

  private static void tell(Verification found, StoredState state, String key, String detail) {
    found.count(state, 1);
    if (state.wrong()) {
      found.name(state, key, detail);
    }
  }

  /** A file against its receipt. */
  private Finding file(ByteStore store, String key, Expected expected) throws IOException {
    long size = store.size(key);
    if (size < 0) {
      return new Finding(StoredState.NEVER_WRITTEN, "it is gone");
    }
    if (size != expected.bytes()) {
      return new Finding(
          size < expected.bytes() ? StoredState.TORN : StoredState.FOREIGN,
          "it has %d bytes but %d were written".formatted(size, expected.bytes()));
    }
    if (expected.hash() == null) {
      return new Finding(
          StoredState.UNPROVEN,
          "no receipt has its hash; run reduce again, with --overwrite where it refuses");
    }
    if (!deep) {
      return new Finding(StoredState.WHOLE, "");
    }
    String sha256 = ObjectHash.sha256(store, key, size, new Bytes());
    if (sha256 == null || !expected.hash().equals(ObjectHash.ofHex(sha256))) {
      return new Finding(
          StoredState.CORRUPT,
          "its SHA-256 is %s but one that begins with %s was stored"
              .formatted(sha256, expected.hash()));
    }
    return new Finding(StoredState.WHOLE, "");
  }
}
