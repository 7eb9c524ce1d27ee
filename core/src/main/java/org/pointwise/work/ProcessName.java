package org.pointwise.work;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/**
 * Names processes, so that another process on the same machine can determine whether they are
 * alive.
 */
final class ProcessName {
  private static final String UNKNOWN =
      "/-"; // suffix of the name of a machine whose identity is unknown

  private ProcessName() {}

  /**
   * The name of this process: its machine, its PID, and the start of its JVM in epoch milliseconds.
   */
  static String name() {
    long started = ManagementFactory.getRuntimeMXBean().getStartTime();
    return "%s/%d/%d".formatted(machine(), ProcessHandle.current().pid(), started);
  }

  /** The host, its boot ID, and its PID namespace, which containers of one host do not share. */
  private static String machine() {
    String host = System.getenv().getOrDefault("HOSTNAME", "");
    try {
      host = host.isEmpty() ? InetAddress.getLocalHost().getHostName() : host;
      Path boot = Path.of("/proc/sys/kernel/random/boot_id");
      Path numbers = Path.of("/proc/self/ns/pid");
      return Files.exists(boot) && Files.exists(numbers)
          ? "%s/%s/%s"
              .formatted(host, Files.readString(boot).strip(), Files.readSymbolicLink(numbers))
          : host + UNKNOWN;
    } catch (IOException e) {
      return host + UNKNOWN;
    }
  }

  private static String executionOf(String process) {
    int pid = process.lastIndexOf('/', process.lastIndexOf('/') - 1);
    return pid < 0 ? "" : process.substring(0, pid);
  }

  /** Whether two processes are certainly on one machine. */
  static boolean sameMachine(String one, String other) {
    String machine = executionOf(one);
    return machine.equals(executionOf(other)) && !machine.endsWith(UNKNOWN);
  }

  /** Whether another process of this machine has ended. */
  static boolean ended(String process) {
    String[] parts = process.split("/");
    long pid = Long.parseLong(parts[parts.length - 2]);
    Instant jvm = Instant.ofEpochMilli(Long.parseLong(parts[parts.length - 1]));
    return pid == ProcessHandle.current().pid()
        || ProcessHandle.of(pid)
            .filter(ProcessHandle::isAlive)
            // A process with the same PID that started after that JVM is another process.
            .filter(one -> !one.info().startInstant().orElse(jvm).isAfter(jvm.plusSeconds(5)))
            .isEmpty();
  }
}
