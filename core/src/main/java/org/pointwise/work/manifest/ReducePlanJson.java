package org.pointwise.work.manifest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.pointwise.format.ArrayInfo;
import org.pointwise.plan.AppendLayout;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axis;

/** Converts the plan of a reduction to JSON. No other class does. */
final class ReducePlanJson {
  private ReducePlanJson() {}

  static ObjectNode of(ReducePlan plan) {
    ArrayInfo input = plan.input();
    ObjectNode json =
        JsonText.object()
            .put(Keys.FINGERPRINT, PlanRecord.fingerprint(plan))
            .put(Keys.LINEAGE, PlanRecord.lineage(plan))
            .put(Keys.INPUT, input.uri())
            .put(Keys.INPUT_FORMAT, input.description())
            .put(Keys.INPUT_AXES, input.axes().toString())
            .put(Keys.INPUT_TYPE, input.type().toString())
            .put(Keys.OUTPUT, plan.spec().output())
            .put(Keys.OUTPUT_FORMAT, plan.spec().format().name())
            .put(Keys.OUTPUT_AXES, plan.output().axes().toString())
            .put(Keys.OUTPUT_TYPE, plan.types())
            .put(Keys.COMPRESSION, plan.compression())
            .put(Keys.OVERFLOW, plan.spec().overflow().toString())
            .put(Keys.SHARDS, plan.units().count())
            .put(Keys.FILES, plan.files())
            .put(Keys.PIXELS, input.pixels())
            .put(Keys.BYTES_IN, input.bytes())
            .put(Keys.BYTES_OUT, plan.outputBytes())
            .put(Keys.BYTES_PER_TASK, plan.bytesPerTask())
            .put(Keys.FLOPS, plan.flops());
    ObjectNode shape = json.putObject(Keys.INPUT_SHAPE);
    for (Axis axis : input.axes().order()) {
      shape.put(axis.letter(), input.shape().length(axis));
    }
    json.put(Keys.TILE, input.tile().toString())
        .put(Keys.CHUNK, plan.output().chunk().toString())
        .put(Keys.SHARD, plan.output().shard().toString())
        .put(Keys.SHARDED, plan.output().sharded());
    json.set(Keys.SOURCE_QUANTISATION, ReadingRecord.json(input.whole()));
    ReadingRecord.putPart(json, input);
    HeadRecord.put(json, HeadRecord.all(plan));
    plan.lineageInputs().forEach(json.putArray(Keys.LINEAGE_INPUTS)::add);
    AppendLayout appendLayout = plan.spec().appendLayout();
    if (appendLayout != null) {
      Appending.putLengths(json, appendLayout.lengths());
    }
    return json;
  }
}
