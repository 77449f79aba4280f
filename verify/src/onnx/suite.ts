import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  decodeModel,
  decodeValue,
  elementTypes,
  type Message,
  type Value,
  type ValueKind,
} from "tensorgrad/onnx";

/** Where Debian's package puts ONNX's own tests of single operators; ONNX_NODE_TESTS names another folder. */
export const suiteFolder = (): string =>
  process.env.ONNX_NODE_TESTS ?? "/usr/share/libonnx-testdata/data/node";

export const missingSuite = (folder: string): string =>
  `onnx-nodes: ${folder} — no such folder; the tests are in Debian's package libonnx-testdata ` +
  "(apt-get install libonnx-testdata), or in onnx/backend/test/data/node of the ONNX project: name its place in ONNX_NODE_TESTS";

/** One test of the suite: a model, and what it makes of some inputs. */
export interface NodeTest {
  readonly name: string;
  /** The operator it is about: of an expanded function, the function. */
  readonly operator: string;
  readonly bytes: Uint8Array;
  readonly sets: readonly { readonly inputs: readonly Value[]; readonly outputs: readonly Value[] }[];
}

/** The names of all tests, sorted. */
export function testNames(folder: string): string[] {
  if (!existsSync(folder)) throw new Error(missingSuite(folder));
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, "model.onnx")))
    .sort();
}

const model = (folder: string, name: string): Message<"Model"> =>
  decodeModel(readFileSync(join(folder, name, "model.onnx")));

/** The operator of a test; an expanded function has a test of the same name in which it is one node. */
export function operatorOf(folder: string, name: string): string {
  const whole = name.replace(/_expanded(_ver\d+)?$/, "");
  const of = whole !== name && existsSync(join(folder, whole, "model.onnx")) ? whole : name;
  const nodes = (model(folder, of).graph as Message<"Graph">).node;
  const main = nodes.find(({ opType }) => opType !== "Constant") ?? nodes[0];
  return main?.opType ?? "none";
}

export function readTest(folder: string, name: string): NodeTest {
  const bytes = readFileSync(join(folder, name, "model.onnx"));
  const graph = decodeModel(bytes).graph as Message<"Graph">;
  const sets = readdirSync(join(folder, name))
    .filter((set) => set.startsWith("test_data_set"))
    .map((set) => ({
      inputs: valuesIn(join(folder, name, set), "input", graph.input),
      outputs: valuesIn(join(folder, name, set), "output", graph.output),
    }));
  return { name, operator: operatorOf(folder, name), bytes, sets };
}

const valuesIn = (folder: string, what: string, declared: readonly Message<"ValueInfo">[]): Value[] =>
  declared.flatMap((value, i) => {
    const file = join(folder, `${what}_${i}.pb`);
    return existsSync(file) ? [asDeclared(decodeValue(readFileSync(file), kindOf(value)), value)] : [];
  });

/** numpy has no bfloat16: the suite keeps such numbers as their bits. */
function asDeclared(value: Value, { type }: Message<"ValueInfo">): Value {
  const isBits = type?.tensorType?.elemType === elementTypes.bfloat16.code;
  if (!isBits || !value || "items" in value || value.dtype !== "uint16") return value;
  const halves = value.data as Uint16Array;
  const numbers = new Float32Array(Uint32Array.from(halves, (bits) => bits << 16).buffer);
  return { dtype: "bfloat16", shape: value.shape, data: numbers };
}

function kindOf({ type }: Message<"ValueInfo">): ValueKind {
  if (type?.optionalType) return "optional";
  return type?.sequenceType ? "sequence" : "tensor";
}
