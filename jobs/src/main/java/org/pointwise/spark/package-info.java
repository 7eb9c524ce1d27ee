/** Runs plans on Spark. Only this package, its sub-packages and pointwise.ml use Spark's API. */
@NullMarked
package org.pointwise.spark;

import org.jspecify.annotations.NullMarked;
