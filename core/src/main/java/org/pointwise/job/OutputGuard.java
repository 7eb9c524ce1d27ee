package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.Location;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;

/**
 * Checks the inputs and outputs of a command before any work: no output is an input, or lies in or
 * around one, and no existing file is replaced unless the user requested it. Names are compared in
 * the form that {@link ByteStores#canonical} returns. Confined to one thread.
 */
public final class OutputGuard {
  private final ByteStores stores;
  private final List<String> inputs = new ArrayList<>();
  private final List<Target> outputs = new ArrayList<>();

  private record Target(String uri, String remedy) {}

  public OutputGuard(ByteStores stores) {
    this.stores = stores;
  }

  /**
   * Adds an input. A name such as {@code *.parquet} stands for its whole folder.
   *
   * @param uri of a file, a folder or an array; null for none
   */
  public OutputGuard reads(@Nullable String uri) {
    if (uri != null) {
      Location location = new Location(stores, uri);
      inputs.add(location.uri());
      if (location.member() != null) {
        inputs.add(location.fileUri());
      }
      if (location.name().startsWith("*.")) {
        inputs.add(ByteStores.parent(location.fileUri()));
      }
    }
    return this;
  }

  /** Adds inputs. */
  public OutputGuard readsAll(List<String> uris) {
    uris.forEach(this::reads);
    return this;
  }

  /** Adds a file or folder that is written and that the user named. */
  public OutputGuard writes(String uri) {
    return writes(uri, "choose another output");
  }

  /**
   * Adds a file or folder that is written.
   *
   * @param remedy what the user can change so that another file or folder is written
   */
  public OutputGuard writes(String uri, String remedy) {
    outputs.add(new Target(ByteStores.absolute(uri), remedy));
    return this;
  }

  /** Adds files that are written. */
  public OutputGuard writes(List<String> uris) {
    uris.forEach(this::writes);
    return this;
  }

  /**
   * Checks that no output is an input, or lies in or around one.
   *
   * @throws InvalidInputException that names both
   */
  public OutputGuard requireDisjoint() {
    for (Target output : outputs) {
      String to = stores.canonical(output.uri()) + "/";
      for (String input : inputs) {
        String from = stores.canonical(input) + "/";
        if (from.startsWith(to) || to.startsWith(from)) {
          String relation =
              from.equals(to) ? "it is the input %s" : "it lies in the input %s or around it";
          throw new InvalidInputException(
              "Cannot write to %s: %s; %s"
                  .formatted(output.uri(), relation.formatted(input), output.remedy()));
        }
      }
    }
    return this;
  }

  /**
   * Checks that no output exists.
   *
   * @param overwrite whether the user asked to replace outputs, so that they may exist
   * @throws InvalidInputException that names the first
   */
  public OutputGuard requireFree(boolean overwrite) throws IOException {
    for (Target output : outputs) {
      ByteStore folder = stores.open(ByteStores.parent(output.uri()));
      String name = ByteStores.name(output.uri());
      boolean exists = folder.size(name) >= 0 || !folder.list(name).isEmpty();
      if (exists && !overwrite) {
        throw new InvalidInputException(
            "Cannot write %s: it exists; use --overwrite to replace it, or %s"
                .formatted(output.uri(), output.remedy()));
      }
    }
    return this;
  }
}
