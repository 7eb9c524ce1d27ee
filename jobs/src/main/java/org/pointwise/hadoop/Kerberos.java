package org.pointwise.hadoop;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.security.UserGroupInformation;
import org.pointwise.errors.InvalidInputException;

/**
 * Refuses an HDFS that requires Kerberos where this process has no credentials for it, before
 * anything connects to it. Hadoop itself reports that after its retries, and names no remedy.
 */
final class Kerberos {
  private static final String FALLBACK = "ipc.client.fallback-to-simple-auth-allowed";

  private Kerberos() {}

  /**
   * Requires a ticket or a delegation token if the settings of this process require Kerberos.
   *
   * @throws InvalidInputException that states how to give credentials
   * @throws IOException if the user of this process cannot be determined
   */
  static void requireCredentials(FileSystem files, Path path, Configuration configuration)
      throws IOException {
    if (!"hdfs".equals(files.getScheme())
        || !UserGroupInformation.isSecurityEnabled()
        || configuration.getBoolean(FALLBACK, false)) {
      return;
    }
    UserGroupInformation user = UserGroupInformation.getCurrentUser();
    UserGroupInformation real = user.getRealUser() == null ? user : user.getRealUser();
    String service = files.getCanonicalServiceName();
    if (!real.hasKerberosCredentials() && !hasToken(user, service)) {
      throw new InvalidInputException(
          "Cannot open %s: it requires Kerberos, but this process has neither a ticket nor a delegation token for %s; run kinit, or give spark-submit --principal and --keytab, and on YARN also spark.kerberos.access.hadoopFileSystems for further name nodes"
              .formatted(path, service));
    }
  }

  private static boolean hasToken(UserGroupInformation user, String service) {
    Text name = new Text(service);
    return user.getCredentials().getToken(name) != null
        || user.getTokens().stream().anyMatch(token -> token.getService().equals(name));
  }

  /**
   * Refuses a path whose server requires Kerberos although the settings of this process do not.
   * Returns if the exception has another reason.
   *
   * @param e the refusal of the server
   * @throws InvalidInputException that states how to give the settings
   */
  static void explain(Path path, IOException e) {
    if (String.valueOf(e.getMessage()).contains("SIMPLE authentication is not enabled")) {
      throw new InvalidInputException(
          "Cannot open %s: its server requires Kerberos, but the settings of this process do not; set HADOOP_CONF_DIR to the folder of the cluster's core-site.xml and hdfs-site.xml"
              .formatted(path),
          e);
    }
  }
}
