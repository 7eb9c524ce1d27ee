package org.pointwise.format.npz;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.errors.PointwiseException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;
import org.pointwise.store.ObjectChannel;

/**
 * An array of an archive.
 *
 * @param archive its key
 * @param name of the member, without its ending
 * @param deflated whether it is compressed
 * @param offset where its bytes begin in the archive
 * @param stored how many bytes it has there
 * @param length of its bytes, not compressed
 * @param crc their CRC-32
 */
record ZipMember(
    String archive,
    String name,
    boolean deflated,
    long offset,
    long stored,
    long length,
    long crc) {
  private static final String ENDING = ".npy";
  private static final int MAX_NAMES = 10;

  /** Of a member's own header, before its name (APPNOTE.TXT, 4.3.7). */
  private static final int HEADER_LENGTH = 30;

  /** What the array is known by. */
  String key() {
    return archive + "#" + name;
  }

  /**
   * Looks a member up in the archive's directory.
   *
   * @param wanted its name, with or without the ending; null for the only one
   * @throws InvalidInputException where there is none of that name, or several and none is named
   */
  static ZipMember find(ByteStore folder, String archive, @Nullable String wanted)
      throws IOException {
    String uri = ByteStore.join(folder.uri(), archive);
    long size = folder.size(archive);
    if (size < 0) {
      throw new InvalidInputException(
          "Cannot read %s: there is no such file; check the path".formatted(uri));
    }
    ObjectChannel channel = new ObjectChannel(folder, archive, size);
    try (ZipFile zip = new ZipFile(channel)) {
      List<ZipArchiveEntry> arrays = new ArrayList<>();
      for (ZipArchiveEntry entry : Collections.list(zip.getEntries())) {
        if (entry.getName().endsWith(ENDING)) {
          arrays.add(entry);
        }
      }
      ZipArchiveEntry entry = chosen(uri, arrays, wanted);
      requireSameName(folder, archive, uri, entry);
      return of(archive, uri, size, entry);
    } catch (PointwiseException e) {
      throw e;
    } catch (IOException | RuntimeException e) { // the library's, of whatever is not as expected
      IOException failure = channel.failure();
      if (failure != null) {
        throw failure;
      }
      throw new CorruptDataException(
          "Cannot read %s: it is no whole zip file: its directory cannot be read; restore the file"
              .formatted(uri),
          e);
    }
  }

  /** A name of the directory that was altered must not give another array's numbers. */
  private static void requireSameName(
      ByteStore folder, String archive, String uri, ZipArchiveEntry entry) throws IOException {
    byte[] wanted = entry.getRawName();
    Bytes header = new Bytes();
    folder.read(archive, entry.getLocalHeaderOffset() + HEADER_LENGTH, wanted.length, header);
    if (!Arrays.equals(header.toArray(), wanted)) {
      throw new CorruptDataException(
          "Cannot read %s#%s: the directory and the member's own header name it otherwise; restore the file"
              .formatted(uri, name(entry)));
    }
  }

  private static ZipArchiveEntry chosen(
      String uri, List<ZipArchiveEntry> arrays, @Nullable String wanted) {
    if (wanted == null && arrays.size() == 1) {
      return arrays.get(0);
    }
    ZipArchiveEntry last = null; // counts, as for NumPy, where one was added again
    for (ZipArchiveEntry entry : arrays) {
      if (name(entry).equals(wanted) || entry.getName().equals(wanted)) {
        last = entry;
      }
    }
    if (last != null) {
      return last;
    }
    String names =
        arrays.stream()
            .limit(MAX_NAMES)
            .map(ZipMember::name)
            .collect(Collectors.joining(", ", "", arrays.size() > MAX_NAMES ? ", …" : ""));
    throw new InvalidInputException(
        arrays.isEmpty()
            ? "Cannot read %s: it holds no arrays".formatted(uri)
            : wanted == null
                ? "Cannot read %s: it holds %s; name one, for example %s#%s"
                    .formatted(uri, names, uri, name(arrays.get(0)))
                : "Cannot read %s: it holds no array '%s' but %s".formatted(uri, wanted, names));
  }

  private static String name(ZipArchiveEntry entry) {
    return entry.getName().substring(0, entry.getName().length() - ENDING.length());
  }

  private static ZipMember of(String archive, String uri, long size, ZipArchiveEntry entry) {
    boolean deflated = entry.getMethod() == ZipEntry.DEFLATED;
    if ((!deflated && entry.getMethod() != ZipEntry.STORED)
        || entry.getGeneralPurposeBit().usesEncryption()) {
      throw new InvalidInputException(
          "Cannot read %s#%s: it is encrypted or neither stored nor deflated; write it with numpy.savez"
              .formatted(uri, name(entry)));
    }
    long offset = entry.getDataOffset();
    long stored = entry.getCompressedSize();
    if (offset < 0
        || stored < 0
        || stored > size - offset
        || (!deflated && stored != entry.getSize())) {
      throw new CorruptDataException(
          "Cannot read %s#%s: its %d bytes from byte %d on, %d when read, are not as long or lie beyond the file's %d; restore the file"
              .formatted(uri, name(entry), stored, offset, entry.getSize(), size));
    }
    return new ZipMember(
        archive, name(entry), deflated, offset, stored, entry.getSize(), entry.getCrc());
  }
}
