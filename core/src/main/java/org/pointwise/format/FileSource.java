package org.pointwise.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Supplier;
import org.pointwise.store.ByteStore;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;

/**
 * An array that lies in one file.
 *
 * @param store of the file
 * @param files keys of the file, and of others that say how to read it
 * @param attributes of the array that are as true of a reduced one
 * @param notes what its reader should know, a sentence each
 * @param readers makes one for a thread
 */
public record FileSource(
    ByteStore store,
    List<String> files,
    ArrayInfo info,
    ObjectNode attributes,
    List<String> notes,
    Supplier<Reader> readers)
    implements FeatureSource {

  /** An array without attributes. */
  public FileSource(
      ByteStore store,
      List<String> files,
      ArrayInfo info,
      List<String> notes,
      Supplier<Reader> readers) {
    this(store, files, info, JsonText.object(), notes, readers);
  }

  /** The same array, described as a plan knows it. */
  FileSource with(ArrayInfo planned) {
    return new FileSource(store, files, planned, attributes, notes, readers);
  }

  @Override
  public Companions companions(List<String> dimensions) {
    return new Companions(attributes, JsonText.object(), List.of(), List.of());
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
