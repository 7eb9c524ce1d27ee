package org.pointwise.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.ReduceReport;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Seed;

/** Compiles and runs the Java program of the README. */
class ReadmeExampleTest {
  private static final Pattern PROGRAM =
      Pattern.compile("```java\n(.*?class (\\w+).*?)```", Pattern.DOTALL);
  private static final Extent CHUNK = new Extent(1, 16, 16);

  @TempDir Path folder;

  private Method example;
  private String features;

  @BeforeEach
  void compile() throws Exception {
    Random random = Seed.random("readme");
    features =
        Arrays4.random(random, new FeatureShape(6, 40, 33, 24))
            .zarr(folder + "/in.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    Path readme = Path.of(System.getProperty("pointwise.root")).resolve("README.md");
    Matcher program = PROGRAM.matcher(Files.readString(readme));
    assertThat(program.find()).isTrue();
    Path source = folder.resolve(program.group(2) + ".java");
    Files.writeString(source, program.group(1));
    String path = System.getProperty("java.class.path");
    int code =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-cp", path, "-d", folder.toString(), source.toString());
    assertThat(code).isZero();
    URL[] classes = {folder.toUri().toURL()};
    ClassLoader loader = new URLClassLoader(classes, getClass().getClassLoader());
    example =
        loader
            .loadClass(program.group(2))
            .getMethod("reduce", org.pointwise.Pointwise.class, String.class, String.class);
  }

  private ReduceReport run(org.pointwise.Pointwise pointwise, String name) throws Exception {
    Files.createDirectories(folder.resolve(name));
    return (ReduceReport) example.invoke(null, pointwise, features, folder + "/" + name);
  }

  private Map<String, String> output(String name) throws Exception {
    return Folders.hashes(folder.resolve(name), "small.zarr/features/c");
  }

  @Test
  void runsOnThreadsAndInExistingSession() throws Exception {
    ReduceReport local;
    try (org.pointwise.Pointwise pointwise = org.pointwise.Pointwise.local(2)) {
      local = run(pointwise, "local");
    }
    assertThat(local.pixels()).isEqualTo(6 * 40 * 33);
    assertThat(local.bytesIn()).isEqualTo(local.pixels() * 24 * Float.BYTES);
    assertThat(local.shardsWritten()).isEqualTo(local.shards()).isPositive();
    assertThat(output("local")).isNotEmpty();
    try (org.pointwise.Pointwise pointwise = org.pointwise.Pointwise.local(1)) {
      assertThat(run(pointwise, "local").shardsAlreadyStored()).isEqualTo(local.shards());
    }
    example
        .getDeclaringClass()
        .getMethod("main", String[].class)
        .invoke(null, (Object) new String[] {features, folder + "/local"});
    SparkSession session =
        SparkSession.builder()
            .master("local[2]")
            .appName("somebody else's")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .getOrCreate();
    try {
      try (org.pointwise.Pointwise pointwise = Pointwise.on(session)) {
        assertThat(run(pointwise, "spark").fingerprint()).hasSize(local.fingerprint().length());
      }
      assertThat(output("spark")).isEqualTo(output("local"));
      assertThat(session.sparkContext().isStopped()).isFalse();
    } finally {
      session.stop();
    }
  }
}
