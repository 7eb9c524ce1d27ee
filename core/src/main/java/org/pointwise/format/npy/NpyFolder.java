package org.pointwise.format.npy;

import java.util.List;
import java.util.stream.IntStream;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.npy.NpyHeader;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;

/** The files of a folder that is read as one array, and what they must have in common. */
final class NpyFolder {
  private NpyFolder() {}

  /**
   * @throws InvalidInputException if a file has several images
   */
  static void requireOneImage(String uri, Axes fileAxes, NpyHeader header) {
    if (fileAxes.has(Axis.N)
        && fileAxes.rank() == header.shape().length
        && fileAxes.length(Axis.N, header.shape()) != 1) {
      throw new InvalidInputException(
          "Cannot read %s: it holds %d images but a folder's files hold one each; reduce the files one by one"
              .formatted(uri, fileAxes.length(Axis.N, header.shape())));
    }
  }

  /**
   * @throws InvalidInputException that names both files if a file has another type or number of
   *     channels than the first one, and the axes under which both would agree
   */
  static void requireCompatible(
      String uri, String name, NpyHeader header, String firstName, NpyHeader first, Axes axes) {
    int channels = axes.indexOf(Axis.C);
    long own = channels < 0 ? 1 : header.shape()[channels];
    long other = channels < 0 ? 1 : first.shape()[channels];
    if (header.type() == first.type() && own == other) {
      return;
    }
    List<String> common =
        IntStream.range(0, axes.rank())
            .filter(d -> own != other && header.shape()[d] == first.shape()[d])
            .mapToObj(d -> "--axes " + axes.exchanged(channels, d))
            .toList();
    throw new InvalidInputException(
        "Cannot read %s/%s with its neighbours: it is %s of %s but %s is %s of %d; keep files of one kind in a folder%s"
            .formatted(
                uri,
                name,
                header.type(),
                Count.of(own, "channel"),
                firstName,
                first.type(),
                other,
                common.isEmpty() ? "" : ", or use " + String.join(" or ", common)));
  }
}
