/** Runs plans on Spark; the only package that knows it. */
@NullMarked
package org.pointwise.spark;

import org.jspecify.annotations.NullMarked;
