package org.pointwise.cli;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A real S3 server: a process over a local folder, whose subfolders are the buckets.
 *
 * @param port of the server
 * @param buckets the folder of the buckets
 */
public record S3Server(Process process, int port, Path buckets) implements AutoCloseable {
  static final String KEY = "the-access-key";
  public static final String SECRET = "the-very-secret-key";

  public static S3Server start(Path folder) throws Exception {
    Path jars = Processes.root().resolve("jobs/target/s3proxy");
    Processes.once(
        jars.resolve("complete"),
        () ->
            Processes.run(
                jars,
                Processes.root().resolve("mvnw").toString(),
                "-B",
                "-q",
                "-f",
                Processes.root().resolve("scripts/jars/s3proxy.xml").toString(),
                "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies",
                "-DoutputDirectory=" + jars,
                "-DincludeScope=runtime"));
    int port = SparkHome.freePort();
    Path buckets = Files.createDirectories(folder.resolve("buckets"));
    Files.createDirectories(buckets.resolve("data"));
    Path conf = Files.createDirectories(folder.resolve("s3proxy"));
    Files.writeString(
        conf.resolve("s3proxy.conf"),
        """
        s3proxy.endpoint=http://127.0.0.1:%d
        s3proxy.authorization=aws-v2-or-v4
        s3proxy.identity=%s
        s3proxy.credential=%s
        jclouds.provider=filesystem-nio2
        jclouds.identity=x
        jclouds.credential=x
        jclouds.filesystem.basedir=%s
        """
            .formatted(port, KEY, SECRET, buckets));
    Files.writeString(
        conf.resolve("logback.xml"), "<configuration><root level=\"OFF\"/></configuration>");
    ProcessBuilder builder =
        Processes.builder(
            folder,
            List.of(
                "java",
                "-Xmx400m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                conf + ":" + jars + "/*",
                "org.gaul.s3proxy.Main",
                "--properties",
                conf.resolve("s3proxy.conf").toString()));
    S3Server server = new S3Server(builder.start(), port, buckets);
    Await.until("s3proxy answers", () -> answers(port));
    return server;
  }

  private static boolean answers(int port) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) URI.create("http://127.0.0.1:" + port + "/").toURL().openConnection();
      return connection.getResponseCode() > 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Returns the S3A settings for spark-submit. */
  public static List<String> options(int port, String secret) {
    List<String> options = new ArrayList<>();
    for (String setting :
        new String[] {
          "endpoint=http://127.0.0.1:" + port,
          "endpoint.region=us-east-1",
          "path.style.access=true",
          "connection.ssl.enabled=false",
          "access.key=" + KEY,
          "secret.key=" + secret,
          "aws.credentials.provider=org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider",
          "connection.timeout=2s",
          "connection.establish.timeout=15s",
          "attempts.maximum=4",
          "retry.limit=6",
          "retry.interval=50ms",
          "retry.throttle.interval=50ms",
          "retry.throttle.limit=5",
          "fast.upload.buffer=array",
          "change.detection.mode=warn"
        }) {
      options.add("--conf");
      options.add("spark.hadoop.fs.s3a." + setting);
    }
    return options;
  }

  /** Copies a local file or folder to the bucket, through the server. */
  public void upload(SparkHome spark, Path folder, Path from) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(spark.home().resolve("bin/spark-class").toString());
    command.add("org.apache.hadoop.fs.FsShell");
    for (String option : options(port, SECRET)) {
      if (option.startsWith("spark.hadoop.")) {
        command.addAll(List.of("-D", option.substring("spark.hadoop.".length())));
      }
    }
    command.addAll(List.of("-put", from.toString(), "s3a://data/"));
    Path conf = Files.createDirectories(folder.resolve("hadoop"));
    Files.writeString(conf.resolve("core-site.xml"), "<configuration/>"); // the shell requires one
    ProcessBuilder builder = Processes.builder(folder, command);
    builder.environment().put("HADOOP_CONF_DIR", conf.toString());
    Processes done = Processes.awaitEnd(builder, builder.start());
    if (done.code() != 0) {
      throw new IllegalStateException("Cannot upload " + from + ": " + done.err());
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
