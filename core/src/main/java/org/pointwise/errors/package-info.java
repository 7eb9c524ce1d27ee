/**
 * What can go wrong, by whose fault it is: the three kinds map to the exit codes of the command
 * line.
 */
@NullMarked
package org.pointwise.errors;

import org.jspecify.annotations.NullMarked;
