import { expectArgument, FormatError } from "../../00-runtime/index.ts";
import type { Message } from "../format/schema.ts";
import { hostArrayOf } from "../format/tensor-proto.ts";
import { decode } from "../format/wire.ts";
import type { Value } from "./values.ts";

/** What a file of test data holds: the type of the input or output says which. */
export type ValueKind = "tensor" | "sequence" | "optional";

/**
 * Reads a file of one value, as ONNX's own test suites keep inputs and outputs (`input_0.pb`).
 *
 * Throws    FormatError if the bytes are no such value
 */
export function decodeValue(bytes: Uint8Array, kind: ValueKind = "tensor"): Value {
  expectArgument((bytes as unknown) instanceof Uint8Array, "decodeValue", "bytes", bytes, "a Uint8Array");
  try {
    if (kind === "tensor") return hostArrayOf(decode("Tensor", bytes), "decodeValue: tensor");
    return kind === "sequence" ? sequence(decode("Sequence", bytes)) : optional(decode("Optional", bytes));
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw new FormatError(`decodeValue: ${bytes.length} bytes — no ${kind} of ONNX`, { cause });
  }
}

const sequence = ({ tensorValues, sequenceValues, optionalValues }: Message<"Sequence">): Value => ({
  items: [
    ...tensorValues.map((proto) => hostArrayOf(proto, "decodeValue: tensor")),
    ...sequenceValues.map(sequence),
    ...optionalValues.map(optional),
  ],
});

function optional({ tensorValue, sequenceValue }: Message<"Optional">): Value {
  if (tensorValue) return hostArrayOf(tensorValue, "decodeValue: tensor");
  return sequenceValue ? sequence(sequenceValue) : null;
}
