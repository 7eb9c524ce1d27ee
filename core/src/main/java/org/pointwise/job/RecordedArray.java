package org.pointwise.job;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.InputFiles;
import org.pointwise.format.Location;
import org.pointwise.format.OutputFormat;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.HeadRecord;
import org.pointwise.work.manifest.OutputRecord;
import org.pointwise.work.manifest.PlanRecord;
import org.pointwise.work.manifest.Status;

/**
 * The record of an array that a reduction stored, found by the path of the array. Immutable.
 *
 * @param head the record of the layer that made the array
 * @param fileAxes the axes of the array's files, which may not name them; null for a format with
 *     metadata of its own
 */
public record RecordedArray(HeadRecord head, @Nullable Axes fileAxes) {
  /** The path of an array has at most two parts below its output: the head and a file. */
  private static final int DEPTH = 2;

  /**
   * Finds the record of an array.
   *
   * @param uri an array, a file or folder of it, or the output if that has only one array
   * @return null if no record of a reduction belongs to the path
   * @throws InvalidInputException if the reduction has not ended
   */
  public static @Nullable RecordedArray find(String uri, ByteStores stores) throws IOException {
    Location location = new Location(stores, uri);
    if (location.member() != null) {
      return null;
    }
    String output = location.isFile() ? ByteStores.parent(location.uri()) : location.uri();
    for (int up = 0; up <= DEPTH && !output.isEmpty() && !output.endsWith("/"); up++) {
      OutputManifest manifest = OutputManifest.read(output, stores);
      if (!manifest.heads().isEmpty()) {
        return of(output, location.uri(), manifest, stores);
      }
      output = ByteStores.parent(output);
    }
    return null;
  }

  private static @Nullable RecordedArray of(
      String output, String uri, OutputManifest manifest, ByteStores stores) throws IOException {
    String below = uri.substring(Math.min(uri.length(), output.length() + 1));
    HeadRecord head = head(manifest, below);
    if (head == null) {
      return null;
    }
    OutputRecord record = manifest.outputRecord();
    boolean complete =
        record == null
            ? RunFolder.of(output, stores).succeeded()
            : record.status() != Status.INCOMPLETE; // an append leaves the previous images readable
    if (!complete) {
      throw new InvalidInputException(
          "Cannot use %s: the reduction that makes it has not ended; run that again first"
              .formatted(uri));
    }
    PlanRecord plan = manifest.plan();
    return new RecordedArray(
        head,
        plan == null || !manifest.format().perFile()
            ? null
            : fileAxes(uri, plan, manifest.format(), stores));
  }

  /** Returns the head of a path below the output; null if there is none, or several. */
  private static @Nullable HeadRecord head(OutputManifest manifest, String below) {
    List<HeadRecord> heads = manifest.heads();
    if (heads.size() == 1 && (below.isEmpty() || manifest.format().perFile())) {
      return below.contains("/") ? null : heads.get(0);
    }
    String name = below.contains("/") ? below.substring(0, below.indexOf('/')) : below;
    return heads.stream().filter(head -> head.name().equals(name)).findFirst().orElse(null);
  }

  /** Returns the axes of the output, without the images if each image has its own file. */
  private static Axes fileAxes(String uri, PlanRecord plan, OutputFormat format, ByteStores stores)
      throws IOException {
    List<String> names = format.fileNames(InputFiles.ofFile(plan.input()), 0);
    String name = names.get(names.size() - 1);
    boolean whole = ByteStores.name(uri).equals(name) || stores.open(uri).size(name) >= 0;
    Axes axes = plan.axes();
    return whole || axes.rank() == 1
        ? axes
        : new Axes(axes.order().stream().filter(axis -> axis != Axis.N).toList());
  }
}
