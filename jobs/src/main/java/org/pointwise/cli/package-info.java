/**
 * The command line: one class for each command, with its options, output and exit codes.
 *
 * <p>Texts and exit codes are defined only here. The core module implements what a command does;
 * {@link org.pointwise.spark} implements running on Spark.
 */
@NullMarked
package org.pointwise.cli;

import org.jspecify.annotations.NullMarked;
