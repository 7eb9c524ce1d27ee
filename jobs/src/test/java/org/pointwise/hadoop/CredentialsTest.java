package org.pointwise.hadoop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pointwise.cli.Cli;
import org.pointwise.testing.Seed;

/** Tests that passwords in URIs are not shown, and that missing file systems are named. */
class CredentialsTest {
  @TempDir Path folder;

  /** Returns commands with a URI in each place that accepts one. */
  private List<String[]> commands(String uri) throws Exception {
    Path job = folder.resolve("job.args");
    Files.writeString(job, "reduce\n" + uri + "\nout.zarr\n--weights\nw.safetensors\n");
    List<String[]> commands = new ArrayList<>();
    for (String line :
        List.of(
            "inspect URI",
            "reduce URI out.zarr --weights w.safetensors",
            "reduce in.zarr URI --weights w.safetensors",
            "reduce in.zarr out.zarr --weights URI",
            "reduce in.zarr out.zarr --weights w.npy --bias URI",
            "fit in.zarr URI --channels 2",
            "fit in.zarr w.safetensors --channels 2 --labels URI",
            "fit w.safetensors --moments URI --channels 2",
            "moments URI m.safetensors",
            "moments in.zarr URI",
            "evaluate in.zarr --weights URI",
            "verify URI",
            "verify out.zarr --input URI --weights w.safetensors",
            "weights show URI",
            "weights convert w.safetensors URI",
            "@" + job,
            "reduce URI", // a missing argument
            "reduce in.zarr out.zarr --weights w.npy --no-such-option URI",
            "inspect in.zarr URI", // one argument too many
            "reduce in.zarr out.zarr --weights w.npy --dtype URI")) {
      commands.add(line.replace("URI", uri).split(" "));
    }
    return commands;
  }

  @ParameterizedTest
  @ValueSource(
      strings = { // no part of them is a word of the usage text
        "s3a://AKEY:s3c/r3t@bucket/in.zarr",
        "s3a://AKEY:123/456@bucket/in.zarr",
        "s3a://AKEY:se@cr/e+t@bucket/x",
        "s3a://AKEY%3As3cret%2Fm0re@bucket/x",
        "hdfs://AKEY:s3cret@host:8020/in.zarr",
        "S3A://AKEY:/s3cret@bucket",
        "https://AKEY:s3c:r3t/m0re@host/in.zarr"
      })
  void passwordInUriIsRefusedAndNotShown(String uri) throws Exception {
    String secret = uri.substring(uri.indexOf("://") + 3, uri.lastIndexOf('@'));
    for (String[] command : commands(uri)) {
      Cli refused = Cli.run(command);
      assertThat(refused.code()).as(String.join(" ", command)).isIn(2, 3);
      for (String part : secret.split("[/@:]|%3A|%2F")) {
        if (part.length() > 2) {
          assertThat(refused.out() + refused.err())
              .as(String.join(" ", command))
              .doesNotContain(part);
        }
      }
      if (refused.code() == 3) {
        assertThat(refused.errorLine()).contains("must not hold a password");
      }
    }
  }

  @Test
  void secretsOfAnyCharactersAreRedacted() {
    Random random = Seed.random("secrets");
    for (int i = 0; i < 2000; i++) {
      StringBuilder secret = new StringBuilder();
      for (int k = 0; k < 20; k++) {
        secret.append((char) ('!' + random.nextInt('~' - '!' + 1)));
      }
      String user = random.nextBoolean() ? "AKIA" : "AKIA%41"; // decoded to AKIAA by URI
      String text = "Cannot open s3a://" + user + ":" + secret + "@bucket/x: no";
      assertThat(Credentials.redact(text)).isEqualTo("Cannot open s3a://…@bucket/x: no");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3a://bucket/a@b/in.zarr",
        "hdfs://host:8020/a@b",
        "abfs://container@account.dfs.core.windows.net/in.zarr",
        "/local/a:b@c",
        "file:///a@b",
        "C:/data@home"
      })
  void textWithoutPasswordIsUnchanged(String uri) {
    assertThat(Credentials.redact(uri)).isEqualTo(uri);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3a,org.apache.hadoop:hadoop-aws:",
        "abfs,org.apache.hadoop:hadoop-azure:",
        "gs,com.google.cloud.bigdataoss:gcs-connector",
        "nosuch,the jar that implements nosuch:"
      })
  void missingFileSystemIsNamedWithItsJar(String schemeAndJar) {
    String[] parts = schemeAndJar.split(",");
    Cli refused = Cli.run("inspect", parts[0] + "://bucket/in.zarr");
    assertThat(refused.code()).as(refused.err()).isEqualTo(3);
    assertThat(refused.errorLine())
        .startsWith("Cannot open " + parts[0] + "://bucket")
        .contains("has no file system for " + parts[0] + ":")
        .contains("add " + parts[1]);
  }
}
