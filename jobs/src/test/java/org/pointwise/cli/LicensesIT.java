package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/** Tests that pointwise.jar has the licences of all that is in it, and that licenses/ is listed. */
class LicensesIT {
  /**
   * All folders of classes and all native libraries of pointwise.jar. Who adds a library adds its
   * licence to licenses/pointwise.jar, its notice to NOTICE, and its folder here.
   */
  private static final Pattern KNOWN =
      Pattern.compile(
          String.join(
              "|",
              "META-INF/.*",
              "org/pointwise/(?!shaded/).*",
              "org/pointwise/shaded/(f2j|matlab|netlib|onnx|picocli|protobuf|xchart)/.*",
              "pointwise/ml/.*",
              "com/scalableminds/bloscjava/.*",
              "libbloscjni\\.(so|dylib|dll)",
              "org/j_paine/formatter/.*", // of arpack_combined_all
              "resources/native/Linux-\\w+/libnetlib(blas|lapack)jni\\.so"));

  private final Path root = Processes.root();

  @Test
  void theJarHasOneLicenseOneNoticeAndTheTexts() throws IOException {
    Path texts = root.resolve("licenses/pointwise.jar");
    try (ZipFile jar = jar()) {
      for (String name : List.of("LICENSE", "NOTICE")) {
        assertThat(bytes(jar, "META-INF/" + name))
            .isEqualTo(Files.readAllBytes(root.resolve(name)));
      }
      Set<String> expected = new TreeSet<>(Set.of("META-INF/LICENSE", "META-INF/NOTICE"));
      for (String text : names(texts)) {
        expected.add("META-INF/licenses/" + text);
        assertThat(bytes(jar, "META-INF/licenses/" + text))
            .as(text)
            .isEqualTo(Files.readAllBytes(texts.resolve(text)));
      }
      assertThat(files(jar).filter(LicensesIT::legal))
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  @Test
  void theJarHasOnlyLibrariesWithALicense() throws IOException {
    try (ZipFile jar = jar()) {
      assertThat(files(jar).filter(name -> !KNOWN.matcher(name).matches())).isEmpty();
    }
  }

  @Test
  void theReadmeListsAllTexts() throws IOException {
    String readme = Files.readString(root.resolve("licenses/README.md"));
    String archive = Files.readString(root.resolve("release/licenses.ftl"));
    for (String folder : List.of("pointwise.jar", "lib")) {
      int start = readme.indexOf("\n## " + folder + "\n");
      int end = readme.indexOf("\n## ", start + 1);
      String section = readme.substring(start, end < 0 ? readme.length() : end);
      List<String> names = names(root.resolve("licenses").resolve(folder));
      assertThat(matches("(?m)^\\| (\\S+\\.(?:txt|md)) \\|", section)).isEqualTo(names);
      String prefix = folder.equals("lib") ? "" : "\\.\\./pointwise\\.jar/";
      assertThat(new TreeSet<>(matches("\"" + prefix + "([\\w.-]+\\.(?:txt|md))\"", archive)))
          .containsExactlyElementsOf(names);
    }
  }

  private ZipFile jar() throws IOException {
    return new ZipFile(root.resolve("jobs/target/pointwise.jar").toFile());
  }

  private static byte[] bytes(ZipFile jar, String name) throws IOException {
    return jar.getInputStream(jar.getEntry(name)).readAllBytes();
  }

  private static Stream<String> files(ZipFile jar) {
    return jar.stream().filter(entry -> !entry.isDirectory()).map(ZipEntry::getName);
  }

  private static boolean legal(String file) {
    String name = file.toLowerCase(Locale.ROOT);
    return !name.endsWith(".class")
        && (name.matches("(meta-inf/)?[^/]*(licen[sc]e|notice|copying|copyright)[^/]*")
            || name.matches("meta-inf/licen[sc]es?/.*"));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static List<String> matches(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult found) -> found.group(1))
        .collect(Collectors.toList());
  }
}
