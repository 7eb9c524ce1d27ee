package org.pointwise.format;

import java.io.IOException;

/**
 * The groups that enclose the place of an output, of one format. The output becomes a member of the
 * innermost group. Entries of other members stay unchanged. Confined to one thread.
 */
public interface Hierarchy {
  /** Returns the URI of the innermost group that exists. */
  String group();

  /**
   * Creates the groups that are missing between the innermost group and the output, and removes the
   * output from copies of metadata in the enclosing groups.
   */
  void begin() throws IOException;

  /**
   * Stores the metadata of the complete output in those enclosing groups that keep copies of the
   * metadata of their members.
   */
  void complete() throws IOException;
}
