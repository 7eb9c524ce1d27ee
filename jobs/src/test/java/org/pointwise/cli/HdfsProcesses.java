package org.pointwise.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A name node and its data nodes, each in a process that can be killed. */
public record HdfsProcesses(String uri, List<Process> dataNodes, Process nameNode)
    implements AutoCloseable {
  public static HdfsProcesses start(Path folder, int dataNodes) throws Exception {
    int port = SparkHome.freePort();
    int page = SparkHome.freePort();
    String uri = "hdfs://127.0.0.1:" + port;
    Path name = conf(folder.resolve("name"), uri, page);
    Processes formatted =
        Processes.run(folder, command(name, "namenode.NameNode", "-format").toArray(String[]::new));
    if (formatted.code() != 0) {
      throw new IllegalStateException("Cannot format HDFS: " + formatted.err());
    }
    Process nameNode = Processes.builder(folder, command(name, "namenode.NameNode")).start();
    List<Process> nodes = new ArrayList<>();
    for (int i = 0; i < dataNodes; i++) {
      Path data = conf(folder.resolve("data" + i), uri, page);
      nodes.add(dataNode(folder, data));
    }
    HdfsProcesses hdfs = new HdfsProcesses(uri, nodes, nameNode);
    hdfs.await(page, "\"NumLiveDataNodes\" : " + dataNodes);
    return hdfs;
  }

  private static Process dataNode(Path folder, Path conf) throws IOException {
    return Processes.builder(folder, command(conf, "datanode.DataNode")).start();
  }

  /** Kills a data node and restarts it. */
  void restart(Path folder, int node) throws Exception {
    dataNodes.get(node).destroyForcibly().waitFor();
    dataNodes.set(node, dataNode(folder, folder.resolve("data" + node)));
  }

  private static List<String> command(Path conf, String main, String... more) {
    List<String> command = new ArrayList<>();
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    command.addAll(
        List.of("java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", conf + ":" + classPath));
    command.add("org.apache.hadoop.hdfs.server." + main);
    command.addAll(List.of(more));
    return command;
  }

  private static Path conf(Path folder, String uri, int page) throws IOException {
    Files.createDirectories(folder);
    String[][] settings = {
      {"fs.defaultFS", uri},
      {"dfs.namenode.http-address", "127.0.0.1:" + page},
      {"dfs.namenode.name.dir", folder.resolve("image").toString()},
      {"dfs.datanode.data.dir", folder.resolve("blocks").toString()},
      {"dfs.datanode.address", "127.0.0.1:0"},
      {"dfs.datanode.http.address", "127.0.0.1:0"},
      {"dfs.datanode.ipc.address", "127.0.0.1:0"},
      {"dfs.namenode.heartbeat.recheck-interval", "1000"},
      {"dfs.permissions.superusergroup", "nobody"}
    };
    StringBuilder text = new StringBuilder("<configuration>\n");
    for (String[] setting : settings) {
      text.append(
          "<property><name>%s</name><value>%s</value></property>%n"
              .formatted(setting[0], setting[1]));
    }
    Files.writeString(folder.resolve("core-site.xml"), "<configuration/>");
    Files.writeString(folder.resolve("hdfs-site.xml"), text + "</configuration>\n");
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
