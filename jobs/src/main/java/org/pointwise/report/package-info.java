/** The report of an evaluation: one HTML file that contains its charts and pictures. */
@NullMarked
package org.pointwise.report;

import org.jspecify.annotations.NullMarked;
