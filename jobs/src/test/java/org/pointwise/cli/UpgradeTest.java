package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.store.JsonText;

/** Tests the handling of {@link EarlierOutputs} that {@code docs/operations.md} describes. */
class UpgradeTest {
  @TempDir Path folder;

  @BeforeEach
  void unpack() throws Exception {
    EarlierOutputs.unpack(folder);
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private static Cli run(int code, String... args) {
    List<String> all = new ArrayList<>(Arrays.asList(args));
    if (!args[0].equals("weights") && !args[0].equals("inspect")) {
      all.add("--quiet");
    }
    Cli done = Cli.run(all.toArray(String[]::new));
    assertThat(done.code()).as("%s: %s%s", all, done.out(), done.err()).isEqualTo(code);
    return done;
  }

  private String[] reduce(String format, String... more) {
    List<String> args =
        new ArrayList<>(List.of("reduce", path("in.zarr/data"), path(format), "--runner", "local"));
    if (format.equals("zarr3")) {
      args.addAll(List.of("--head", "a=" + path("w.npy"), "--head", "b=" + path("v.npy")));
      args.addAll(List.of("--activation", "relu", "--shard-size", "0.0005MiB"));
    } else {
      args.addAll(List.of("--weights", path("w.npy"), "--format", format));
    }
    args.addAll(Arrays.asList(more));
    return args.toArray(String[]::new);
  }

  /** Receipts of 0.1.0 have no hashes, so that an exchanged object would not be detected. */
  @Test
  void outputsAreReadableButUnproven() {
    for (String format : List.of("zarr3", "zarr2", "npy")) {
      Cli found = run(4, "verify", path(format), "--deep", "--json");
      var json = JsonText.parse(found.out().getBytes(StandardCharsets.UTF_8), "found");
      assertThat(json.path("unproven").asInt()).isPositive();
      assertThat(json.path("corrupt").asInt() + json.path("torn").asInt()).isZero();
    }
    run(0, "inspect", path("zarr3/a"));
  }

  @Test
  void outputsAreReplacedInsteadOfContinued() {
    for (String format : List.of("zarr3", "zarr2", "npy")) {
      assertThat(run(3, reduce(format)).errorLine())
          .contains("version of the output format 1, now 2", "use --overwrite to replace it");
      assertThat(run(3, reduce(format, "--append")).errorLine())
          .contains("version of the output format 1, now 2");
      run(0, reduce(format, "--overwrite"));
      run(0, "verify", path(format), "--deep");
    }
  }

  @Test
  void momentsAndLayersStayUsable() throws Exception {
    String again = path("again.safetensors");
    run(0, "fit", again, "--moments", path("m.safetensors"), "--method", "pca", "--channels", "2");
    assertThat(Cli.run("weights", "show", again).out())
        .isEqualTo(
            Cli.run("weights", "show", path("pca.safetensors")).out().replace("pca", "again"));
    run(0, "moments", path("in.zarr/data"), path("m.safetensors"), "--append", "--runner", "local");
    String layer = path("pca.safetensors");
    run(0, "evaluate", path("in.zarr/data"), "--weights", layer, "--runner", "local");
    run(0, "reduce", path("in.zarr/data"), path("out"), "--weights", layer, "--runner", "local");
  }
}
