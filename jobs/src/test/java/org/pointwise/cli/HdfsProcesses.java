package org.pointwise.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.util.ComparableVersion;
import org.apache.hadoop.util.VersionInfo;
import org.junit.jupiter.api.Assumptions;

/** A name node and its data nodes, each in a process that can be killed. */
public record HdfsProcesses(String uri, List<Process> dataNodes, Process nameNode, List<String> jvm)
    implements AutoCloseable {
  /** Skips the tests if Hadoop of this build does not run on this Java. */
  static void assumeHadoopRuns() {
    ComparableVersion hadoop = new ComparableVersion(VersionInfo.getVersion());
    Assumptions.assumeTrue(
        Runtime.version().feature() < 24 || hadoop.compareTo(new ComparableVersion("3.5")) >= 0,
        "Skipped: Hadoop before 3.5 does not run on Java 24 and later");
  }

  public static HdfsProcesses start(Path folder, int dataNodes) throws Exception {
    return start(folder, dataNodes, Map.of(), List.of());
  }

  /**
   * Starts the processes.
   *
   * @param settings further settings of Hadoop
   * @param options of the JVMs
   */
  static HdfsProcesses start(
      Path folder, int dataNodes, Map<String, String> settings, List<String> options)
      throws Exception {
    int port = SparkHome.freePort();
    int page = SparkHome.freePort();
    String uri = "hdfs://127.0.0.1:" + port;
    Path name = conf(folder.resolve("name"), uri, page, settings);
    Processes formatted =
        Processes.run(
            folder,
            command(options, name, "hdfs.server.namenode.NameNode", "-format")
                .toArray(String[]::new));
    if (formatted.code() != 0) {
      throw new IllegalStateException("Cannot format HDFS: " + formatted.err());
    }
    Process nameNode =
        Processes.builder(folder, command(options, name, "hdfs.server.namenode.NameNode")).start();
    List<Process> nodes = new ArrayList<>();
    for (int i = 0; i < dataNodes; i++) {
      Path data = conf(folder.resolve("data" + i), uri, page, settings);
      nodes.add(dataNode(options, folder, data));
    }
    HdfsProcesses hdfs = new HdfsProcesses(uri, nodes, nameNode, options);
    hdfs.await(page, "\"NumLiveDataNodes\" : " + dataNodes);
    return hdfs;
  }

  private static Process dataNode(List<String> options, Path folder, Path conf) throws IOException {
    return Processes.builder(folder, command(options, conf, "hdfs.server.datanode.DataNode"))
        .start();
  }

  /** Kills a data node and restarts it. */
  void restart(Path folder, int node) throws Exception {
    dataNodes.get(node).destroyForcibly().waitFor();
    dataNodes.set(node, dataNode(jvm, folder, folder.resolve("data" + node)));
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  /**
   * Returns the command of a class of HDFS or of a client.
   *
   * @param options of the JVM
   * @param conf the folder of the settings
   * @param main the name of the class below {@code org.apache.hadoop}
   */
  static List<String> command(List<String> options, Path conf, String main, String... more) {
    List<String> command = new ArrayList<>(List.of("java", "-Xmx256m", "-XX:TieredStopAtLevel=1"));
    command.addAll(options);
    command.addAll(List.of("-cp", conf + ":" + classPath()));
    command.add("org.apache.hadoop." + main);
    command.addAll(List.of(more));
    return command;
  }

  private static Path conf(Path folder, String uri, int page, Map<String, String> more)
      throws IOException {
    Map<String, String> settings = new TreeMap<>(more);
    settings.put("fs.defaultFS", uri);
    settings.put("dfs.namenode.http-address", "127.0.0.1:" + page);
    settings.put("dfs.namenode.name.dir", folder.resolve("image").toString());
    settings.put("dfs.datanode.data.dir", folder.resolve("blocks").toString());
    settings.put("dfs.datanode.address", "127.0.0.1:0");
    settings.put("dfs.datanode.http.address", "127.0.0.1:0");
    settings.put("dfs.datanode.ipc.address", "127.0.0.1:0");
    settings.put("dfs.namenode.heartbeat.recheck-interval", "1000");
    settings.put("dfs.permissions.superusergroup", "nobody");
    return conf(folder, settings);
  }

  /** Writes settings of Hadoop to a folder and returns it. */
  static Path conf(Path folder, Map<String, String> settings) throws IOException {
    Files.createDirectories(folder);
    StringBuilder text = new StringBuilder("<configuration>\n");
    settings.forEach(
        (name, value) ->
            text.append(
                "<property><name>%s</name><value>%s</value></property>%n".formatted(name, value)));
    // Both: a user is authenticated by the first, and the second overrides HDFS's defaults.
    for (String file : List.of("core-site.xml", "hdfs-site.xml")) {
      Files.writeString(folder.resolve(file), text + "</configuration>\n");
    }
    return folder;
  }

  private void await(int page, String text) throws Exception {
    URI beans =
        URI.create(
            "http://127.0.0.1:" + page + "/jmx?qry=Hadoop:service=NameNode,name=FSNamesystemState");
    Await.until(
        "log of HDFS: " + text,
        () -> {
          try (InputStream in = beans.toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).contains(text);
          } catch (IOException e) {
            return false; // not started yet
          }
        });
  }

  /** Returns the client settings for spark-submit. */
  public static List<String> options() {
    List<String> options = new ArrayList<>();
    for (String setting :
        new String[] {
          "dfs.replication=2",
          "dfs.client.block.write.locateFollowingBlock.initial.delay.ms=10",
          "dfs.client.socket-timeout=5000"
        }) {
      options.add("--conf");
      options.add("spark.hadoop." + setting);
    }
    return options;
  }

  @Override
  public void close() {
    dataNodes.forEach(Process::destroyForcibly);
    nameNode.destroyForcibly();
  }
}
