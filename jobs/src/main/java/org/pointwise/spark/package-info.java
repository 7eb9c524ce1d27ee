/** Runs plans on Spark. No other package uses Spark's API. */
@NullMarked
package org.pointwise.spark;

import org.jspecify.annotations.NullMarked;
