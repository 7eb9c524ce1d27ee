package org.pointwise.format.npz;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FileSource;
import org.pointwise.format.Location;
import org.pointwise.format.RawFile;
import org.pointwise.format.RawTiles;
import org.pointwise.format.ReadOptions;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Hashes;
import org.pointwise.store.npy.NpyHeader;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.FeatureShape;

/** Opens an array of an archive. The array is read like an {@code .npy} file. */
final class NpzArray {
  private static final String FROM_ITS_START =
      "it is compressed as a whole, so that each task reads it from its start, and each tile where its channels do not lie side by side; write large arrays with numpy.savez";
  private static final String UNVERIFIED =
      "its checksum is not looked at, since it has more than %d MiB"
          .formatted(MemberBytes.MAX_VERIFIED_BYTES >> 20);

  private NpzArray() {}

  static FileSource open(Location location, ReadOptions options) throws IOException {
    ByteStore folder = location.parent();
    ZipMember member = ZipMember.find(folder, location.name(), location.member());
    String uri = ByteStore.join(folder.uri(), member.key());
    MemberBytes bytes = MemberBytes.unverified(folder, member);
    NpyHeader header = NpyHeader.read(bytes, member.key());
    Axes axes = options.requireAxes(uri, ".npy", header.shape());
    bytes.release();
    FeatureShape shape = FeatureShape.of(uri, header.shape(), axes);
    RawFile file =
        new RawFile(
            member.key(),
            header.dataOffset(),
            header.type(),
            header.order(),
            axes,
            header.fortran(),
            shape);
    String identity =
        Hashes.sha256("%s %s %s".formatted(member, Arrays.toString(header.shape()), axes));
    ArrayInfo info =
        ArrayInfo.inFile(
            NpzFormat.NAME,
            uri,
            "npz" + (header.fortran() ? ", Fortran order" : ""),
            axes,
            shape,
            options.quantisation(ReadOptions.NamedScaling.NONE, null, shape.c(), file.type(), uri),
            file.tile(),
            member.deflated() ? "deflate" : "none",
            file.memory(),
            identity);
    return new FileSource(
        folder,
        List.of(member.archive()),
        info,
        notes(member),
        () -> RawTiles.of(new MemberBytes(folder, member), file));
  }

  private static List<String> notes(ZipMember member) {
    List<String> notes = new ArrayList<>();
    if (member.deflated()) {
      notes.add(FROM_ITS_START);
    }
    if (member.length() > MemberBytes.MAX_VERIFIED_BYTES) {
      notes.add(UNVERIFIED);
    }
    return notes;
  }
}
