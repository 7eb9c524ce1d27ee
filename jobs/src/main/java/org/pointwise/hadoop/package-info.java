/** Stores on the file systems of Hadoop: HDFS, S3 and others. */
@NullMarked
package org.pointwise.hadoop;

import org.jspecify.annotations.NullMarked;
