package org.pointwise.cli;

import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.demo.Dct;
import org.pointwise.demo.Details;
import org.pointwise.demo.Landscape;
import org.pointwise.demo.Patches;
import org.pointwise.demo.Pictures;
import org.pointwise.errors.Count;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.hadoop.Stores;
import org.pointwise.job.OutputGuard;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsRef;
import org.pointwise.weights.WeightsWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs all steps on pictures, in under a minute. */
@Command(
    name = "demo",
    description =
        "Draws pictures, computes features of them, fits layers, reduces, verifies, and reconstructs the pictures.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class DemoCommand implements Callable<Integer> {
  private static final int WIDTH = 1024;
  private static final int HEIGHT = 640;
  private static final int[] CHANNELS = {16, 64};
  private static final String PICTURES = "pictures.png";
  private static final String DETAILS = "details.jpg";

  @Spec CommandSpec command;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "Folder for all files (default: ${DEFAULT-VALUE}).")
  Path folder = Path.of("demo");

  @Nullable
  @Option(
      names = "--image",
      paramLabel = "FILE",
      description = "Picture to use instead of drawn ones.")
  File image;

  @Option(names = "--overwrite", description = "Replace the files of a previous demo in DIR.")
  boolean overwrite;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = command.commandLine().getOut();
    String dir = ByteStores.absolute(folder.toString());
    ByteStore store = ByteStores.LOCAL.open(dir);
    prepare(store, dir);
    List<BufferedImage> pictures = pictures(out);
    long[] sizes = Patches.write(pictures, dir + "/features.zarr");
    out.printf(
        Locale.ROOT,
        "Features  each 16×16×3 patch is a pixel of 768 channels: %s, %s stored%n",
        Sizes.text(sizes[0]),
        Sizes.text(sizes[1]));
    String features = dir + "/features.zarr/patches";
    String reduced = dir + "/reduced.zarr";
    runCommand(out, "inspect", features);
    List<Reduction> reductions = reductions(out, dir, features, pictures);
    List<String> weights = new ArrayList<>();
    reductions.forEach(reduction -> weights.addAll(List.of("--weights", reduction.file())));
    runCommand(out, "reduce", weights, features, reduced);
    runCommand(out, "verify", weights, reduced, "--input", features);
    out.println();
    show(out, dir, pictures, sizes[0], reductions);
    printNextCommands(out, dir);
    return 0;
  }

  /** A layer of the demo and its decoder. */
  private record Reduction(String name, int channels, String file, PointwiseLayer decoder) {}

  /**
   * Makes for each number of channels the DCT layer and, if there are enough patches, a learned
   * layer.
   */
  private List<Reduction> reductions(
      PrintWriter out, String dir, String features, List<BufferedImage> pictures)
      throws IOException {
    List<Reduction> reductions = new ArrayList<>();
    BufferedImage first = pictures.get(0);
    long patches =
        (long) pictures.size() * first.getWidth() * first.getHeight() / Patches.SIZE / Patches.SIZE;
    boolean learnable = patches > Patches.CHANNELS;
    if (!learnable) {
      out.printf(
          Locale.ROOT,
          "The picture has %s: too few to learn %d channels from; the DCT alone is shown%n",
          Count.of(patches, "patch", "patches"),
          Patches.CHANNELS);
    }
    for (int channels : CHANNELS) {
      String dct = dir + "/dct%d.safetensors".formatted(channels);
      Map<String, String> metadata = Map.of("method", "lowest DCT frequencies");
      WeightsWriter.write(Stores.ANY, dct, Dct.of(channels).layer(), metadata);
      reductions.add(new Reduction("dct" + channels, channels, dct, Dct.of(channels).decoder()));
      if (learnable) {
        String pca = dir + "/pca%d.safetensors".formatted(channels);
        String moments = dir + "/pca%d.moments.safetensors".formatted(CHANNELS[0]);
        List<String> from =
            channels == CHANNELS[0] ? List.of(features, pca) : List.of(pca, "--moments", moments);
        List<String> count = List.of("--channels", String.valueOf(channels), "--overwrite");
        runCommand(out, "fit", count, from.toArray(String[]::new));
        PointwiseLayer back =
            Objects.requireNonNull(
                Weights.companion(
                    Stores.ANY, WeightsRef.parse(pca, null, null, null), Weights.DECODER));
        reductions.add(new Reduction("pca" + channels, channels, pca, back));
      }
    }
    return reductions;
  }

  /** Refuses to replace files without --overwrite, then deletes the files of a previous demo. */
  private void prepare(ByteStore store, String dir) throws IOException {
    if (store.size("") >= 0) {
      throw new InvalidInputException(
          "Cannot work in %s: it is a file; give a folder with --dir".formatted(folder));
    }
    List<String> names =
        new ArrayList<>(
            List.of("features.zarr", "reduced.zarr", "reduced.zarr.pointwise", PICTURES, DETAILS));
    for (int channels : CHANNELS) {
      names.add("dct%d.safetensors".formatted(channels));
      names.add("pca%d.safetensors".formatted(channels));
      names.add("pca%d.safetensors.pointwise".formatted(channels));
      names.add("pca%d.moments.safetensors".formatted(channels));
    }
    OutputGuard guard = new OutputGuard(ByteStores.LOCAL);
    guard.reads(image == null ? null : image.toString());
    names.forEach(name -> guard.writes(dir + "/" + name, "give another folder with --dir"));
    guard.requireDisjoint().requireFree(overwrite);
    for (String name : names) {
      store.delete(name);
    }
  }

  private List<BufferedImage> pictures(PrintWriter out) throws IOException {
    if (image != null) {
      BufferedImage picture = Pictures.read(image);
      out.printf(
          Locale.ROOT, "Picture   %s, %d×%d%n", image, picture.getWidth(), picture.getHeight());
      return List.of(picture);
    }
    out.printf(
        Locale.ROOT,
        "Pictures  a mountain lake at dawn, noon, dusk and night, %d×%d each%n",
        WIDTH,
        HEIGHT);
    return Arrays.stream(Landscape.Hour.values())
        .map(hour -> Landscape.draw(WIDTH, HEIGHT, hour))
        .toList();
  }

  /** Runs a command as a user would type it: the arguments, then the options. */
  private static void runCommand(
      PrintWriter out, String name, List<String> options, String... args) {
    List<String> all = new ArrayList<>(List.of(name));
    all.addAll(List.of(args));
    all.addAll(options);
    runCommand(out, all.toArray(String[]::new));
  }

  private static void runCommand(PrintWriter out, String... args) {
    out.printf(
        Locale.ROOT,
        "%n$ scripts/pointwise %s%n",
        Stream.of(args).map(DemoCommand::quoted).collect(Collectors.joining(" ")));
    int code = Main.run(args);
    if (code != 0) {
      throw new IncompleteRunException(
          "Cannot finish the demo: '%s' ended with code %d".formatted(args[0], code));
    }
  }

  private static void show(
      PrintWriter out,
      String dir,
      List<BufferedImage> pictures,
      long featureBytes,
      List<Reduction> reductions)
      throws IOException {
    List<List<BufferedImage>> columns = new ArrayList<>();
    columns.add(pictures);
    List<String> labels = new ArrayList<>(List.of("original"));
    out.printf(
        Locale.ROOT, "%-10s %-8s %10s %8s %10s%n", "channels", "layer", "stored", "ratio", "PSNR");
    for (Reduction reduction : reductions) {
      List<BufferedImage> reconstructed =
          Patches.reconstruct(
              "%s/reduced.zarr/%s".formatted(dir, reduction.name()), reduction.decoder());
      columns.add(reconstructed);
      long stored = storedBytes(dir, reduction.name());
      double psnr = Pictures.psnr(pictures, reconstructed);
      labels.add(
          String.format(
              Locale.ROOT,
              "%s: %d of 768 channels, %.2f dB",
              reduction.name(),
              reduction.channels(),
              psnr));
      out.printf(
          Locale.ROOT,
          "768 → %-4d %-8s %10s %7.1f× %7.2f dB%n",
          reduction.channels(),
          reduction.name(),
          Sizes.text(stored),
          (double) featureBytes / stored,
          psnr);
    }
    File sheet = new File(dir, PICTURES);
    Pictures.writeSideBySide(columns, labels, sheet);
    String names = String.join(", ", reductions.stream().map(Reduction::name).toList());
    out.println("Pictures  " + sheet + ": original, " + names);
    File details = new File(dir, DETAILS);
    Pictures.writeSideBySide(Details.of(columns, 2), labels, details);
    out.println("Details   " + details);
  }

  /** Returns the stored bytes of an array: the sum of the lengths of its objects. */
  private static long storedBytes(String dir, String array) throws IOException {
    ByteStore store = ByteStores.LOCAL.open(dir + "/reduced.zarr");
    return folderSize(store, array);
  }

  private static long folderSize(ByteStore store, String folder) throws IOException {
    long bytes = 0;
    for (String name : store.list(folder)) {
      if (name.endsWith(".json")) {
        continue; // metadata
      }
      String key = folder + "/" + name;
      long size = store.size(key);
      bytes += size >= 0 ? size : folderSize(store, key);
    }
    return bytes;
  }

  /** Returns a word for a shell. */
  private static String quoted(String word) {
    return word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  private static void printNextCommands(PrintWriter out, String folder) {
    String dir = quoted(folder);
    out.println();
    out.println("Try next:");
    out.println("  scripts/pointwise demo --image YOUR_PICTURE.jpg --dir mine");
    out.println(
        "  scripts/pointwise reduce %1$s/features.zarr/patches %1$s/half.zarr --weights %1$s/dct64.safetensors --dtype float16"
            .formatted(dir));
    out.println(
        "  scripts/pointwise reduce %1$s/features.zarr/patches %1$s/other.zarr --weights %1$s/dct16.safetensors --dry-run"
            .formatted(dir));
    if (new File(folder, "pca16.safetensors").exists()) {
      out.println(
          "  scripts/pointwise evaluate %1$s/features.zarr/patches --weights %1$s/pca16.safetensors"
              .formatted(dir));
    }
    out.println("  scripts/pointwise cost --in 768 --out 16 --next 3x3:64");
    out.println(
        "  python3 -c \"import xarray; print(xarray.open_zarr('%s/reduced.zarr'))\""
            .formatted(folder));
  }
}
