package org.pointwise.format.npz;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
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
 * The bytes of one member. For a member of up to {@link #MAX_VERIFIED_BYTES} bytes, the CRC-32 of
 * all bytes is checked before any byte is returned. In a deflated member, a position is reached by
 * inflating the bytes before it. A position further back requires inflating the member from its
 * start again. Confined to one thread.
 */
final class MemberBytes implements ByteSource {
  /** Larger members are not checked in advance, because reading them twice takes too long. */
  static final long MAX_VERIFIED_BYTES = 256L << 20;

  private static final int BUFFER = 1 << 16;
  private static final String WRONG = "its checksum is wrong";

  private final ByteStore folder;
  private final ZipMember member;
  private @Nullable CheckedInputStream inflated;
  private @Nullable Inflater inflater;
  private @Nullable ObjectChannel source;
  private long position;
  private final byte[] skipped = new byte[BUFFER];
  private boolean verified;

  MemberBytes(ByteStore folder, ZipMember member) {
    this.folder = folder;
    this.member = member;
    this.verified = member.length() > MAX_VERIFIED_BYTES;
  }

  /** Returns bytes without a check of the CRC-32, for reading only the first bytes of a member. */
  static MemberBytes unverified(ByteStore folder, ZipMember member) {
    MemberBytes bytes = new MemberBytes(folder, member);
    bytes.verified = true;
    return bytes;
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
    try {
      if (!verified) {
        verify();
      }
      return member.deflated()
          ? inflate(offset, length, into)
          : folder.read(member.archive(), member.offset() + offset, length, into);
    } catch (IOException e) {
      ObjectChannel channel = source;
      boolean store = !member.deflated() || channel == null || channel.failure() != null;
      release(); // the stream may stand within the wanted bytes
      if (store) {
        throw e;
      }
      throw damaged(String.valueOf(e.getMessage())); // the inflater found the damage
    }
  }

  /** Reads the whole member and checks its CRC-32. */
  private void verify() throws IOException {
    long checksum;
    if (member.deflated()) {
      if (streamAt(member.length()) == null) {
        return; // the archive vanished, which the next read detects
      }
      checksum = Objects.requireNonNull(inflated).getChecksum().getValue();
      release();
    } else {
      CheckedInputStream all = new CheckedInputStream(channel().stream(), new CRC32());
      for (int count = 0; count >= 0; ) {
        count = all.read(skipped, 0, skipped.length);
      }
      checksum = all.getChecksum().getValue();
    }
    if (checksum != member.crc()) {
      throw damaged(WRONG);
    }
    verified = true;
  }

  /** Returns a channel at the first stored byte of the member. */
  private ObjectChannel channel() throws IOException {
    ObjectChannel channel =
        new ObjectChannel(folder, member.archive(), member.offset() + member.stored());
    channel.position(member.offset());
    return channel;
  }

  private boolean inflate(long offset, int length, Bytes into) throws IOException {
    InputStream from = streamAt(offset);
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
      throw damaged(WRONG);
    }
    return true;
  }

  private @Nullable InputStream streamAt(long offset) throws IOException {
    CheckedInputStream from = inflated;
    if (from == null || offset < position) {
      release();
      if (folder.size(member.archive()) < 0) {
        return null;
      }
      ObjectChannel channel = channel();
      source = channel;
      Inflater raw = new Inflater(true);
      inflater = raw;
      from =
          new CheckedInputStream(
              new InflaterInputStream(channel.stream(), raw, BUFFER), new CRC32());
      inflated = from;
      position = 0;
    }
    while (position < offset) { // the checksum includes skipped bytes
      int count = (int) Math.min(skipped.length, offset - position);
      if (from.readNBytes(skipped, 0, count) < count) {
        throw damaged("it ends too early");
      }
      position += count;
    }
    return from;
  }

  private CorruptDataException damaged(String reason) {
    return new CorruptDataException(
        "Cannot read %s: %s; restore the file"
            .formatted(ByteStore.join(folder.uri(), member.key()), reason));
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
