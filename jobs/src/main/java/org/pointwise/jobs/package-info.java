/** Class names that scripts of earlier versions use. */
@NullMarked
package org.pointwise.jobs;

import org.jspecify.annotations.NullMarked;
