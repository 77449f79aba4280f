import { createHash } from "node:crypto";
import { FormatError } from "../../00-runtime/index.ts";
import { encodeTensors, layOut, type Tensors } from "./safetensors.ts";
import { type Header, readHeader } from "./safetensors-header.ts";

/** The name of the checksum among a file's metadata. */
export const CHECKSUM = "tensorgrad.checksum";

/** `encodeTensors` with a checksum among the metadata: a bit that the disk flipped does not go unnoticed. */
export function encodeChecked(
  tensors: Tensors,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const { entries, parts } = layOut(tensors);
  return encodeTensors(tensors, { ...metadata, [CHECKSUM]: checksum({ entries, metadata }, parts) });
}

/**
 * The header of a file that is as `encodeChecked` wrote it. Files without a checksum pass: older ones have none.
 *
 * Throws    FormatError for a file that is damaged
 */
export function checkedHeader(bytes: Uint8Array, call: string): Header {
  const header = readHeader(bytes, call);
  const { [CHECKSUM]: expected, ...metadata } = header.metadata;
  const found = checksum({ ...header, metadata }, [bytes.subarray(header.start)]);
  if (expected === undefined || found === expected) return header;
  throw new FormatError(
    `${call}: the content has the checksum ${found.slice(0, 12)}…, it was written with ${expected.slice(0, 12)}… — ` +
      "the file was damaged or changed since; take an earlier one",
  );
}

/** SHA-256 over all that a file says: which tensors there are, every other piece of metadata, all bytes of the tensors. */
function checksum({ entries, metadata }: Omit<Header, "start">, parts: readonly Uint8Array[]): string {
  const about = [
    ...entries.map(({ name, dtype, shape, begin, end }) => [name, dtype, shape, begin, end]),
    Object.entries(metadata).sort(),
  ];
  const hash = createHash("sha256").update(JSON.stringify(about));
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
