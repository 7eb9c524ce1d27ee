package org.pointwise.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The content of the metadata of an output.
 *
 * @param arrays the arrays of the output
 * @param records the record of each array, stored as its attribute {@code pointwise}; empty if
 *     nothing is recorded
 * @param record the record of the whole output, stored as the same attribute of its group; null if
 *     nothing is recorded
 * @param imageNames the names of the files that hold the images; empty if the images are not files
 * @param companions the companions of the input
 * @param complete whether all objects are stored
 */
public record OutputDescription(
    List<OutputTarget> arrays,
    List<ObjectNode> records,
    @Nullable ObjectNode record,
    List<String> imageNames,
    Companions companions,
    boolean complete) {}
