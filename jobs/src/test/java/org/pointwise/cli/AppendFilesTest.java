package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pointwise.store.JsonText;
import org.pointwise.testing.Folders;

/** Tests appends where the input or the output is a folder of files. */
class AppendFilesTest extends GrowingInputFixture {
  private void copyFiles(Path from, Path to, String... names) throws Exception {
    Files.createDirectories(to);
    List<Path> sources;
    try (var list = Files.list(from)) {
      sources = list.sorted().toList();
    }
    for (int i = 0; i < names.length; i++) {
      if (!Files.exists(to.resolve(names[i]))) {
        Files.copy(sources.get(i), to.resolve(names[i]));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"zarr3", "npy"})
  void newFilesOfFolderAreListedByName(String format) throws Exception {
    Path made = Path.of(array.npyFolder(folder + "/made", "y,x,c"));
    Path files = folder.resolve("files");
    String[] options = {"--axes", "y,x,c", "--format", format};
    copyFiles(made, files, "b.npy", "d.npy");
    requireNewImages(json(append(files.toString(), output, options)), 0, "b.npy", "d.npy");
    copyFiles(made, files, "b.npy", "d.npy", "a.npy", "c.npy");
    requireNewImages(json(append(files.toString(), output, options)), 2, "a.npy", "c.npy");
  }

  @Test
  void newFilesOfFolderFollowInStableOrder() throws Exception {
    Path made = Path.of(array.npyFolder(folder + "/made", "y,x,c"));
    Path files = folder.resolve("files");
    String[] axes = {"--axes", "y,x,c"};
    copyFiles(made, files, "b.npy", "d.npy", "f.npy");
    json(append(files.toString(), output, axes));
    copyFiles(made, files, "b.npy", "d.npy", "f.npy", "a.npy", "c.npy");
    JsonNode report = json(append(files.toString(), output, axes));
    // The shards have two images: the second shard is filled, the third is new.
    assertThat(report.path("shardsWritten").asInt()).isEqualTo(2);
    assertThat(names(output)).containsExactly("b.npy", "d.npy", "f.npy", "a.npy", "c.npy");
    verify(output, 0);
    // The images are in the same order as those of the array.
    String like = first(5).zarr(folder + "/like.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    Cli matching =
        Cli.run(
            "verify", output.toString(), "--input", like, "--weights", folder + "/w.safetensors");
    assertThat(matching.code()).as(matching.out()).isZero();
    String[] against = {"verify", output.toString(), "--input", files.toString()};
    String[] layer = {"--axes", "y,x,c", "--weights", folder + "/w.safetensors"};
    Cli unchanged = Cli.run(merged(against, layer));
    assertThat(unchanged.code()).as(unchanged.out()).isZero();

    Path changed = files.resolve("d.npy");
    FileTime then = Files.getLastModifiedTime(changed);
    Files.setLastModifiedTime(changed, FileTime.fromMillis(then.toMillis() + 60_000));
    Cli touched = append(files.toString(), output, axes);
    assertThat(touched.code()).isEqualTo(3);
    assertThat(touched.errorLine()).contains("1 file of").contains("changed").contains("d.npy");
    Files.setLastModifiedTime(changed, then);
    json(append(files.toString(), output, axes));
    Files.delete(files.resolve("b.npy"));
    Cli missing = append(files.toString(), output, axes);
    assertThat(missing.code()).isEqualTo(3);
    assertThat(missing.errorLine()).contains("vanished").contains("b.npy");
  }

  @Test
  void fileOrderIsKeptForOutputsMadeWithoutAppend() throws Exception {
    Path made = Path.of(array.npyFolder(folder + "/made", "y,x,c"));
    Path files = folder.resolve("files");
    copyFiles(made, files, "b.npy", "d.npy");
    String[] axes = {"--axes", "y,x,c"};
    json(reduce(files.toString(), output, merged(axes, SHARDS)));
    String[] quiet = {"--axes", "y,x,c", "--runner", "local", "--quiet", "--json"};
    String file = folder + "/m.safetensors";
    json(moments(files.toString(), file, quiet));
    copyFiles(made, files, "b.npy", "d.npy", "a.npy");
    json(append(files.toString(), output, axes));
    assertThat(names(output)).containsExactly("b.npy", "d.npy", "a.npy");
    String like = first(3).zarr(folder + "/like.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    Cli matching =
        Cli.run(
            "verify", output.toString(), "--input", like, "--weights", folder + "/w.safetensors");
    assertThat(matching.code()).as(matching.out()).isZero();
    String[] appending = merged(quiet, new String[] {"--append"});
    assertThat(json(moments(files.toString(), file, appending)).path("pixels").asLong())
        .isEqualTo(256);
    Files.delete(Path.of(file + ".pointwise/seen.json")); // as if copied from another place
    assertThat(moments(files.toString(), file, appending).errorLine())
        .contains("nothing records which files");
  }

  private static List<String> names(Path output) throws Exception {
    List<String> names = new ArrayList<>();
    JsonText.parse(Files.readAllBytes(output.resolve("zarr.json")), "group")
        .at("/attributes/image_names")
        .forEach(name -> names.add(name.asText()));
    return names;
  }

  @Test
  void npyOutputCanBeAppendedTo() throws Exception {
    Path made = Path.of(array.npyFolder(folder + "/made", "y,x,c"));
    Path files = folder.resolve("files");
    String[] options = {"--axes", "y,x,c", "--format", "npy", "--append"};
    copyFiles(made, files, "b.npy", "d.npy");
    json(reduce(files.toString(), output, options));
    Map<String, String> before = Folders.hashes(output, "");
    copyFiles(made, files, "b.npy", "d.npy", "a.npy");
    json(reduce(files.toString(), output, options));
    assertThat(Folders.hashes(output, "")).containsAllEntriesOf(before).hasSize(3);
    verify(output, 0);
    Files.delete(files.resolve("d.npy"));
    assertThat(reduce(files.toString(), output, options).code()).isEqualTo(3);
  }
}
