/** Bytes in what Hadoop has a file system for: HDFS, S3 and others. */
@NullMarked
package org.pointwise.hadoop;

import org.jspecify.annotations.NullMarked;
