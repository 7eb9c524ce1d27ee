package org.pointwise.cli;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kerby.kerberos.kerb.server.SimpleKdcServer;

/** A key distribution centre of Kerberos in this JVM, and an HDFS that requires its tickets. */
final class Kdc implements AutoCloseable {
  static final String REALM = "EXAMPLE.COM";
  static final String USER = "alice";

  private static final String HDFS = "hdfs/localhost@" + REALM;
  private static final String WEB = "HTTP/localhost@" + REALM;

  private final Path folder;
  private final SimpleKdcServer server;

  private Kdc(Path folder, SimpleKdcServer server) {
    this.folder = folder;
    this.server = server;
  }

  /** Starts the server and writes keytabs and ticket caches of its principals. */
  static Kdc start(Path folder) throws Exception {
    Files.createDirectories(folder);
    SimpleKdcServer server = new SimpleKdcServer();
    server.setWorkDir(folder.toFile());
    server.setKdcRealm(REALM);
    server.setKdcHost("127.0.0.1");
    server.setKdcTcpPort(SparkHome.freePort());
    server.setAllowUdp(false);
    String set = System.getProperty("java.security.krb5.conf");
    server.init();
    server.start();
    if (set == null) { // the server sets it for its own JVM, in which other tests follow
      System.clearProperty("java.security.krb5.conf");
    } else {
      System.setProperty("java.security.krb5.conf", set);
    }
    Kdc kdc = new Kdc(folder, server);
    server.createAndExportPrincipals(kdc.keytab("services").toFile(), HDFS, WEB);
    server.createAndExportPrincipals(kdc.keytab(USER).toFile(), USER + "@" + REALM);
    kdc.storeTicket(HDFS, kdc.keytab("services"), "hdfs");
    kdc.storeTicket(USER + "@" + REALM, kdc.keytab(USER), USER);
    return kdc;
  }

  Path keytab(String name) {
    return folder.resolve(name + ".keytab");
  }

  Path ticketCache(String name) {
    return folder.resolve(name + ".ccache");
  }

  /** Does what kinit does. */
  private void storeTicket(String principal, Path keytab, String cache) throws Exception {
    File file = ticketCache(cache).toFile();
    server
        .getKrbClient()
        .storeTicket(server.getKrbClient().requestTgt(principal, keytab.toFile()), file);
  }

  /** Returns the option by which a JVM finds this server. */
  String jvm() {
    return "-Djava.security.krb5.conf=" + folder.resolve("krb5.conf");
  }

  /** Starts an HDFS that accepts only users of this server. */
  HdfsProcesses startHdfs(int dataNodes) throws Exception {
    Map<String, String> settings = new TreeMap<>(clientSettings());
    String keytab = keytab("services").toString();
    settings.put("dfs.namenode.keytab.file", keytab);
    settings.put("dfs.datanode.keytab.file", keytab);
    settings.put("dfs.datanode.kerberos.principal", HDFS);
    settings.put("dfs.web.authentication.kerberos.principal", WEB);
    settings.put("dfs.web.authentication.kerberos.keytab", keytab);
    settings.put("dfs.block.access.token.enable", "true");
    settings.put("ignore.secure.ports.for.testing", "true"); // data nodes of a user without rights
    return HdfsProcesses.start(folder, dataNodes, settings, List.of(jvm()));
  }

  private static Map<String, String> clientSettings() {
    return Map.of(
        "hadoop.security.authentication", "kerberos",
        "hadoop.security.authorization", "true",
        "dfs.namenode.kerberos.principal", HDFS,
        "dfs.data.transfer.protection", "authentication");
  }

  /** Writes the settings of clients of an HDFS to a folder, for {@code HADOOP_CONF_DIR}. */
  Path clientConf(HdfsProcesses hdfs) throws Exception {
    Map<String, String> settings = new TreeMap<>(clientSettings());
    settings.put("fs.defaultFS", hdfs.uri());
    settings.put("dfs.replication", "1");
    return HdfsProcesses.conf(folder.resolve("client"), settings);
  }

  @Override
  public void close() throws Exception {
    server.stop();
  }
}
