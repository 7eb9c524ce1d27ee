package org.pointwise.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.ArrayInfo.ImageFile;
import org.pointwise.format.Formats;
import org.pointwise.format.Storage;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStore.ObjectStatus;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.work.RunFolder;

/**
 * The files of an input's folder in the order of the output's images, each with its length and time
 * of change. Stored in the run folder when an append begins, so that an interrupted append
 * continues in the same order.
 */
public record SourceFileList(List<String> names, List<String> statuses) {
  /** The list of no files. */
  public static final SourceFileList NONE = new SourceFileList(List.of(), List.of());

  /** Returns the files of the first images. */
  public SourceFileList first(long images) {
    int count = (int) Math.min(images, names.size());
    return new SourceFileList(
        names.subList(0, count), statuses.subList(0, Math.min(count, statuses.size())));
  }

  /** Reads the recorded list of an output; empty if there is none. */
  public static SourceFileList read(String output, ByteStores stores) {
    ByteStore folder = RunFolder.of(output, stores).store();
    try {
      byte[] text = folder.get(RunFolder.IMAGES);
      return text == null
          ? NONE.copy()
          : of(JsonText.parse(text, folder.uri() + "/" + RunFolder.IMAGES));
    } catch (IOException e) {
      throw Formats.unreadable(folder.uri(), e);
    }
  }

  private SourceFileList copy() {
    return new SourceFileList(new ArrayList<>(names), new ArrayList<>(statuses));
  }

  /** Reads a list that {@link #put} wrote. */
  static SourceFileList of(JsonNode json) {
    SourceFileList list = NONE.copy();
    json.path("names").forEach(name -> list.names.add(name.asText()));
    json.path("stamps").forEach(status -> list.statuses.add(status.asText()));
    return list;
  }

  void put(ObjectNode json) {
    ArrayNode all = json.putArray("names");
    names.forEach(all::add);
    ArrayNode times = json.putArray("stamps");
    statuses.forEach(times::add);
  }

  /** Lists an input's files with their present status; empty if the input is not a folder. */
  static SourceFileList of(ArrayInfo input, ByteStores stores) {
    SourceFileList list = NONE.copy();
    ByteStore store = stores.open(input.uri());
    try {
      Map<String, ObjectStatus> statuses = input.images().isEmpty() ? Map.of() : store.statuses("");
      for (ImageFile file : input.images()) {
        ObjectStatus status = statuses.getOrDefault(file.name(), new ObjectStatus(-1, -1));
        list.names.add(file.name());
        list.statuses.add(status.size() + " " + status.modified());
      }
    } catch (IOException e) {
      throw Formats.unreadable(input.uri(), e);
    }
    return list;
  }

  /** Records an input's files beside an output. */
  static void record(ArrayInfo input, String output, ByteStores stores) throws IOException {
    if (input.storage() == Storage.IMAGES) {
      ObjectNode json = JsonText.object();
      SourceFileList files = of(input, stores);
      SourceFileList recorded = input.past() == 0 ? NONE : read(output, stores).first(input.past());
      for (int i = 0; i < recorded.statuses.size(); i++) {
        files.statuses.set(i, recorded.statuses.get(i));
      }
      files.put(json);
      RunFolder.of(output, stores).store().put(RunFolder.IMAGES, JsonText.bytes(json));
    }
  }

  /**
   * Checks that the recorded files of the input are unchanged.
   *
   * @param output for the message
   * @param times whether a different time of change counts as a change
   * @param remedy for the message
   * @throws InvalidInputException that names changed files
   */
  public void requireUnchanged(
      ArrayInfo input, String output, ByteStores stores, boolean times, String remedy) {
    List<String> now = names.isEmpty() ? List.of() : of(input, stores).statuses;
    List<String> differ = new ArrayList<>();
    for (int i = 0; i < Math.min(statuses.size(), now.size()); i++) {
      String recorded = statuses.get(i);
      if (times ? !recorded.equals(now.get(i)) : !length(recorded).equals(length(now.get(i)))) {
        differ.add(names.get(i));
      }
    }
    if (!differ.isEmpty()) {
      int shown = Math.min(5, differ.size());
      throw new InvalidInputException(
          "Cannot append to %s: %s of %s changed since it was made (%s%s); use %s"
              .formatted(
                  output,
                  Count.of(differ.size(), "file"),
                  input.uri(),
                  String.join(", ", differ.subList(0, shown)),
                  differ.size() > shown ? ", …" : "",
                  remedy));
    }
  }

  private static String length(String status) {
    return status.substring(0, status.indexOf(' '));
  }
}
