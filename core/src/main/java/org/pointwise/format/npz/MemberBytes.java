package org.pointwise.format.npz;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.store.ByteSource;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;
import org.pointwise.store.ObjectChannel;

/**
 * The bytes of one member. Of one that is deflated, what lies before a place is inflated to reach
 * it, and inflated again to go back; its CRC-32 is looked at where it is read to its end. Confined
 * to one thread.
 */
final class MemberBytes implements ByteSource {
  private static final int BUFFER = 1 << 16;

  private final ByteStore folder;
  private final ZipMember member;
  private @Nullable CheckedInputStream inflated;
  private @Nullable Inflater inflater;
  private @Nullable ObjectChannel source;
  private long position;
  private final byte[] skipped = new byte[BUFFER];

  MemberBytes(ByteStore folder, ZipMember member) {
    this.folder = folder;
    this.member = member;
  }

  @Override
  public String uri() {
    return folder.uri();
  }

  @Override
  public long size(String key) {
    return member.length();
  }

  @Override
  public boolean read(String key, long offset, int length, Bytes into) throws IOException {
    if (length > member.length() - offset) {
      throw new ByteStore.TruncatedException(key, member.length(), offset, length);
    }
    if (!member.deflated()) {
      return folder.read(member.archive(), member.offset() + offset, length, into);
    }
    try {
      return inflate(offset, length, into);
    } catch (IOException e) {
      ObjectChannel channel = source;
      boolean store = channel == null || channel.failure() != null;
      release(); // it may have read a part of what was wanted
      if (store) {
        throw e;
      }
      throw damaged(String.valueOf(e.getMessage())); // what inflates found it
    }
  }

  private boolean inflate(long offset, int length, Bytes into) throws IOException {
    InputStream from = at(offset);
    if (from == null) {
      return false;
    }
    byte[] bytes = into.resize(length);
    if (from.readNBytes(bytes, 0, length) < length) {
      throw damaged("it ends too early");
    }
    position += length;
    CheckedInputStream all = inflated;
    if (position == member.length()
        && all != null
        && all.getChecksum().getValue() != member.crc()) {
      throw damaged("its checksum is wrong");
    }
    return true;
  }

  private @Nullable InputStream at(long offset) throws IOException {
    CheckedInputStream from = inflated;
    if (from == null || offset < position) {
      release();
      long size = folder.size(member.archive());
      if (size < 0) {
        return null;
      }
      ObjectChannel channel = new ObjectChannel(folder, member.archive(), size);
      channel.position(member.offset());
      source = channel;
      Inflater raw = new Inflater(true);
      inflater = raw;
      from =
          new CheckedInputStream(
              new InflaterInputStream(channel.stream(), raw, BUFFER), new CRC32());
      inflated = from;
      position = 0;
    }
    while (position < offset) { // the checksum sees what is skipped
      int count = (int) Math.min(skipped.length, offset - position);
      if (from.readNBytes(skipped, 0, count) < count) {
        throw damaged("it ends too early");
      }
      position += count;
    }
    return from;
  }

  private CorruptDataException damaged(String how) {
    return new CorruptDataException(
        "Cannot read %s: %s; restore the file"
            .formatted(ByteStore.join(folder.uri(), member.key()), how));
  }

  @Override
  public void release() {
    Inflater used = inflater;
    if (used != null) {
      used.end();
    }
    inflater = null;
    inflated = null;
    source = null;
  }
}
