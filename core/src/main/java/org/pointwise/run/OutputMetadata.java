package org.pointwise.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.pointwise.format.Companions;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.OutputDescription;
import org.pointwise.plan.Growth;
import org.pointwise.plan.ReducePlan;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Scaling;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axis;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an output of arrays says of itself; a folder of files has no place for it. */
final class OutputMetadata {
  private static final Logger LOG = LoggerFactory.getLogger(OutputMetadata.class);

  private final ReducePlan plan;
  private final FeatureSource source;
  private final ByteStores stores;
  private final String software;

  /**
   * @param source the plan's input, for its companions
   * @param software version to record
   */
  OutputMetadata(ReducePlan plan, FeatureSource source, ByteStores stores, String software) {
    this.plan = plan;
    this.source = source;
    this.stores = stores;
    this.software = software;
  }

  /**
   * Writes it, consolidated where the output is complete.
   *
   * @param status for readers
   */
  void write(String status) throws IOException {
    if (plan.spec().format().perFile()) {
      return;
    }
    Companions companions = source.companions(surviving());
    companions.leftOut().forEach(left -> LOG.warn("Coordinate left out: {}", left));
    plan.spec()
        .format()
        .describe(
            RunFolder.output(plan, stores),
            new OutputDescription(
                Output.targets(plan),
                plan.spec().heads().stream().map(RunFolder::describe).toList(),
                record(status),
                plan.input().imageNames(),
                companions,
                status.equals(RunFolder.COMPLETE)));
  }

  /** Names of the dimensions that a reduction keeps: all but the channels. */
  private List<String> surviving() {
    int channel = plan.output().axes().indexOf(Axis.C);
    List<String> names = new ArrayList<>(plan.output().dimensionNames());
    names.remove(channel);
    return names;
  }

  private ObjectNode record(String status) {
    ObjectNode ours =
        JsonText.object()
            .put("status", status)
            .put("fingerprint", RunFolder.fingerprint(plan))
            .put("series", RunFolder.series(plan))
            .put("version", software);
    plan.spec().format().libraries().forEach(ours::put);
    ours.put("source", plan.input().uri())
        .put("sourceIdentity", plan.input().identity())
        .put("axes", plan.output().axes().toString())
        .put("shards", plan.units().count());
    ours.set("sourceQuantisation", describe(plan.dequantisation()));
    ArrayNode heads = ours.putArray("heads");
    plan.spec().heads().forEach(head -> heads.add(RunFolder.describe(head)));
    Growth growth = plan.spec().growth();
    if (growth != null && !plan.spec().conduct().past()) {
      // Receipts of what was not looked at are still those of a shorter input.
      growth.lengths().forEach(ours.putArray(RunFolder.LENGTHS)::add);
    }
    return ours;
  }

  /** What stored numbers of an input mean. */
  private static ObjectNode describe(Dequantisation dequantisation) {
    ObjectNode json = JsonText.object();
    Scaling scaling = dequantisation.scaling();
    if (scaling.isPerChannel()) {
      json.set("scale", JsonText.numbers(scaling.scales()));
      json.set("offset", JsonText.numbers(scaling.offsets()));
    } else {
      json.put("scale", scaling.scale(0)).put("offset", scaling.offset(0));
    }
    Nodata nodata = dequantisation.nodata();
    if (nodata != null) {
      json.put("nodata", nodata.toString());
    }
    return json.put("missingChunks", dequantisation.missing().toString());
  }
}
