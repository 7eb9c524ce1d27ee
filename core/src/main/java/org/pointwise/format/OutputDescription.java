package org.pointwise.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the metadata of an output says.
 *
 * @param arrays of the output
 * @param records what is recorded of each array, for its attribute {@code pointwise}; empty where
 *     nothing is
 * @param record what is recorded of the output, likewise; null where nothing is
 * @param imageNames of the files that its images come from; empty where these are no files
 * @param companions of the input
 * @param complete whether all objects are stored
 */
public record OutputDescription(
    List<OutputTarget> arrays,
    List<ObjectNode> records,
    @Nullable ObjectNode record,
    List<String> imageNames,
    Companions companions,
    boolean complete) {}
