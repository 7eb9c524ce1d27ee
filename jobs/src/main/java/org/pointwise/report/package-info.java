/** A report that people look at: one HTML file with its charts and pictures inside. */
@NullMarked
package org.pointwise.report;

import org.jspecify.annotations.NullMarked;
