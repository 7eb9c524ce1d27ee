package org.pointwise.format.envi;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FileFormat;
import org.pointwise.format.FileSource;
import org.pointwise.format.Location;
import org.pointwise.format.ReadOptions;
import org.pointwise.format.Storage;
import org.pointwise.store.ByteStore;

/** Reads ENVI cubes. A cube is given by its header, or by a file beside a header. */
public final class EnviFormat extends FileFormat {
  static final String NAME = "envi";
  static final String ENDING = ".hdr";

  /** The endings that the file of numbers beside a header may have. */
  private static final List<String> ENDINGS =
      List.of("", ".raw", ".img", ".dat", ".bin", ".bil", ".bip", ".bsq");

  public EnviFormat() {
    super(NAME, List.of(ENDING), "an ENVI cube (its .hdr)", false);
  }

  @Override
  public @Nullable Storage recognises(Location location) throws IOException {
    if (recognisesName(location.name())) {
      return Storage.FILE;
    }
    return location.isFile() && header(location.parent(), location.name()) != null
        ? Storage.FILE
        : null;
  }

  /** Returns the key of the header beside a file; null if there is none. */
  private static @Nullable String header(ByteStore folder, String file) throws IOException {
    if (folder.size(file + ENDING) >= 0) {
      return file + ENDING;
    }
    int dot = file.lastIndexOf('.');
    String ending = dot > 0 ? file.substring(dot).toLowerCase(Locale.ROOT) : "";
    if (ending.isEmpty() || !ENDINGS.contains(ending)) {
      return null; // a file of another kind beside a cube
    }
    String header = file.substring(0, dot) + ENDING;
    return folder.size(header) >= 0 ? header : null;
  }

  /**
   * Returns the key of the file of numbers beside a header.
   *
   * @throws InvalidInputException if there is no such file, or more than one
   */
  private static String data(ByteStore folder, String header) throws IOException {
    String stem = header.substring(0, header.length() - ENDING.length());
    List<String> existing = new ArrayList<>();
    for (String ending : ENDINGS) {
      if (folder.size(stem + ending) >= 0) {
        existing.add(stem + ending);
      }
    }
    if (existing.size() == 1) {
      return existing.get(0);
    }
    throw new InvalidInputException(
        existing.isEmpty()
            ? "Cannot read %s: the file of its numbers is not beside it; name it %s, or that with one of %s"
                .formatted(
                    ByteStore.join(folder.uri(), header),
                    stem,
                    String.join(", ", ENDINGS.subList(1, ENDINGS.size())))
            : "Cannot read %s: its numbers may be in any of %s; give that file instead, or move the others"
                .formatted(ByteStore.join(folder.uri(), header), String.join(", ", existing)));
  }

  @Override
  public FileSource open(Location location, ReadOptions options) throws IOException {
    ByteStore folder = location.parent();
    String name = location.name();
    boolean byHeader = recognisesName(name);
    String header = byHeader ? name : header(folder, name);
    if (header == null || folder.size(header) < 0) {
      throw new InvalidInputException(
          "Cannot read %s: its header is not there; check the path".formatted(location.uri()));
    }
    EnviHeader parsed = EnviHeader.read(folder, header); // first rejects other files
    String data = byHeader && parsed != null ? data(folder, name) : name;
    return EnviCube.open(folder, location.uri(), header, data, options);
  }
}
