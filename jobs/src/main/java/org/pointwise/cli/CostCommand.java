package org.pointwise.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.Cost;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Computes how much a reduction saves in the layer after it. */
@Command(
    name = "cost",
    description = {
      "Computes multiply-adds, parameters and bytes of the next layer, with and without the reduction."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {
      "",
      "Examples, layers of GoogLeNet (Szegedy et al., Going Deeper with Convolutions,",
      "table 1) and FCN:",
      "  inception-3a, 5×5 branch",
      "    cost --in 192 --out 16 --next 5x5:32 --height 28 --width 28",
      "  inception-3a, 3×3 branch",
      "    cost --in 192 --out 96 --next 3x3:128 --height 28 --width 28",
      "  inception-4a, 5×5 branch",
      "    cost --in 480 --out 16 --next 5x5:48 --height 14 --width 14",
      "  FCN score, 256 → 2",
      "    cost --in 256 --out 2 --next 3x3:64"
    })
final class CostCommand implements Callable<Integer> {
  private static final Pattern NEXT = Pattern.compile("(\\d{1,4})x(\\d{1,4}):(\\d{1,7})");

  @Spec CommandSpec command;

  @Option(
      names = "--in",
      required = true,
      paramLabel = "F",
      description = "Input channels (required).")
  int in;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "F′",
      description = "Output channels (required).")
  int out;

  @Nullable
  @Option(
      names = "--next",
      paramLabel = "HxW:C",
      description = "Kernel and channels of the next layer, as 3x3:64.")
  String next;

  @Option(
      names = "--images",
      paramLabel = "N",
      description = "Number of images (default: ${DEFAULT-VALUE}).")
  long images = 1;

  @Option(
      names = "--height",
      paramLabel = "H",
      description = "Rows of an image (default: ${DEFAULT-VALUE}).")
  long height = 1;

  @Option(
      names = "--width",
      paramLabel = "W",
      description = "Columns of an image (default: ${DEFAULT-VALUE}).")
  long width = 1;

  @Override
  public Integer call() {
    if (in < 1 || out < 1 || images < 1 || height < 1 || width < 1) {
      throw new ParameterException(
          command.commandLine(), "--in, --out, --images, --height and --width must be at least 1");
    }
    Layer layer = next == null ? null : layer(next);
    PrintWriter print = command.commandLine().getOut();
    long pixels = Math.multiplyExact(images, Math.multiplyExact(height, width));
    Cost reduction = Cost.pointwise(in, out);
    print.printf(
        Locale.ROOT,
        "%d → %d channels: %.4g× fewer, %s → %s as float32%n",
        in,
        out,
        (double) in / out,
        Sizes.text(Math.multiplyExact(4L * in, pixels)),
        Sizes.text(Math.multiplyExact(4L * out, pixels)));
    row(
        print,
        "the 1×1 reduction",
        reduction.multiplyAddsPerPixel(),
        pixels,
        reduction.parameters());
    if (layer != null) {
      printNext(print, pixels, reduction, layer);
    }
    return 0;
  }

  /** A layer by its kernel and output channels. */
  private record Layer(int y, int x, int channels) {}

  private Layer layer(String text) {
    Matcher matcher = NEXT.matcher(text);
    if (!matcher.matches()) {
      throw new ParameterException(
          command.commandLine(),
          "Invalid value for --next: '%s' is not HxW:C, such as 3x3:64".formatted(text));
    }
    int y = Integer.parseInt(matcher.group(1));
    int x = Integer.parseInt(matcher.group(2));
    int channels = Integer.parseInt(matcher.group(3));
    if (y < 1 || x < 1 || channels < 1) {
      throw new ParameterException(
          command.commandLine(), "The kernel and the channels of --next must be at least 1");
    }
    return new Layer(y, x, channels);
  }

  private void printNext(PrintWriter print, long pixels, Cost reduction, Layer layer) {
    Cost without = new Cost(in, layer.channels(), layer.y(), layer.x());
    Cost with = new Cost(out, layer.channels(), layer.y(), layer.x());
    String name = "%d×%d → %d".formatted(layer.y(), layer.x(), layer.channels());
    row(print, name + " without it", without.multiplyAddsPerPixel(), pixels, without.parameters());
    row(print, name + " with it", with.multiplyAddsPerPixel(), pixels, with.parameters());
    long both = with.multiplyAddsPerPixel() + reduction.multiplyAddsPerPixel();
    row(
        print,
        name + " and the reduction",
        both,
        pixels,
        with.parameters() + reduction.parameters());
    print.printf(
        Locale.ROOT,
        "The layer after costs %.4g× less; with the reduction itself counted, %.4g× less%n",
        (double) without.multiplyAddsPerPixel() / with.multiplyAddsPerPixel(),
        (double) without.multiplyAddsPerPixel() / both);
  }

  private static void row(
      PrintWriter print, String name, long perPixel, long pixels, long parameters) {
    print.printf(
        Locale.ROOT,
        "%-28s %,18d multiply-adds %,14d parameters%n",
        name,
        Math.multiplyExact(perPixel, pixels),
        parameters);
  }
}
