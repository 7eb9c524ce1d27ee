package org.pointwise;

/**
 * Describes a moments pass: count, mean and co-moments of pixels, for each class if there are
 * labels. Immutable.
 *
 * @param input the features
 * @param output the file to write, {@code .safetensors}
 * @param pixels the pixels to use
 * @param append whether to add the images that were appended to the input along n since the file
 *     was written; creates the file if it does not exist
 * @param overwrite whether to replace an already stored file
 * @param ignoreTimes with {@code append}, whether to accept images that the file contains although
 *     their objects have other modification times; other lengths are refused nevertheless
 */
public record MomentsSpec(
    InputSpec input,
    String output,
    PixelsSpec pixels,
    boolean append,
    boolean overwrite,
    boolean ignoreTimes) {
  /**
   * @throws IllegalArgumentException if both {@code append} and {@code overwrite} are set
   */
  public MomentsSpec {
    if (append && overwrite) {
      throw new IllegalArgumentException(
          "--append and --overwrite contradict each other: give one of them");
    }
  }

  /** Returns the spec of a pass over all pixels that writes a new file. */
  public static MomentsSpec of(InputSpec input, String output) {
    return new MomentsSpec(input, output, PixelsSpec.ALL, false, false, false);
  }

  /** Returns this spec with other pixels. */
  public MomentsSpec withPixels(PixelsSpec otherPixels) {
    return new MomentsSpec(input, output, otherPixels, append, overwrite, ignoreTimes);
  }

  /** Returns this spec with {@code append} and without {@code overwrite}. */
  public MomentsSpec appending() {
    return new MomentsSpec(input, output, pixels, true, false, ignoreTimes);
  }

  /** Returns this spec with {@code overwrite} and without {@code append}. */
  public MomentsSpec overwriting() {
    return new MomentsSpec(input, output, pixels, false, true, ignoreTimes);
  }
}
