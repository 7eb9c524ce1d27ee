package org.pointwise.job;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Bytes;
import org.pointwise.store.JsonText;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.PlanRecord;
import org.pointwise.work.manifest.SourceRecord;

/**
 * The inputs from which the images of an output come, in the order of the images. Stored in the run
 * folder when an append of new images begins. Immutable.
 */
public record SourceList(List<SourceRecord> sources) {
  private static final String SOURCES = "sources";
  private static final int MAX_BYTES = 1 << 30;

  public SourceList {
    sources = List.copyOf(sources);
  }

  /**
   * Reads the list of an output.
   *
   * @return the list as stored; without one, the input of the recorded plan; empty if no plan is
   *     recorded
   */
  public static SourceList read(String output, ByteStores stores) throws IOException {
    ByteStore folder = RunFolder.of(output, stores).store();
    Bytes text = new Bytes();
    if (folder.read(RunFolder.SOURCES, text, MAX_BYTES)) {
      List<SourceRecord> sources = new ArrayList<>();
      JsonText.parse(text.toArray(), ByteStore.join(folder.uri(), RunFolder.SOURCES))
          .path(SOURCES)
          .forEach(source -> sources.add(SourceRecord.of(source)));
      return new SourceList(sources);
    }
    PlanRecord plan = RunFolder.of(output, stores).plan();
    return new SourceList(plan == null ? List.of() : List.of(SourceRecord.of(plan, plan.images())));
  }

  /** Stores the list of an output. */
  void write(String output, ByteStores stores) throws IOException {
    RunFolder.of(output, stores).store().put(RunFolder.SOURCES, bytes());
  }

  private byte[] bytes() {
    ObjectNode json = JsonText.object();
    ArrayNode list = json.putArray(SOURCES);
    sources.forEach(source -> list.add(source.json()));
    return JsonText.bytes(json);
  }

  /** Returns the sources whose first image lies before an index. */
  SourceList startingBefore(long image) {
    return new SourceList(sources.stream().filter(source -> source.first() < image).toList());
  }

  /** Returns the sources of the first images of the output. */
  SourceList first(long images) {
    return new SourceList(
        startingBefore(images).sources.stream()
            .map(source -> source.end() <= images ? source : source.shortened(images))
            .toList());
  }

  /**
   * Returns this list with a further source.
   *
   * @param digests of the images that the plan appends
   */
  public SourceList append(ReducePlan plan, List<String> digests) {
    List<SourceRecord> more = new ArrayList<>(sources);
    more.add(SourceRecord.of(plan.input().added(), plan.input().past(), digests));
    return new SourceList(more);
  }

  /** Returns the digest of each image of the output; {@link ImageDigests#UNREADABLE} if unknown. */
  List<String> digests(long images) {
    List<String> digests =
        new ArrayList<>(Collections.nCopies(Math.toIntExact(images), ImageDigests.UNREADABLE));
    for (SourceRecord source : sources) {
      List<String> known = source.digests();
      for (int i = 0; i < known.size() && source.first() + i < images; i++) {
        digests.set((int) source.first() + i, known.get(i));
      }
    }
    return digests;
  }

  /** Returns whether the digests of some images are known, as after an append of new images. */
  boolean hasDigests() {
    return sources.stream().anyMatch(source -> !source.digests().isEmpty());
  }

  /** Returns this list of one source for an output whose input has grown. */
  SourceList grown(long images) {
    return new SourceList(List.of(last().grown(images)));
  }

  /** Returns whether another list has the same sources. */
  boolean matches(SourceList other) {
    return Arrays.equals(bytes(), other.bytes());
  }

  /** Returns the last source. */
  SourceRecord last() {
    return sources.get(sources.size() - 1);
  }
}
