package org.pointwise.differential;

import java.nio.file.Path;

/** A test of one case. */
@FunctionalInterface
interface Trial {
  /**
   * Runs the test.
   *
   * @param folder an empty folder for its files
   * @param found collects the findings
   */
  void run(Case testCase, Path folder, Reference reference, Findings found) throws Exception;
}
