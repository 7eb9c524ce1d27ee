package org.pointwise.work.manifest;

import com.fasterxml.jackson.databind.JsonNode;

/** The field names of records. A field that occurs in several records has one name. */
final class Keys {
  // Fields of plans and outputs.
  static final String FINGERPRINT = "fingerprint";
  static final String LINEAGE = "lineage";
  static final String SHARDS = "shards";
  static final String HEADS = "heads";
  static final String LENGTHS = "lengths";

  // Fields of the metadata as it was written.
  static final String DOCUMENTS = "documents";
  static final String OBJECTS = "objects";
  static final String SHA256 = "sha256";

  // Fields of a plan.
  static final String INPUT = "input";
  static final String INPUT_FORMAT = "inputFormat";
  static final String INPUT_AXES = "inputAxes";
  static final String INPUT_TYPE = "inputType";
  static final String INPUT_SHAPE = "inputShape";
  static final String OUTPUT = "output";
  static final String PIXELS = "pixels";
  static final String BYTES_IN = "bytesIn";
  static final String BYTES_PER_TASK = "bytesPerTask";

  // Fields of the plan of a reduction.
  static final String OUTPUT_FORMAT = "outputFormat";
  static final String OUTPUT_AXES = "outputAxes";
  static final String OUTPUT_TYPE = "outputType";
  static final String COMPRESSION = "compression";
  static final String OVERFLOW = "overflow";
  static final String FILES = "files";
  static final String BYTES_OUT = "bytesOutUncompressed";
  static final String FLOPS = "flops";
  static final String TILE = "tile";
  static final String CHUNK = "chunk";
  static final String SHARD = "shard";
  static final String SHARDED = "sharded";
  static final String LINEAGE_INPUTS = "lineageInputs";

  // Fields of the plan of a moments pass.
  static final String UNITS = "units";
  static final String TILES = "tiles";
  static final String CHANNELS = "channels";
  static final String SAMPLE = "sample";
  static final String HELD_OUT = "heldOut";
  static final String HELD_OUT_BLOCKS = "heldOutBlocks";
  static final String HOLDOUT_BLOCKS = "holdoutBlocks";
  static final String SEED = "seed";
  static final String LABELS = "labels";
  static final String CLASSES = "classes";

  // Fields of an output.
  static final String STATUS = "status";
  static final String VERSION = "version";
  static final String SOURCE = "source";
  static final String SOURCE_IDENTITY = "sourceIdentity";
  static final String SOURCE_QUANTISATION = "sourceQuantisation";
  static final String SOURCE_PART = "sourcePart";
  static final String AXES = "axes";
  static final String APPENDING = "appending";

  /** Whether objects of a complete output were deleted. */
  static final String DELETED = "objectsDeleted";

  // Fields of an append.
  static final String IMAGES = "images";

  // Fields of a source.
  static final String FIRST = "first";
  static final String DIGESTS = "digests";
  static final String MAYBE_DECODED = "maybeDecoded";

  // Fields of a head.
  static final String NAME = "name";
  static final String WEIGHTS = "weights";
  static final String WEIGHTS_SHA256 = "weightsSha256";
  static final String IN_CHANNELS = "inChannels";
  static final String OUT_CHANNELS = "outChannels";
  static final String ACTIVATION = "activation";
  static final String NORMALISE = "normalise";
  static final String LAYER_ENDS = "layerEnds";
  static final String DECODER_OF = "decoderOf";

  // Fields of the meaning of stored numbers.
  static final String SCALE = "scale";
  static final String OFFSET = "offset";
  static final String NODATA = "nodata";
  static final String MISSING_CHUNKS = "missingChunks";

  // Fields of a part of an array.
  static final String ROWS = "rows";
  static final String COLUMNS = "columns";
  static final String MASK = "mask";

  // Names in version 0.1.0.
  private static final String SERIES = "series";
  private static final String SERIES_FACTS = "seriesFacts";

  private Keys() {}

  /** The {@link #LINEAGE} of a record. */
  static JsonNode lineage(JsonNode json) {
    return json.path(json.has(LINEAGE) ? LINEAGE : SERIES);
  }

  /** The {@link #LINEAGE_INPUTS} of a record. */
  static JsonNode lineageInputs(JsonNode json) {
    return json.path(json.has(LINEAGE_INPUTS) ? LINEAGE_INPUTS : SERIES_FACTS);
  }
}
