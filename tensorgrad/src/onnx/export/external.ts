import { type ArrayValue, dataTypes, tensorProto } from "../format/data-types.ts";
import type { MessageDraft } from "../format/schema.ts";

/** Where an exported model keeps its weights, if not in itself: in one file beside it. */
export interface ExternalData {
  /** The name of that file, in the folder of the model. */
  readonly location: string;
  /** Arrays of at least so many bytes go there (default 1,024). */
  readonly from?: number;
  /** Puts bytes at a place of that file. They are the model's own: nothing is copied, and they change with it. */
  readonly write: (bytes: Uint8Array, offset: number) => void;
}

/** Weights begin at multiples of this many bytes, so that an engine can map the file into memory. */
const PAGE = 4096;
/** Where a file of protobuf ends. */
const LIMIT = 2 ** 31 - 1;

/** Makes initializers of a model: inside the file, or beside it. */
export type Placer = (name: string, value: ArrayValue) => MessageDraft<"Tensor">;

/**
 * One array after the other, each at the beginning of a page.
 *
 * Throws    TypeError for a location that is no plain name, RangeError for weights of 2 GB and more that stay inside
 */
export function placer(external?: ExternalData): Placer {
  let [end, inside] = [0, 0];
  if (external) requireName(external.location);
  return (name, value) => {
    const { buffer, byteOffset, byteLength } = value.data;
    if (!external || byteLength < (external.from ?? 1024)) {
      inside += byteLength;
      requireRoom(inside);
      return tensorProto(name, value);
    }
    const offset = end;
    external.write(new Uint8Array(buffer, byteOffset, byteLength), offset);
    end = Math.ceil((offset + byteLength) / PAGE) * PAGE;
    const entries = { location: external.location, offset: String(offset), length: String(byteLength) };
    return {
      ...{ name, dims: value.shape, dataType: dataTypes[value.dtype], dataLocation: 1 },
      externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
    };
  };
}

function requireName(location: string): void {
  if (location !== "" && location !== "." && location !== ".." && !/[\\/:]/.test(location)) return;
  throw new TypeError(
    `exportOnnx: { externalData: { location: ${JSON.stringify(location)} } } — a plain name: the file lies beside the model`,
  );
}

/** Files of protobuf end at 2 GB. */
export function requireRoom(bytes: number): void {
  if (bytes <= LIMIT) return;
  throw new RangeError(
    `exportOnnx: weights of ${(bytes / 1e9).toFixed(1)} GB — a file of ONNX ends at 2 GB; keep them beside it: { externalData }`,
  );
}
