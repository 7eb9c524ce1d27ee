package org.pointwise.differential;

import java.nio.file.Path;

/** What is done with a case. */
@FunctionalInterface
interface Trial {
  /**
   * Does it.
   *
   * @param folder empty, for what it writes
   * @param found takes what is wrong
   */
  void run(Case one, Path folder, Reference reference, Findings found) throws Exception;
}
