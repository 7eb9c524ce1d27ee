package org.pointwise.format.envi;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.RawWriter;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Hashes;
import org.pointwise.tensor.Box;

/**
 * Writes one cube for each image, or for each input file: its numbers, and then its header.
 *
 * @param names returns the names of the two files that begin with an image: the numbers and the
 *     header
 */
record EnviSink(
    ByteStore store, String folder, LongFunction<List<String>> names, HeaderText headers)
    implements FeatureSink {

  @Override
  public List<String> keys(Box box) {
    return names.apply(box.n0()).stream().map(name -> ByteStore.join(folder, name)).toList();
  }

  @Override
  public Writer writer() {
    return new CubeWriter();
  }

  private final class CubeWriter extends RawWriter {
    private Box cube = new Box(0, 1, 0, 1, 0, 1);

    CubeWriter() {
      super(store, headers.interleave().axes(), headers.bands(), headers.type());
    }

    @Override
    protected String key(Box box) {
      return keys(box).get(0);
    }

    @Override
    public void begin(Box box) {
      super.begin(box);
      cube = box;
    }

    @Override
    public List<StoredObject> end() throws IOException {
      String key = keys(cube).get(1);
      byte[] text = headers.of(cube);
      deleteOther(key, text);
      List<StoredObject> numbers = super.end();
      store.put(key, text);
      StoredObject header = new StoredObject(key, text.length, Hashes.sha256(text, 0, text.length));
      return Stream.concat(numbers.stream(), Stream.of(header)).toList();
    }

    /**
     * Deletes a header of other numbers, for example of an image of another size, because it must
     * not describe the new numbers.
     */
    private void deleteOther(String key, byte[] text) throws IOException {
      long size = store.size(key);
      if (size >= 0 && (size != text.length || !Arrays.equals(store.get(key), text))) {
        store.delete(key);
      }
    }
  }
}
