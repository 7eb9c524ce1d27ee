package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.format.Compression;
import org.pointwise.format.OutputFormats;
import org.pointwise.job.OutputManifest;
import org.pointwise.quantise.Scaling;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axes;
import org.pointwise.work.manifest.Appending;
import org.pointwise.work.manifest.HeadRecord;
import org.pointwise.work.manifest.OutputRecord;
import org.pointwise.work.manifest.PlanRecord;
import org.pointwise.work.manifest.Status;

/** Tests the records of outputs, of this version and of {@link EarlierOutputs}. */
class OutputManifestTest {
  @TempDir Path folder;

  @BeforeEach
  void unpack() throws Exception {
    EarlierOutputs.unpack(folder);
  }

  private OutputManifest manifest(String output) throws Exception {
    return OutputManifest.read(folder.resolve(output).toString(), ByteStores.LOCAL);
  }

  private PlanRecord plan(String output) throws Exception {
    return Objects.requireNonNull(manifest(output).plan());
  }

  private OutputRecord ours(String output) throws Exception {
    return Objects.requireNonNull(manifest(output).outputRecord());
  }

  private void reduce(String... more) {
    List<String> args = new ArrayList<>(List.of("reduce", folder + "/in.zarr/data"));
    args.addAll(List.of(more));
    args.addAll(List.of("--weights", folder + "/w.npy", "--runner", "local", "--quiet"));
    Cli done = Cli.run(args.toArray(String[]::new));
    assertThat(done.code()).as(done.err()).isZero();
  }

  @Test
  void readsArrayRecordsOfEarlierVersions() throws Exception {
    OutputRecord ours = ours("zarr3");
    assertThat(ours.status()).isEqualTo(Status.COMPLETE);
    assertThat(ours.fingerprint()).startsWith("770b41e1e28e");
    assertThat(ours.lineage()).startsWith("1de77ed48b60");
    assertThat(ours.axes()).isEqualTo(Axes.parse("n,y,x,c"));
    assertThat(ours.appending()).isEqualTo(new Appending(0, List.of()));
    assertThat(ours.lengths()).isEmpty();
    HeadRecord b =
        new HeadRecord(
            "b",
            "/tmp/fx/v.npy",
            "56a7bc2ce13592dcc3d846783800f8fa22e0531022c3c4d6853b91dba7c4c0e9",
            4,
            3,
            "relu",
            "",
            "",
            "");
    assertThat(ours.heads()).hasSize(2).last().isEqualTo(b);
    assertThat(manifest("zarr3").heads()).isEqualTo(ours.heads());
    assertThat(ours("zarr2").status()).isEqualTo(Status.COMPLETE);
  }

  @Test
  void readsPlansOfEarlierVersions() throws Exception {
    Compression zstd = new Compression(Compression.Kind.ZSTD, 1);
    PlanRecord arrays = plan("zarr3");
    assertThat(arrays.fingerprint()).isEqualTo(ours("zarr3").fingerprint());
    assertThat(arrays.lineage()).isEqualTo(ours("zarr3").lineage());
    assertThat(arrays.input()).isEqualTo("/tmp/fx/in.zarr/data");
    assertThat(arrays.images()).isEqualTo(2);
    assertThat(arrays.format()).isEqualTo("zarr3");
    assertThat(arrays.axes()).isEqualTo(Axes.parse("n,y,x,c"));
    assertThat(arrays.layout()).isEqualTo("float32 in chunks of 1,8,4, objects of 1,8,4");
    assertThat(arrays.compressions("here")).containsExactly(zstd, zstd);
    assertThat(arrays.otherScaling(Scaling.NONE)).isNull();
    assertThat(arrays.otherScaling(Scaling.of(2, 1)))
        .isEqualTo("scale=1.0, offset=0.0 but the input is read with scale=2.0, offset=1.0");
    assertThat(arrays.files()).as("not counted yet").isZero();
    assertThat(arrays.lengths()).isEmpty();
    assertThat(manifest("npy").outputRecord()).as("files say nothing of themselves").isNull();
    assertThat(manifest("npy").heads()).isEqualTo(plan("npy").heads()).hasSize(1);
    assertThat(plan("m.safetensors").fingerprint()).startsWith("0609cef94211");
  }

  @Test
  void recordsRoundTrip() throws Exception {
    reduce(folder + "/new", "--normalise", "l2");
    reduce(folder + "/files", "--format", "npy");
    for (String output : List.of("zarr3", "zarr2", "npy", "m.safetensors", "new", "files")) {
      byte[] text = Files.readAllBytes(folder.resolve(output + ".pointwise/plan.json"));
      PlanRecord plan = PlanRecord.parse(text, output);
      assertThat(plan.bytes()).as(output).isEqualTo(text);
      JsonNode json = JsonText.parse(text, output);
      assertThat(plan.withOutput(json.path("output").asText()).bytes()).as(output).isEqualTo(text);
      for (int i = 0; i < plan.heads().size(); i++) {
        assertThat(plan.heads().get(i).json()).isEqualTo(json.path("heads").get(i));
      }
      assertThat(plan.heads()).isEqualTo(manifest(output).heads());
    }
    assertThat(ours("new").heads().get(0).normalise()).isEqualTo("l2");
    assertThat(plan("files").files()).isEqualTo(2);
  }

  @Test
  void changesOnlyStatus() throws Exception {
    for (String format : List.of("zarr3", "zarr2")) {
      var store = ByteStores.LOCAL.open(folder.resolve(format).toString());
      ObjectNode before = ours(format).json();
      Appending appending = new Appending(2, List.of(1L, 2L));
      OutputRecord.reopen(OutputFormats.named(format), store, Status.APPENDING, appending);
      OutputRecord changed = ours(format);
      assertThat(changed.status()).isEqualTo(Status.APPENDING);
      assertThat(changed.appending()).isEqualTo(appending);
      Appending beyond = new Appending(3, List.of(-1L, 1L, 3L));
      OutputRecord.reopen(OutputFormats.named(format), store, Status.APPENDING, beyond);
      assertThat(ours(format).appending()).isEqualTo(new Appending(2, List.of(1L)));
      OutputRecord.reopen(OutputFormats.named(format), store);
      assertThat(ours(format).status()).isEqualTo(Status.INCOMPLETE);
      ObjectNode after = changed.json().put("status", "complete");
      after.remove("appending");
      assertThat(after).isEqualTo(before);
    }
  }
}
