// Prints shape, dimension names and values (float32, C order, hashed) of an array as zarrita reads it.
import { createHash } from "node:crypto";
import { FileSystemStore } from "@zarrita/storage";
import * as zarr from "zarrita";

const array = await zarr.open(new FileSystemStore(process.argv[2]), { kind: "array" });
const region = await zarr.get(array);
const count = region.shape.reduce((a, b) => a * b, 1);
const values = new Float32Array(count);
const index = new Array(region.shape.length).fill(0);
for (let i = 0; i < count; i++) {
  values[i] = region.data[index.reduce((at, k, d) => at + k * region.stride[d], 0)];
  for (let d = index.length - 1; d >= 0 && ++index[d] === region.shape[d]; d--) index[d] = 0;
}
const names = array.dimensionNames ?? array.attrs["_ARRAY_DIMENSIONS"] ?? null;
const sha256 = createHash("sha256").update(new Uint8Array(values.buffer)).digest("hex");
console.log(JSON.stringify({ shape: region.shape, names, sha256 }));
