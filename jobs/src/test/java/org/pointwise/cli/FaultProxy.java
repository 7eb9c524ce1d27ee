package org.pointwise.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Forwards requests between a client and an HTTP server and, at random, simulates faults of
 * networks and busy servers. Each connection carries one request. Bytes are passed unchanged, so
 * that signatures stay valid.
 */
final class FaultProxy implements AutoCloseable {
  /** A fault of one request. */
  enum Fault {
    /** The request is not forwarded; the response is 503 Slow Down. */
    SLOW_DOWN,
    /** The connection is reset before the request is forwarded. */
    RESET,
    /** The request is forwarded, and the connection is reset before the response. */
    RESET_AFTER,
    /** The response ends in the middle. */
    TRUNCATE,
    /** The response starts and then stalls. */
    STALL
  }

  private static final int STALL_MILLIS = 3000;

  private final ServerSocket server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final int target;
  private final Random random;
  private final Map<Fault, Integer> occurrences = new EnumMap<>(Fault.class);
  private double rate;
  private Fault[] faults = Fault.values();
  private volatile boolean closed;

  FaultProxy(int target, long seed) throws IOException {
    this.target = target;
    this.random = new Random(seed);
    threads.submit(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** Sets the fraction of the following requests that meet one of the faults. */
  synchronized void set(double rate, Fault... faults) {
    this.rate = rate;
    this.faults = faults.length == 0 ? Fault.values() : faults;
  }

  /** Returns how often each fault occurred. */
  synchronized Map<Fault, Integer> occurrences() {
    return new EnumMap<>(occurrences);
  }

  private synchronized Fault drawFault() {
    if (random.nextDouble() >= rate) {
      return null;
    }
    Fault fault = faults[random.nextInt(faults.length)];
    occurrences.merge(fault, 1, Integer::sum);
    return fault;
  }

  private void accept() {
    while (!closed) {
      try {
        Socket client = server.accept();
        threads.submit(() -> serve(client));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      InputStream in = client.getInputStream();
      String head = readHead(in);
      if (head.isEmpty()) {
        return;
      }
      Fault fault = drawFault();
      if (fault == Fault.RESET) {
        reset(client);
        return;
      }
      if (header(head, "expect").contains("100")) {
        client
            .getOutputStream()
            .write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      }
      String length = header(head, "content-length");
      byte[] body = in.readNBytes(length.isEmpty() ? 0 : Integer.parseInt(length));
      if (fault == Fault.SLOW_DOWN) {
        String text =
            "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";
        respond(
            client,
            "HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nContent-Length: "
                + text.length()
                + "\r\nConnection: close\r\n\r\n"
                + text);
        return;
      }
      try (Socket backend = new Socket(InetAddress.getLoopbackAddress(), target)) {
        OutputStream out = backend.getOutputStream();
        out.write(withoutKeepAlive(head).getBytes(StandardCharsets.ISO_8859_1));
        out.write(body);
        out.flush();
        byte[] response = backend.getInputStream().readAllBytes();
        if (fault == Fault.RESET_AFTER) {
          reset(client);
          return;
        }
        int sentLength = fault == null ? response.length : response.length * 2 / 3;
        client.getOutputStream().write(response, 0, sentLength);
        client.getOutputStream().flush();
        if (fault == Fault.STALL) {
          Thread.sleep(STALL_MILLIS);
        }
      }
    } catch (IOException e) {
      // the client or the server closed the connection
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void respond(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    client.getOutputStream().flush();
  }

  private static void reset(Socket client) throws IOException {
    client.setSoLinger(true, 0);
    client.close();
  }

  /** Reads the request line and headers, including the empty line. */
  private static String readHead(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int last = 0;
    for (int b = in.read(); b >= 0; b = in.read()) {
      head.write(b);
      last = last << 8 | b;
      if (last == 0x0d0a0d0a) {
        return head.toString(StandardCharsets.ISO_8859_1);
      }
    }
    return "";
  }

  private static String header(String head, String name) {
    for (String line : head.split("\r\n")) {
      if (line.toLowerCase(Locale.ROOT).startsWith(name + ":")) {
        return line.substring(name.length() + 1).strip();
      }
    }
    return "";
  }

  /**
   * Returns the same request, changed so that the server closes the connection after its response.
   */
  private static String withoutKeepAlive(String head) {
    StringBuilder text = new StringBuilder();
    for (String line : head.strip().split("\r\n")) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (!lower.startsWith("connection:") && !lower.startsWith("expect:")) {
        text.append(line).append("\r\n");
      }
    }
    return text.append("Connection: close\r\n\r\n").toString();
  }

  @Override
  public void close() throws IOException {
    closed = true;
    server.close();
    threads.shutdownNow();
  }
}
