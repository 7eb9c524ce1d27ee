package org.pointwise.work.manifest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.pointwise.format.ArrayInfo;
import org.pointwise.plan.HoldoutBlocks;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.PixelSample;

/** Converts the plan of a moments pass to JSON. No other class does. */
final class MomentsPlanJson {
  private MomentsPlanJson() {}

  static ObjectNode of(MomentsPlan plan) {
    ArrayInfo input = plan.input();
    PixelSample sample = plan.spec().sample();
    HoldoutBlocks blocks = plan.spec().holdout().of(input);
    ObjectNode json =
        JsonText.object()
            .put(Keys.FINGERPRINT, PlanRecord.fingerprint(plan))
            .put(Keys.INPUT, input.uri())
            .put(Keys.INPUT_FORMAT, input.description())
            .put(Keys.INPUT_AXES, input.axes().toString())
            .put(Keys.INPUT_TYPE, input.type().toString())
            .put(Keys.OUTPUT, plan.destination())
            .put(Keys.UNITS, plan.unitCount())
            .put(Keys.TILES, plan.units().tiles().count())
            .put(Keys.PIXELS, input.pixels())
            .put(Keys.CHANNELS, input.shape().c())
            .put(Keys.BYTES_IN, input.bytes())
            .put(Keys.BYTES_PER_TASK, plan.bytesPerTask())
            .put(Keys.SAMPLE, sample.fraction())
            .put(Keys.HELD_OUT, plan.spec().holdout().fraction())
            .put(Keys.HELD_OUT_BLOCKS, blocks.heldOut())
            .put(Keys.HOLDOUT_BLOCKS, blocks.count())
            .put(Keys.SEED, sample.all() ? plan.spec().holdout().seed() : sample.seed());
    ReadingRecord.putPart(json, input);
    ArrayInfo labels = plan.spec().labels();
    if (labels != null) {
      json.put(Keys.LABELS, labels.uri()).put(Keys.CLASSES, plan.spec().classes());
    }
    return json;
  }
}
