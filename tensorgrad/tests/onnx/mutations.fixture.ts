import {
  DisposedError,
  FormatError,
  HeapError,
  Random,
  randn,
  ShapeError,
  scope,
  type Tensor,
  zeros,
} from "tensorgrad";
import * as nn from "tensorgrad/nn";
import { encodeModel, exportOnnx, type ImportedModel, importOnnx } from "tensorgrad/onnx";
import { mutated } from "../mutated.fixture.ts";

/** What became of mutated files. */
export interface Outcomes {
  readonly files: number;
  /** Refused by the importer. */
  refused: number;
  /** Imported; then an operation complained, or all went well. */
  complained: number;
  ran: number;
  /** Errors that are not of our own kind: the first ones, each with its seed. */
  readonly strange: string[];
  /** Of one file, in ms. */
  longest: number;
}

/** Files to start from: layers of every family, graphs within graphs, constants of every kind. */
export function originals(): Uint8Array[] {
  using _ = scope();
  const random = new Random(7);
  const image = new nn.Sequential(
    new nn.Conv2d(2, 4, 3, { padding: 1, random }),
    new nn.BatchNorm2d(4),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(16, 3, { random }),
    new nn.Softmax(),
  );
  const text = new nn.GRU(3, 4, { random });
  return [
    exportOnnx(image, randn([2, 2, 4, 4], { random })),
    exportOnnx(text, randn([3, 2, 3], { random })),
    exportOnnx((x: Tensor) => x.topk(2, 1).values.cumsum(1).pad([1, 1]), randn([2, 5], { random })),
    choice(),
  ];
}

/** A graph that chooses between two others, and one that goes around. */
function choice(): Uint8Array {
  const value = (name: string) => ({ name });
  const branch = (opType: string) => ({
    name: opType,
    node: [{ opType, input: ["x"], output: ["out"] }],
    output: [value("out")],
  });
  const body = {
    name: "body",
    input: [value("i"), value("go"), value("v")],
    node: [
      { opType: "Identity", input: ["go"], output: ["next"] },
      { opType: "Add", input: ["v", "x"], output: ["sum"] },
    ],
    output: [value("next"), value("sum")],
  };
  const scalar = (name: string, dataType: number, more: object) => ({ name, dims: [], dataType, ...more });
  return encodeModel({
    irVersion: 8,
    opsetImport: [{ domain: "", version: 18 }],
    graph: {
      name: "choice",
      input: [{ name: "x", type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 2 }] } } } }],
      initializer: [scalar("yes", 9, { int32Data: [1] }), scalar("count", 7, { int64Data: [3] })],
      node: [
        {
          opType: "If",
          input: ["yes"],
          output: ["chosen"],
          attribute: [
            { name: "then_branch", type: 5, g: branch("Relu") },
            { name: "else_branch", type: 5, g: branch("Neg") },
          ],
        },
        {
          opType: "Loop",
          input: ["count", "yes", "chosen"],
          output: ["y"],
          attribute: [{ name: "body", type: 5, g: body }],
        },
      ],
      output: [value("y")],
    },
  });
}

/** Mutates and imports so many files, and runs those that can be. */
export function fuzz(runs: number, seed: number, { run = true }: { readonly run?: boolean } = {}): Outcomes {
  const files = originals();
  const outcomes: Outcomes = { files: runs, refused: 0, complained: 0, ran: 0, strange: [], longest: 0 };
  for (let i = 0; i < runs; i++) {
    const bytes = mutated(files[i % files.length], new Random(seed + i));
    const started = performance.now();
    try {
      outcomes[outcomeOf(bytes, run)]++;
    } catch (error) {
      if (isOurs(error)) outcomes.complained++;
      else if (outcomes.strange.length < 20) outcomes.strange.push(`seed ${seed + i}: ${String(error)}`);
    }
    outcomes.longest = Math.max(outcomes.longest, performance.now() - started);
  }
  return outcomes;
}

function outcomeOf(bytes: Uint8Array, run: boolean): "refused" | "ran" {
  using _ = scope();
  const model = imported(bytes);
  if (!model) return "refused";
  if (run) model.run(model.inputs.map(({ shape }) => zeros(sizesOf(shape))));
  return "ran";
}

/** The model, or null if it is refused as it should be. */
function imported(bytes: Uint8Array): ImportedModel | null {
  try {
    return importOnnx(bytes);
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw new Error(`import: ${String(error)}`, { cause: error });
  }
}

/** Sizes to run with, where a file may claim anything. */
export const sizesOf = (shape: readonly (number | string | null)[] | null): number[] =>
  (shape ?? [2]).map((n) => (typeof n === "number" ? Math.min(n, 64) : 2));

/** Of our own kind: our classes, and a message that names the importer. */
const isOurs = (error: unknown): boolean =>
  error instanceof Error &&
  error.message.startsWith("importOnnx") &&
  [ShapeError, HeapError, FormatError, DisposedError, TypeError, RangeError].some(
    (kind) => error instanceof kind,
  ) &&
  !/undefined|not a function|not iterable|Invalid|Cannot (read|convert|mix)|BigInt/.test(error.message);
