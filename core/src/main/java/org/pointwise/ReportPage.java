package org.pointwise;

import java.io.IOException;
import java.util.List;

/** Draws the page of an evaluation. */
@FunctionalInterface
public interface ReportPage {
  /**
   * Returns the page as bytes of HTML.
   *
   * @param report the figures
   * @param views some tiles with held-out pixels, the one with the worst block first
   */
  byte[] draw(EvaluateReport report, List<BlockView> views) throws IOException;
}
