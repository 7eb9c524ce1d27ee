package org.pointwise;

import java.io.IOException;
import java.util.List;

/** Draws the page of an evaluation. */
@FunctionalInterface
public interface ReportPage {
  /**
   * The page as bytes of HTML.
   *
   * @param report what was measured
   * @param views some of the held-out tiles, the worst first
   */
  byte[] draw(EvaluateReport report, List<BlockView> views) throws IOException;
}
