/**
 * A matrix product as an ONNX model: one node, Gemm, whose inputs have any sizes. Written byte by byte, because module 00 is below
 * `onnx/`, which knows the whole format: a message is a list of fields, a field its number, its length, and its content.
 */
export function gemmModel(transA: boolean, transB: boolean, accumulate: boolean): Uint8Array {
  const inputs = accumulate ? ["A", "B", "C"] : ["A", "B"];
  const node =
    inputs.map((name) => field(1, name)).join("") +
    field(2, "Y") +
    field(4, "Gemm") +
    field(5, flag("transA", transA)) +
    field(5, flag("transB", transB));
  const graph =
    field(1, node) +
    field(2, "gemm") +
    inputs.map((name) => field(11, matrix(name))).join("") +
    field(12, matrix("Y"));
  const opset = number(2, 13);
  const model = number(1, 8) + field(7, graph) + field(8, opset);
  return Uint8Array.from(model, (letter) => letter.charCodeAt(0));
}

/** An attribute: its name, its value (field 3) and that it is a whole number (field 20). */
const flag = (name: string, value: boolean): string =>
  field(1, name) + number(3, Number(value)) + number(20, 2);

/** A float32 matrix with two sizes that are not said. */
const matrix = (name: string): string =>
  field(1, name) + field(2, field(1, number(1, 1) + field(2, field(1, "") + field(1, ""))));

const field = (id: number, content: string): string =>
  varint((id << 3) | 2) + varint(content.length) + content;
const number = (id: number, value: number): string => varint(id << 3) + varint(value);

/** Seven bits a byte, the lowest first; the eighth says that more follow. */
const varint = (value: number): string =>
  value < 128 ? String.fromCharCode(value) : String.fromCharCode((value & 127) | 128) + varint(value >>> 7);
