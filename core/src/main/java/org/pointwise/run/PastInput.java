package org.pointwise.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.plan.ChangedInput;
import org.pointwise.plan.InputStampsPlan;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.store.ByteStores;
import org.pointwise.store.FeatureSource;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.ArrayInfo;

/**
 * Whether the images of a Zarr array that an earlier pass saw are as they were, by the names,
 * lengths and times of change of their objects; recorded in the run folder for each number of
 * images that a pass has begun with. Files of a folder are an {@link ImageList}'s. Confined to one
 * thread.
 */
final class PastInput {
  private final MomentsPlan plan;
  private final ByteStores stores;
  private final RunFolder folder;
  private InputStamps all = InputStamps.none();
  private InputStamps past = InputStamps.none();
  private double[] newest = new double[InputStamps.Unit.ANSWER];

  PastInput(MomentsPlan plan, ByteStores stores) {
    this.plan = plan;
    this.stores = stores;
    this.folder = RunFolder.of(plan.destination(), stores);
  }

  private boolean applies() {
    return plan.input().container() == ArrayInfo.Container.ZARR;
  }

  /**
   * Looks at the objects, on the machines of a runner; at none where the input is no Zarr array.
   *
   * @throws IncompleteRunException when the store fails
   */
  void look(Runner runner) throws IOException {
    if (!applies()) {
      return;
    }
    FeatureSource source = Sources.reopen(stores, plan.input(), plan.dequantisation());
    InputStampsPlan look =
        InputStampsPlan.of(
            plan.input(),
            plan.dequantisation(),
            source.object(),
            source.objects(plan.units().cells().box(0)).size(),
            plan.spec().firstImage());
    try (Runner.Session session = runner.open(look)) {
      for (double[] answer : session.map(new double[0], Progress.SILENT)) {
        past = past.plus(InputStamps.of(answer, 0));
        all = all.plus(InputStamps.of(answer, InputStamps.LENGTH));
        if (answer[2 * InputStamps.LENGTH] > newest[2 * InputStamps.LENGTH]) {
          newest = answer;
        }
      }
    }
  }

  /** What a pass recorded; null where it recorded nothing. */
  private @Nullable JsonNode recorded(long images) throws IOException {
    byte[] text = folder.store().get(RunFolder.INPUTS);
    if (text != null) {
      JsonNode json = JsonText.parse(text, folder.store().uri() + "/" + RunFolder.INPUTS);
      for (JsonNode pass : json.path("passes")) {
        if (pass.path("images").asLong() == images) {
          return pass;
        }
      }
    }
    return null;
  }

  /**
   * Refuses an input whose past changed.
   *
   * @throws InvalidInputException that names the newest of its objects
   */
  void requireSame(ChangedInput answer) throws IOException {
    JsonNode then = applies() ? recorded(plan.spec().firstImage()) : null;
    if (then == null || then.path("digest").asText().equals(InputStamps.text(past.digest()))) {
      return;
    }
    boolean lengths = then.path("lengths").asText().equals(InputStamps.text(past.lengths()));
    if (answer == ChangedInput.ACCEPT && lengths) {
      return;
    }
    throw new InvalidInputException(
        "Cannot append to %s: objects of the first %d images of %s changed since it was made%s; restore them, use --overwrite to start anew%s"
            .formatted(
                plan.destination(),
                plan.spec().firstImage(),
                plan.input().uri(),
                newest(),
                lengths
                    ? ", or --ignore-modification-times where only times changed"
                    : "; lengths changed, or which objects are there, and not only times"));
  }

  private String newest() throws IOException {
    long modified = (long) newest[2 * InputStamps.LENGTH];
    if (modified == 0) {
      return "; none of them is there";
    }
    FeatureSource source = Sources.reopen(stores, plan.input(), plan.dequantisation());
    long cell = (long) newest[2 * InputStamps.LENGTH + 1];
    List<String> keys = source.objects(plan.units().cells().box(cell));
    return " (the newest of %d is %s/%s, written %s)"
        .formatted(
            past.objects(),
            source.store().uri(),
            keys.get((int) newest[2 * InputStamps.LENGTH + 2]),
            Instant.ofEpochMilli(modified));
  }

  /**
   * Records, before the pass begins, the images that there are now and, until it has ended, those
   * that the last one saw; or that nothing is recorded.
   */
  void record(boolean records) throws IOException {
    if (!records || !applies()) {
      folder.store().delete(RunFolder.INPUTS);
      return;
    }
    ObjectNode json = JsonText.object();
    ArrayNode passes = json.putArray("passes");
    add(passes, plan.spec().firstImage(), past);
    add(passes, plan.input().shape().n(), all);
    folder.store().put(RunFolder.INPUTS, JsonText.bytes(json));
  }

  private static void add(ArrayNode passes, long images, InputStamps found) {
    passes
        .addObject()
        .put("images", images)
        .put("objects", found.objects())
        .put("digest", InputStamps.text(found.digest()))
        .put("lengths", InputStamps.text(found.lengths()));
  }
}
