/**
 * Failures by cause: invalid input, corrupt data, or an incomplete run. Each exception type
 * determines the exit code of the command line.
 */
@NullMarked
package org.pointwise.errors;

import org.jspecify.annotations.NullMarked;
