package org.pointwise.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The content of the metadata of arrays that are stored at an output's location.
 *
 * @param format the format of the arrays
 * @param record the {@link OutputDescription#record}; null if this library did not write the arrays
 * @param imageNames the {@link OutputDescription#imageNames}
 */
public record RecordedOutput(
    OutputFormat format, @Nullable ObjectNode record, List<String> imageNames) {}
