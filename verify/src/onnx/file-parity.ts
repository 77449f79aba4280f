import { Random, scope } from "tensorgrad";
import {
  type ArrayValue,
  type Declared,
  decodeModel,
  encodeModel,
  type HostArray,
  importOnnx,
  type Message,
  type Value,
} from "tensorgrad/onnx";
import { checked } from "tensorgrad/runtime";
import { type Agreement, agreement } from "../parity/agreement.ts";
import { OnnxSession } from "../parity/onnx-runtime.ts";

/** One result of the graph in both engines, each fed with its own. */
export interface FileNode {
  readonly name: string;
  readonly operator: string;
  readonly accumulated: Agreement;
  /** It differs although everything that it reads agrees. */
  readonly diverges: boolean;
}

/** How far our results for a file are from ONNX Runtime's, and which node differs first. */
export interface FileParity {
  readonly passed: boolean;
  readonly opset: number;
  readonly nodes: readonly FileNode[];
  readonly firstDivergence: string | null;
  /** Of the outputs: ours against theirs, and both against ours in float64. */
  readonly outputs: Readonly<
    Record<string, { readonly between: Agreement; readonly ours: Agreement; readonly theirs: Agreement }>
  >;
  readonly seconds: { readonly import: number; readonly ours: number; readonly theirs: number };
}

/** Options of `fileParity`. */
export interface FileParityOptions {
  /** By name; those that are missing are drawn. */
  readonly inputs?: Readonly<Record<string, HostArray>>;
  /** Shapes of inputs that are drawn, where the file leaves sizes open. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  readonly seed?: number;
  /** Of the largest difference, relative to the largest element above 1. */
  readonly tolerance?: number;
}

/** Sizes that the file leaves open: one image, one sequence, of this many pixels or steps. */
const OPEN = 32;

/** Numbers for an input that nobody gave: normal floats, small whole numbers. */
function drawn(
  { name, dtype, shape }: Declared,
  given: readonly number[] | undefined,
  random: Random,
): HostArray {
  if (!shape && !given)
    throw new TypeError(
      `parity: input "${name}" has no shape in the file — give it: --shape ${name}=1,3,32,32`,
    );
  const sizes = given ?? (shape ?? []).map((n, d) => (typeof n === "number" ? n : d === 0 ? 1 : OPEN));
  const size = sizes.reduce((product, n) => product * n, 1);
  const whole = () => Math.floor(random.uniform() * 4);
  if (dtype === "float64")
    return { dtype, shape: sizes, data: Float64Array.from({ length: size }, () => random.normal()) };
  if (dtype === "int64")
    return { dtype, shape: sizes, data: BigInt64Array.from({ length: size }, () => BigInt(whole())) };
  if (dtype === "int32") return { dtype, shape: sizes, data: Int32Array.from({ length: size }, whole) };
  if (dtype === "bool" || dtype === "uint8")
    return { dtype, shape: sizes, data: Uint8Array.from({ length: size }, () => whole() % 2) };
  if (dtype !== "float32" && dtype !== null)
    throw new TypeError(`parity: input "${name}" of ${dtype} — give it in --inputs`);
  return { dtype: "float32", shape: sizes, data: Float32Array.from({ length: size }, () => random.normal()) };
}

const asArray = (value: Value): ArrayValue | null =>
  value && !("items" in value) && !["string", "float16", "bfloat16"].includes(value.dtype)
    ? ({ dtype: value.dtype, shape: value.shape, data: value.data.slice() } as ArrayValue)
    : null;

