/**
 * Parquet tables as feature arrays: files are images, rows are pixels, and the numbers of a vector
 * are channels. Uses the Parquet library that Spark brings.
 */
@NullMarked
package org.pointwise.parquet;

import org.jspecify.annotations.NullMarked;
