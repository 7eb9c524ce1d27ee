package org.pointwise.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the metadata of arrays in an output's place records.
 *
 * @param format that it is of
 * @param record {@link OutputDescription#record}; null where the arrays are not ours
 * @param imageNames {@link OutputDescription#imageNames}
 */
public record RecordedOutput(
    OutputFormat format, @Nullable ObjectNode record, List<String> imageNames) {}
