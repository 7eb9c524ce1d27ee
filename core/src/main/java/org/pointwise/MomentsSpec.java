package org.pointwise;

/**
 * One pass for count, mean and co-moments of pixels, by class where there are labels.
 *
 * @param input the features
 * @param output the file to write, {@code .safetensors}
 * @param pixels which are taken
 * @param append add the images that the input has gained along n since the file was made, which
 *     makes it where there is none
 * @param overwrite replace a file that is there
 * @param ignoreTimes with {@code append}, take images of other times of change for those that were
 *     seen
 */
public record MomentsSpec(
    InputSpec input,
    String output,
    PixelsSpec pixels,
    boolean append,
    boolean overwrite,
    boolean ignoreTimes) {
  /**
   * @throws IllegalArgumentException where one part does not go with another
   */
  public MomentsSpec {
    if (append && overwrite) {
      throw new IllegalArgumentException(
          "--append keeps what is there and --overwrite replaces it");
    }
  }

  /** Of all pixels, to a new file. */
  public static MomentsSpec of(InputSpec input, String output) {
    return new MomentsSpec(input, output, PixelsSpec.ALL, false, false, false);
  }

  /** The same of other pixels. */
  public MomentsSpec withPixels(PixelsSpec others) {
    return new MomentsSpec(input, output, others, append, overwrite, ignoreTimes);
  }

  /** Adds the images that the input has gained. */
  public MomentsSpec appending() {
    return new MomentsSpec(input, output, pixels, true, false, ignoreTimes);
  }

  /** Replaces a file that is there. */
  public MomentsSpec overwriting() {
    return new MomentsSpec(input, output, pixels, false, true, ignoreTimes);
  }
}
