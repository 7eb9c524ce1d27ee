package org.pointwise.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Supplier;
import org.pointwise.store.ByteStore;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;

/**
 * An array in one file.
 *
 * @param store the store of the file
 * @param files the keys of the file and of other files that are needed to read it
 * @param attributes the attributes of the array that also apply to a reduced array
 * @param notes the notes for the user, one sentence each
 * @param readers creates a reader for one thread
 */
public record FileSource(
    ByteStore store,
    List<String> files,
    ArrayInfo info,
    ObjectNode attributes,
    List<String> notes,
    Supplier<Reader> readers)
    implements FeatureSource {

  /** Creates a source of an array without attributes. */
  public FileSource(
      ByteStore store,
      List<String> files,
      ArrayInfo info,
      List<String> notes,
      Supplier<Reader> readers) {
    this(store, files, info, JsonText.object(), notes, readers);
  }

  /** Returns the same array with the description from a plan. */
  FileSource with(ArrayInfo planned) {
    return new FileSource(store, files, planned, attributes, notes, readers);
  }

  @Override
  public Companions companions(List<String> dimensions) {
    return Companions.ofAttributes(attributes);
  }

  @Override
  public Extent object() {
    return info.shape().extent();
  }

  @Override
  public List<String> objects(Box box) {
    return files;
  }

  @Override
  public Reader reader() {
    return readers.get();
  }
}
