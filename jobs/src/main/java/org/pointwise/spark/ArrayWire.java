package org.pointwise.spark;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.ArrayInfo.ImageFile;
import org.pointwise.format.ArrayView;
import org.pointwise.format.ReadMemory;
import org.pointwise.format.Storage;
import org.pointwise.format.Subset;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Quantisation;
import org.pointwise.quantise.Scaling;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.IndexList;

/** Serialises the descriptions of arrays. */
public final class ArrayWire {
  private static final int BYTES = 1024;
  private static final int STORED = 0;
  private static final int PART = 1;
  private static final int MASKED = 2;
  private static final int APPENDED = 3;

  private ArrayWire() {}

  /** Returns a description as bytes. */
  public static byte[] encode(ArrayInfo array) {
    Output out = new Output(BYTES, -1);
    write(out, array);
    return out.toBytes();
  }

  /** Returns the description that {@link #encode} serialised. */
  public static ArrayInfo decode(byte[] array) {
    return read(new Input(array));
  }

  static void write(Output out, ArrayInfo input) {
    out.writeString(input.format());
    out.writeString(input.uri());
    out.writeString(input.description());
    out.writeString(input.axes().toString());
    input.dimensionNames().forEach(out::writeString);
    out.writeLong(input.shape().n());
    out.writeLong(input.shape().y());
    out.writeLong(input.shape().x());
    out.writeInt(input.shape().c());
    writeQuantisation(out, input.quantisation());
    out.writeString(input.missing().name());
    writeExtent(out, input.tile());
    out.writeInt(input.channelsPerChunk());
    out.writeString(input.codecs());
    out.writeString(input.identity());
    out.writeString(input.storage().name());
    out.writeInt(input.images().size());
    for (ImageFile image : input.images()) {
      out.writeString(image.name());
      out.writeLong(image.y());
      out.writeLong(image.x());
    }
    out.writeLong(input.memory().heap());
    out.writeLong(input.memory().nativeBytes());
    writeView(out, input.view());
  }

  private static void writeView(Output out, @Nullable ArrayView view) {
    if (view instanceof ArrayView.Part part) {
      out.writeByte(PART);
      write(out, part.whole());
      out.writeString(part.subset().images().toString());
      out.writeString(part.subset().rows().toString());
      out.writeString(part.subset().columns().toString());
      out.writeString(part.subset().channels().toString());
      out.writeBoolean(part.subset().window());
    } else if (view instanceof ArrayView.Masked masked) {
      out.writeByte(MASKED);
      write(out, masked.unmasked());
      write(out, masked.mask());
    } else if (view instanceof ArrayView.Appended appended) {
      out.writeByte(APPENDED);
      write(out, appended.added());
      out.writeLong(appended.past());
    } else {
      out.writeByte(STORED);
    }
  }

  private static @Nullable ArrayView readView(Input in) {
    return switch (in.readByte()) {
      case PART ->
          new ArrayView.Part(
              read(in), new Subset(list(in), list(in), list(in), list(in), in.readBoolean()));
      case MASKED -> new ArrayView.Masked(read(in), read(in));
      case APPENDED -> new ArrayView.Appended(read(in), in.readLong());
      default -> null;
    };
  }

  private static IndexList list(Input in) {
    return IndexList.parse(in.readString(), Long.MAX_VALUE, "the plan", "indexes");
  }

  static ArrayInfo read(Input in) {
    String format = in.readString();
    String uri = in.readString();
    String description = in.readString();
    Axes axes = Axes.parseLabels(in.readString());
    List<String> names = new ArrayList<>();
    for (int i = 0; i < axes.rank(); i++) {
      names.add(in.readString());
    }
    FeatureShape shape =
        new FeatureShape(in.readLong(), in.readLong(), in.readLong(), in.readInt());
    Quantisation quantisation = readQuantisation(in);
    MissingChunks missing = MissingChunks.valueOf(in.readString());
    Extent tile = readExtent(in);
    int channelsPerChunk = in.readInt();
    String codecs = in.readString();
    String identity = in.readString();
    return new ArrayInfo(
        format,
        uri,
        description,
        axes,
        names,
        shape,
        quantisation,
        missing,
        tile,
        channelsPerChunk,
        codecs,
        Storage.valueOf(in.readString()),
        readImages(in),
        new ReadMemory(in.readLong(), in.readLong()),
        identity,
        readView(in));
  }

  private static List<ImageFile> readImages(Input in) {
    int count = in.readInt();
    List<ImageFile> images = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      images.add(new ImageFile(in.readString(), in.readLong(), in.readLong()));
    }
    return images;
  }

  static void writeExtent(Output out, Extent extent) {
    out.writeInt(extent.n());
    out.writeInt(extent.y());
    out.writeInt(extent.x());
  }

  static Extent readExtent(Input in) {
    return new Extent(in.readInt(), in.readInt(), in.readInt());
  }

  private static void writeQuantisation(Output out, Quantisation quantisation) {
    out.writeString(quantisation.type().name());
    NumbersWire.write(out, quantisation.scaling().scales());
    NumbersWire.write(out, quantisation.scaling().offsets());
    Nodata nodata = quantisation.nodata();
    out.writeBoolean(nodata != null);
    out.writeLong(nodata == null ? 0 : nodata.bits());
  }

  private static Quantisation readQuantisation(Input in) {
    ElementType type = ElementType.valueOf(in.readString());
    Scaling scaling = Scaling.of(NumbersWire.readDoubles(in), NumbersWire.readDoubles(in));
    boolean hasNodata = in.readBoolean();
    long bits = in.readLong();
    return new Quantisation(type, scaling, hasNodata ? new Nodata(type, bits) : null);
  }
}
