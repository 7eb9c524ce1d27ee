/**
 * The command line: options, one command a verb, what they print, exit codes.
 *
 * <p>Text and exit codes belong here alone; what a command does is core's, where it runs is {@link
 * org.pointwise.spark}'s.
 */
@NullMarked
package org.pointwise.cli;

import org.jspecify.annotations.NullMarked;
