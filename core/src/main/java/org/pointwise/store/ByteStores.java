package org.pointwise.store;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.pointwise.errors.InvalidInputException;

/**
 * Opens the store at a path or URI. The core module supports local files; the jobs module adds
 * Hadoop's file systems.
 */
@FunctionalInterface
public interface ByteStores {
  ByteStore open(String uri);

  /** Closes everything that this thread has open. To be called at the end of a thread's work. */
  default void release() {}

  /**
   * Returns a form of {@code uri} that is the same for all names of one location: absolute, links
   * resolved as far as the path exists, default authorities added. For comparison only, not for
   * opening.
   */
  default String canonical(String uri) {
    return isLocal(uri) ? realPath(localPath(uri)).toString() : absolute(uri);
  }

  /**
   * Opens plain paths and {@code file:} URIs. In a URI, {@code %20} is a space, and {@code #} and
   * {@code ?} are characters of the path.
   */
  ByteStores LOCAL =
      uri -> {
        if (!isLocal(uri)) {
          throw new InvalidInputException(
              "Cannot open %s: only local paths and file: URIs can be opened here".formatted(uri));
        }
        return new LocalByteStore(localPath(uri));
      };

  static boolean isLocal(String uri) {
    int colon = uri.indexOf(':');
    return colon <= 1 || uri.startsWith("file:") || (uri.indexOf('/') < colon && uri.contains("/"));
  }

  static Path localPath(String uri) {
    if (!uri.startsWith("file:")) {
      return Path.of(uri);
    }
    try {
      URI path = new URI(uri.replace("#", "%23").replace("?", "%3F"));
      return Path.of(new URI("file", null, path.getPath(), null));
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw new InvalidInputException(
          "Cannot open %s: it is no valid file: URI; write a plain path".formatted(uri), e);
    }
  }

  private static Path realPath(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    for (Path folder = absolute; folder != null; folder = folder.getParent()) {
      try {
        return folder.toRealPath().resolve(folder.relativize(absolute)).normalize();
      } catch (IOException e) {
        // the path does not exist: resolve its parent instead
      }
    }
    return absolute;
  }

  /**
   * Returns an absolute form of {@code uri} without a trailing slash, which has the same meaning on
   * every host.
   */
  static String absolute(String uri) {
    String absolute = isLocal(uri) ? localPath(uri).toAbsolutePath().normalize().toString() : uri;
    return absolute.length() > 1 && absolute.endsWith("/")
        ? absolute.substring(0, absolute.length() - 1)
        : absolute;
  }

  /** Returns a path or URI without its last part; empty when it has only one part. */
  static String parent(String uri) {
    int slash = uri.lastIndexOf('/');
    return slash < 0 ? "" : slash == 0 ? "/" : uri.substring(0, slash);
  }

  /** Returns the last part of a path or URI. */
  static String name(String uri) {
    return uri.substring(uri.lastIndexOf('/') + 1);
  }
}
