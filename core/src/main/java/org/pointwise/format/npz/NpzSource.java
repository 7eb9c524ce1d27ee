package org.pointwise.format.npz;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Location;
import org.pointwise.format.RawFile;
import org.pointwise.format.RawTiles;
import org.pointwise.format.ReadOptions;
import org.pointwise.format.Storage;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.quantise.Scaling;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Hashes;
import org.pointwise.store.npy.NpyHeader;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;

/** An array of an archive, read as an {@code .npy} file is that lies there at an offset. */
final class NpzSource implements FeatureSource {
  private final ByteStore folder;
  private final ZipMember member;
  private final RawFile file;
  private final ArrayInfo info;
  private final Dequantisation dequantisation;

  private NpzSource(
      ByteStore folder,
      ZipMember member,
      RawFile file,
      ArrayInfo info,
      Dequantisation dequantisation) {
    this.folder = folder;
    this.member = member;
    this.file = file;
    this.info = info;
    this.dequantisation = dequantisation;
  }

  static NpzSource open(Location location, ReadOptions options) throws IOException {
    ByteStore folder = location.parent();
    ZipMember member = ZipMember.find(folder, location.name(), location.member());
    String uri = ByteStore.join(folder.uri(), member.key());
    MemberBytes bytes = new MemberBytes(folder, member);
    NpyHeader header = NpyHeader.read(bytes, member.key());
    Axes axes = options.requireAxes(uri, ".npy", header.shape());
    bytes.release();
    FeatureShape shape = ArrayInfo.shape(uri, header.shape(), axes);
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
        new ArrayInfo(
            NpzFormat.NAME,
            uri,
            "npz" + (header.fortran() ? ", Fortran order" : ""),
            axes,
            axes.order().stream().map(Axis::letter).toList(),
            shape,
            file.type(),
            file.cell(),
            shape.c(),
            member.deflated() ? "deflate" : "none",
            Storage.FILE,
            List.of(),
            file.memory(),
            identity);
    return new NpzSource(
        folder,
        member,
        file,
        info,
        new Dequantisation(
            options.scaling(Scaling.NONE, shape.c(), uri),
            options.nodata(null, file.type(), uri),
            MissingChunks.FILL));
  }

  /** The same array, its numbers read otherwise. */
  NpzSource with(Dequantisation numbers) {
    return new NpzSource(folder, member, file, info, numbers);
  }

  @Override
  public List<String> notes() {
    return member.deflated()
        ? List.of(
            "it is compressed as a whole, so that each task reads it from its start; write large arrays with numpy.savez")
        : List.of();
  }

  @Override
  public ArrayInfo info() {
    return info;
  }

  @Override
  public Dequantisation dequantisation() {
    return dequantisation;
  }

  @Override
  public ByteStore store() {
    return folder;
  }

  @Override
  public Extent object() {
    FeatureShape shape = info.shape();
    return new Extent(
        Math.toIntExact(shape.n()), Math.toIntExact(shape.y()), Math.toIntExact(shape.x()));
  }

  @Override
  public List<String> objects(Box box) {
    return List.of(member.archive());
  }

  @Override
  public Reader reader() {
    return new RawTiles(new MemberBytes(folder, member), false) {
      @Override
      protected RawFile file(long image) {
        return file;
      }
    };
  }
}
