/** Layers over columns of DataFrames, for the public classes of {@code pointwise.ml}. */
@NullMarked
package org.pointwise.spark.ml;

import org.jspecify.annotations.NullMarked;
