package org.pointwise.format;

import java.util.List;
import java.util.function.Supplier;
import org.pointwise.store.ByteStore;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;

/**
 * An array in one file.
 *
 * @param store the store of the file
 * @param files the keys of the file and of other files that are needed to read it
 * @param companions the companions of the array
 * @param notes the notes for the user, one sentence each
 * @param readers creates a reader for one thread
 */
public record FileSource(
    ByteStore store,
    List<String> files,
    ArrayInfo info,
    Companions companions,
    List<String> notes,
    Supplier<Reader> readers)
    implements FeatureSource {

  /** Creates a source of an array without companions. */
  public FileSource(
      ByteStore store,
      List<String> files,
      ArrayInfo info,
      List<String> notes,
      Supplier<Reader> readers) {
    this(store, files, info, Companions.none(), notes, readers);
  }

  /** Returns the same array with the description from a plan. */
  FileSource withInfo(ArrayInfo planned) {
    return new FileSource(store, files, planned, companions, notes, readers);
  }

  @Override
  public Companions companions(List<String> dimensions) {
    return companions;
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
