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
import org.pointwise.errors.Suggestion;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;
import org.pointwise.store.ObjectChannel;

/**
 * An array of an archive.
 *
 * @param archive the key of the archive
 * @param name the name of the member, without its ending
 * @param deflated whether the member is compressed
 * @param offset the position of the member's data in the archive, in bytes
 * @param stored the length of the data in the archive, in bytes
 * @param length the uncompressed length, in bytes
 * @param crc the CRC-32 of the uncompressed bytes
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

  /** Bytes of a member's own header before its name (APPNOTE.TXT, 4.3.7). */
  private static final int HEADER_LENGTH = 30;

  /** Returns the key of the array: the archive and the name. */
  String key() {
    return archive + "#" + name;
  }

  /**
   * Finds a member in the directory of an archive.
   *
   * @param requested the name of the member, with or without its ending; null for the only array
   * @throws InvalidInputException if no array has that name, or if there are several and none is
   *     named
   */
  static ZipMember find(ByteStore folder, String archive, @Nullable String requested)
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
      ZipArchiveEntry entry = chosen(uri, arrays, requested);
      requireSameName(folder, archive, uri, entry);
      return of(archive, uri, size, entry);
    } catch (PointwiseException e) {
      throw e;
    } catch (IOException | RuntimeException e) { // the library throws both for unexpected content
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

  /**
   * Requires that the directory and the member's own header have the same name. A damaged directory
   * must not lead to the numbers of another array.
   */
  private static void requireSameName(
      ByteStore folder, String archive, String uri, ZipArchiveEntry entry) throws IOException {
    byte[] expected = entry.getRawName();
    Bytes header = new Bytes();
    folder.read(archive, entry.getLocalHeaderOffset() + HEADER_LENGTH, expected.length, header);
    if (!Arrays.equals(header.toArray(), expected)) {
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
    ZipArchiveEntry last = null; // as in NumPy, the last of several equal names counts
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
                : "Cannot read %s: it holds no array '%s' but %s%s"
                    .formatted(
                        uri,
                        wanted,
                        names,
                        Suggestion.of(wanted, arrays.stream().map(ZipMember::name).toList())));
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
