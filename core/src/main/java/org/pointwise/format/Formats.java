package org.pointwise.run;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.quantise.Nodata;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.FeatureSource;
import org.pointwise.store.npy.NpySource;
import org.pointwise.store.zarr.ZarrNodes;
import org.pointwise.store.zarr.ZarrSource;
import org.pointwise.tensor.ArrayInfo;
import org.pointwise.tensor.Axes;

/** Opens feature arrays of any format. */
public final class Sources {
  private Sources() {}

  /**
   * Opens by metadata alone; chunks that are not stored stand for the fill value.
   *
   * @param uri path or URI of a Zarr array or group, an npy file or a folder of them
   * @param axes null for those the file names
   * @param nodata the stored number that means "no data", or "none"; null for the one the file
   *     names
   */
  public static FeatureSource open(
      ByteStores stores, String uri, @Nullable Axes axes, @Nullable String nodata) {
    return open(stores, uri, axes, nodata, MissingChunks.FILL, List.of());
  }

  /**
   * Opens by metadata alone.
   *
   * @param missing what chunks that are not stored stand for
   * @param known files of a folder that come first, in this order; the others follow by name
   */
  public static FeatureSource open(
      ByteStores stores,
      String uri,
      @Nullable Axes axes,
      @Nullable String nodata,
      MissingChunks missing,
      List<String> known) {
    String absolute = ByteStores.absolute(uri);
    try {
      if (absolute.endsWith(".npy")) {
        return NpySource.openFile(stores, absolute, axes, nodata);
      }
      if (absolute.endsWith(".npz") || absolute.endsWith(".zip")) {
        throw new InvalidInputException(
            "Cannot read %s: archives are not read; unpack it into a folder".formatted(uri));
      }
      ByteStore parent = stores.open(ByteStores.parent(absolute));
      if (ZarrNodes.isZarr(parent, ByteStores.name(absolute))) {
        return ZarrSource.open(stores, absolute, axes, nodata, missing);
      }
      ByteStore folder = stores.open(absolute);
      if (parent.size(ByteStores.name(absolute)) >= 0) {
        throw new InvalidInputException(
            "Cannot read %s: it is a file but no .npy; give a Zarr array, an .npy file or a folder of them"
                .formatted(uri));
      }
      if (folder.list("").isEmpty()) {
        throw new InvalidInputException(
            "Cannot read %s: there is no such array; check the path".formatted(uri));
      }
      return NpySource.openFolder(stores, absolute, axes, nodata, known);
    } catch (IOException e) {
      throw unreadable(uri, e);
    }
  }

  /**
   * Opens an array of one value a pixel.
   *
   * @param axes null for those the file names, or else those of the features
   * @param features that the labels belong to
   */
  public static FeatureSource openLabels(
      ByteStores stores, String uri, @Nullable Axes axes, ArrayInfo features) {
    String absolute = ByteStores.absolute(uri);
    Axes like = features.axes().withoutChannels();
    Axes given = axes != null ? axes : like;
    try {
      ByteStore parent = stores.open(ByteStores.parent(absolute));
      if (absolute.endsWith(".npy")) {
        return NpySource.openFile(stores, absolute, given, null);
      }
      return ZarrNodes.isZarr(parent, ByteStores.name(absolute))
          ? ZarrSource.openLabels(stores, absolute, axes, like)
          : NpySource.openFolder(
              stores, absolute, given, null, labelOrder(stores.open(absolute), features));
    } catch (IOException e) {
      throw unreadable(uri, e);
    }
  }

  /**
   * The order of a folder of labels: that of the features' files where all of these have a file of
   * the same name there; else both are taken by name.
   *
   * @throws InvalidInputException where some names agree and others do not, or where the features
   *     are in another order, as after images were appended
   */
  private static List<String> labelOrder(ByteStore labels, ArrayInfo features) throws IOException {
    List<ArrayInfo.ImageFile> images = features.images();
    if (images == null) {
      return List.of();
    }
    List<String> names = images.stream().map(ArrayInfo.ImageFile::name).toList();
    Set<String> there = new HashSet<>(labels.list(""));
    if (there.containsAll(names)) {
      return names;
    }
    boolean some = names.stream().anyMatch(there::contains);
    if (some || !names.equals(names.stream().sorted().toList())) {
      throw new InvalidInputException(
          "Cannot use labels %s: there is no %s for the image of that name in %s, %s; give the files of labels the names of their images"
              .formatted(
                  labels.uri(),
                  names.stream().filter(name -> !there.contains(name)).findFirst().orElse(""),
                  features.uri(),
                  some
                      ? "but there are some for others"
                      : "whose files are not in the order of their names since images were appended"));
    }
    return List.of();
  }

  /** Opens labels where a plan is executed. */
  static FeatureSource reopenLabels(ByteStores stores, ArrayInfo info) throws IOException {
    return info.container() == ArrayInfo.Container.NPY
        ? NpySource.reopen(stores, info, null)
        : ZarrSource.openLabels(stores, info.uri(), info.axes(), info.axes());
  }

  /** Opens a plan's input where it is executed, and checks that it is still the same. */
  static FeatureSource reopen(ByteStores stores, ArrayInfo info, Dequantisation dequantisation)
      throws IOException {
    Nodata nodata = dequantisation.nodata();
    if (info.container() == ArrayInfo.Container.NPY) {
      return NpySource.reopen(stores, info, nodata);
    }
    ZarrSource source =
        ZarrSource.open(
            stores,
            info.uri(),
            info.axes(),
            nodata == null ? Nodata.NONE : nodata.toString(),
            dequantisation.missing());
    if (!source.info().identity().equals(info.identity())) {
      throw new InvalidInputException(
          "Cannot read %s: its metadata changed since the run was planned; run again"
              .formatted(info.uri()));
    }
    return source;
  }

  static InvalidInputException unreadable(String uri, IOException e) {
    String reason =
        e instanceof AccessDeniedException
            ? "permission denied"
            : e instanceof FileNotFoundException ? "not found" : e.getClass().getSimpleName();
    return new InvalidInputException(
        "Cannot read %s: %s (%s); check the path and your rights"
            .formatted(uri, reason, e.getMessage()),
        e);
  }
}
