package org.pointwise.format;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Scaling;
import org.pointwise.store.ByteStores;

/**
 * A format whose arrays are stored in files, one or several arrays per file. The ending of the file
 * name identifies the format.
 */
public abstract class FileFormat implements FeatureFormat {
  private final String name;
  private final List<String> endings;
  private final String inputs;
  private final boolean members;

  /**
   * @param name the value of {@link #name}
   * @param endings the endings of its file names, with the dot
   * @param inputs the value of {@link #inputs}
   * @param members whether a file may hold several arrays
   */
  protected FileFormat(String name, List<String> endings, String inputs, boolean members) {
    this.members = members;
    this.name = name;
    this.endings = endings;
    this.inputs = inputs;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final String inputs() {
    return inputs;
  }

  @Override
  public final boolean recognisesName(String file) {
    return endings.stream().anyMatch(file::endsWith);
  }

  @Override
  public final boolean hasMembers(String file) {
    return members && recognisesName(file);
  }

  @Override
  public @Nullable Storage recognises(Location location) throws IOException {
    return recognisesName(location.name()) ? Storage.FILE : null;
  }

  @Override
  public abstract FileSource open(Location location, ReadOptions options) throws IOException;

  @Override
  public final FeatureSource reopen(ByteStores stores, ArrayInfo info) throws IOException {
    Scaling scaling = info.quantisation().scaling(); // that of the file may be invalid
    ReadOptions options =
        new ReadOptions(
            info.axes(),
            null,
            true,
            Nodata.NONE,
            scaling.scales(),
            scaling.offsets(),
            info.missing(),
            List.of());
    FileSource source = open(new Location(stores, info.uri()), options);
    if (!source.info().identity().equals(info.identity())) {
      throw new InvalidInputException(
          "Cannot read %s: it changed since the run was planned; run again".formatted(info.uri()));
    }
    return source.withInfo(info);
  }
}