/** Runs a file here and in ONNX Runtime, and compares every result of its graph. */
export async function fileParity(bytes: Uint8Array, options: FileParityOptions = {}): Promise<FileParity> {
  const {
    inputs = {},
    shapes = {},
    seed = 1,
    tolerance = 1e-4,
  } = checked("fileParity", options, ["inputs", "shapes", "seed", "tolerance"]);
  const started = performance.now();
  const model = importOnnx(bytes);
  const importSeconds = (performance.now() - started) / 1000;
  const random = new Random(seed);
  const feeds = Object.fromEntries(
    model.inputs.map((input) => [input.name, inputs[input.name] ?? drawn(input, shapes[input.name], random)]),
  );
  const proto = decodeModel(bytes);
  const ours = new Map<string, ArrayValue>();
  const begun = performance.now();
  {
    using _step = scope();
    model.trace(feeds, (name, value) => {
      const array = asArray(value);
      if (array) ours.set(name, array);
    });
  }
  const ourSeconds = (performance.now() - begun) / 1000;
  const asked = performance.now();
  const theirs = await everyResult(proto, feeds);
  const theirSeconds = (performance.now() - asked) / 1000;
  const truth = inFloat64(bytes, feeds);
  const nodes = nodesOf(proto, ours, theirs, tolerance);
  const outputs = Object.fromEntries(
    model.outputs.flatMap(({ name }) => {
      const [a, b, t] = [ours.get(name), theirs[name], truth[name]];
      if (!a || !b || !t) return [];
      return [[name, { between: agreement(a, b), ours: agreement(a, t), theirs: agreement(b, t) }]];
    }),
  );
  const differing = nodes.find(({ diverges }) => diverges);
  return {
    passed: Object.entries(outputs).every(([name, { between }]) =>
      near(between, ours.get(name) as ArrayValue, tolerance),
    ),
    opset: Number(proto.opsetImport.find(({ domain = "" }) => domain === "")?.version ?? 0),
    nodes,
    firstDivergence: differing?.name ?? null,
    outputs,
    seconds: { import: importSeconds, ours: ourSeconds, theirs: theirSeconds },
  };
}

function near({ maxAbs }: Agreement, { data }: ArrayValue, tolerance: number): boolean {
  let largest = 1;
  for (const x of data) largest = Math.max(largest, Number.isFinite(Number(x)) ? Math.abs(Number(x)) : 1);
  return maxAbs <= tolerance * largest;
}

/** The model with every result of its main graph as an output. */
async function everyResult(proto: Message<"Model">, feeds: Readonly<Record<string, HostArray>>) {
  const graph = proto.graph as Message<"Graph">;
  const known = new Set(graph.output.map(({ name }) => name));
  const names = graph.node.flatMap(({ output }) => output).filter((name) => name !== "" && !known.has(name));
  const opened = {
    ...proto,
    graph: { ...graph, output: [...graph.output, ...names.map((name) => ({ name }))] },
  };
  await using session = await OnnxSession.open(encodeModel(opened as Message<"Model">));
  return await session.fetch(feeds as Readonly<Record<string, ArrayValue>>);
}

/** Our outputs once more, with every float of weights and inputs in float64. */
function inFloat64(
  bytes: Uint8Array,
  feeds: Readonly<Record<string, HostArray>>,
): Record<string, ArrayValue> {
  using _step = scope();
  const wide = Object.fromEntries(
    Object.entries(feeds).map(([name, x]) => [
      name,
      x.dtype === "float32"
        ? { ...x, dtype: "float64" as const, data: Float64Array.from(x.data as Float32Array) }
        : x,
    ]),
  );
  const results = importOnnx(bytes).to("float64").run(wide);
  return Object.fromEntries(
    Object.entries(results).flatMap(([name, value]) => {
      const array = asArray(value);
      return array ? [[name, array]] : [];
    }),
  );
}

function nodesOf(
  proto: Message<"Model">,
  ours: ReadonlyMap<string, ArrayValue>,
  theirs: Readonly<Record<string, ArrayValue>>,
  tolerance: number,
): FileNode[] {
  const differs = new Set<string>();
  return (proto.graph as Message<"Graph">).node.flatMap((node): FileNode[] =>
    node.output.flatMap((name) => {
      const [a, b] = [ours.get(name), theirs[name]];
      if (!a || !b) return [];
      const sameSize = a.data.length === b.data.length;
      const accumulated = sameSize ? agreement(a, b) : null;
      const agrees = accumulated !== null && near(accumulated, a, tolerance);
      if (!agrees) differs.add(name);
      return [
        {
          name,
          operator: node.opType ?? "",
          accumulated: accumulated ?? {
            size: 0,
            maxAbs: Infinity,
            maxRel: Infinity,
            maxUlp: Infinity,
            medianUlp: Infinity,
            worst: null,
          },
          diverges: !agrees && !node.input.some((input) => differs.has(input)),
        },
      ];
    }),
  );
}
